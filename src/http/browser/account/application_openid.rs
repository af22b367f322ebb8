//! What an application registers as an OpenID Connect client, as fields of its form.

use serde_json::{Map, Value};

use crate::flows::applications::ClientRow;
use crate::http::pages::Input;
use crate::http::pages::account::OpenIdInputs;
use crate::protocol::params::Params;
use crate::protocol::registered_metadata::{RegisteredMetadata, SubjectType};

/// Members with a field, each a list of entries with spaces between them or one text.
pub const FIELDS: [&str; 6] = [
    "post_logout_redirect_uris",
    "frontchannel_logout_uri",
    "backchannel_logout_uri",
    "initiate_login_uri",
    "jwks_uri",
    "subject_type",
];

/// The fields as typed.
#[derive(Default)]
pub struct Typed([String; 5], bool);

impl Typed {
    /// As sent.
    pub fn of(params: &Params) -> Typed {
        let field = |name: &str| params.once_even_empty(name).ok().flatten().unwrap_or_default().to_owned();
        let [a, b, c, d, e, pairwise] = FIELDS;
        Typed([a, b, c, d, e].map(field), field(pairwise) == SubjectType::Pairwise.as_str())
    }

    /// As registered.
    pub fn of_row(row: &ClientRow) -> Typed {
        let registered = &row.metadata.0;
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let texts = [
            registered.post_logout_redirect_uris.join(" "),
            text(&registered.frontchannel_logout_uri),
            text(&registered.backchannel_logout_uri),
            text(&registered.initiate_login_uri),
            text(&registered.jwks_uri),
        ];
        Typed(texts, registered.subject_type == Some(SubjectType::Pairwise))
    }

    /// What the flows are told; an empty field takes the member away.
    pub fn members(&self) -> Map<String, Value> {
        let mut members = Map::new();
        for (name, text) in FIELDS.iter().zip(&self.0) {
            let text = text.trim();
            let value = match *name {
                _ if text.is_empty() => Value::Null,
                "post_logout_redirect_uris" => text.split_whitespace().collect(),
                _ => text.into(),
            };
            members.insert((*name).to_owned(), value);
        }
        let subject = if self.1 { SubjectType::Pairwise.as_str().into() } else { Value::Null };
        members.insert("subject_type".to_owned(), subject);
        members
    }

    /// For the page; `fault` is what is wrong with a member.
    pub fn inputs(&self, fault: impl Fn(&str) -> Option<String>) -> OpenIdInputs {
        let [a, b, c, d, e, subject] = FIELDS;
        let input = |name: &str, at: usize| Input { value: self.0[at].clone(), error: fault(name) };
        let any = |texts: &[String; 5]| texts.iter().any(|text| !text.is_empty());
        let names = || RegisteredMetadata::NAMES.into_iter();
        OpenIdInputs {
            open: any(&self.0) || self.1 || names().any(|name| fault(name).is_some()),
            post_logout_redirect_uris: input(a, 0),
            frontchannel_logout_uri: input(b, 1),
            backchannel_logout_uri: input(c, 2),
            initiate_login_uri: input(d, 3),
            jwks_uri: input(e, 4),
            pairwise: self.1,
            subject_fault: fault(subject).or_else(|| fault("sector_identifier_uri")),
        }
    }
}
