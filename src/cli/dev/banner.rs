//! What `grantor dev` prints.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::super::output::table;
use super::super::running::Ready;
use super::demo::{Demo, DemoOrganization};
use crate::crypto::digest::sha256;
use crate::crypto::random;
use crate::protocol::endpoints;

/// Nobody listens there: the code stays in the browser's address bar.
const CALLBACK_PORT: u16 = 7777;

/// Prints it.
pub fn print(running: &Ready<'_>, demo: &Demo) {
    println!("{}", text(running, demo));
}

fn text(running: &Ready<'_>, demo: &Demo) -> String {
    let issuer = &running.app.issuer;
    let users: Vec<Vec<String>> = demo
        .users
        .iter()
        .map(|user| {
            let role = if user.administrator { "administrator" } else { "" };
            vec![user.login.to_owned(), user.password.to_owned(), role.to_owned()]
        })
        .collect();
    let clients: Vec<Vec<String>> = demo
        .clients
        .iter()
        .map(|client| {
            let secret = client.client_secret.clone().unwrap_or_else(|| "(public: none)".to_owned());
            vec![client.name.clone(), client.client_id.clone(), secret]
        })
        .collect();
    let metrics = match running.operations {
        Some(address) => format!("  metrics      http://{address}/metrics\n"),
        None => String::new(),
    };
    format!(
        "\n  grantor is ready: {issuer}\n\n\
         \x20 playground   {}\n\
         \x20 mailbox      {}\n\
         \x20 metadata     {}{}\n\
         {metrics}\n\
         {}\n{}\n{}\n{}\n\
         \x20 For this machine only; every password here is known to all. Ctrl-C stops it.\n",
        issuer.endpoint("/playground"),
        issuer.endpoint("/mailbox"),
        issuer.origin(),
        issuer.well_known_inserted("oauth-authorization-server"),
        indented(&table(&["USER", "PASSWORD", ""], &users)),
        indented(&table(&["CLIENT", "CLIENT_ID", "CLIENT_SECRET"], &clients)),
        organizations(running, demo),
        link(running, demo).unwrap_or_default(),
    )
}

/// Where to see single sign-on at work.
fn organizations(running: &Ready<'_>, demo: &Demo) -> String {
    let line = |organization: &DemoOrganization| {
        let page = running.app.issuer.endpoint(&format!("/login/{}", organization.slug));
        let [(linked, _), (unlinked, _)] = organization.members;
        format!("  {:<12} {page}   single sign-on; {linked} is linked, {unlinked} is not yet\n", organization.slug)
    };
    demo.organizations.iter().map(line).collect()
}

/// One ready authorization request, and what to do with its code.
fn link(running: &Ready<'_>, demo: &Demo) -> Option<String> {
    let client = demo.client("web")?;
    let issuer = &running.app.issuer;
    let callback = client.redirect_uris.first()?.replacen("/callback", &format!(":{CALLBACK_PORT}/callback"), 1);
    let verifier = random::url_safe_text(32);
    let challenge = URL_SAFE_NO_PAD.encode(sha256(&[verifier.as_bytes()]));
    let scope = client.scopes.iter().filter(|scope| scope.ends_with(":read")).take(2).cloned().collect::<Vec<_>>();
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("response_type", "code")
        .append_pair("client_id", &client.client_id)
        .append_pair("redirect_uri", &callback)
        .append_pair("scope", &scope.join(" "))
        .append_pair("state", "demo")
        .append_pair("code_challenge", &challenge)
        .append_pair("code_challenge_method", "S256")
        .finish();
    Some(format!(
        "  Open this link, sign in, allow; the browser ends at {callback}?code=..\n\n    {}?{query}\n\n\
         \x20 Then, within {} seconds (nobody listens at that address: copy the code from the address bar):\n\n    \
         curl {} -u {}:{} \\\n      -d grant_type=authorization_code -d redirect_uri={callback} \\\n      \
         -d code_verifier={verifier} -d code=CODE\n",
        issuer.endpoint(endpoints::AUTHORIZATION),
        running.app.config.tokens.code_lifetime,
        issuer.endpoint(endpoints::TOKEN),
        client.client_id,
        client.client_secret.as_deref()?,
    ))
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("  {line}\n")).collect()
}
