//! stub
use super::params::Params; use super::error::OAuthError; use super::prompt::PromptSet;
pub struct RawAuthorizationRequest { pub response_type:Option<String>, pub response_mode:Option<String>, pub scope:Option<String>, pub code_challenge:Option<String>, pub code_challenge_method:Option<String> }
impl RawAuthorizationRequest { pub fn from_params(_p:&Params)->Result<Self,OAuthError>{unreachable!()} }
#[derive(Clone)] pub struct AuthorizationRequest { pub login_hint:Option<String>, pub state:Option<String>, pub prompt:PromptSet, pub max_age:Option<i64>, pub force_prompt:bool }
impl AuthorizationRequest { pub fn from_raw(_r:&RawAuthorizationRequest)->Result<Self,OAuthError>{unreachable!()} }
