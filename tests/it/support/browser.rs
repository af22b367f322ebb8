//! A browser: it keeps cookies and sends them, tells where it stands, and follows nothing by itself.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::db_shortcuts::Person;
use super::page::{Form, Page};
use super::test_app::Shared;

pub struct Browser {
    shared: Arc<Shared>,
    cookies: Mutex<BTreeMap<String, String>>,
    address: Option<String>,
}

impl Browser {
    pub fn new(shared: &Arc<Shared>) -> Browser {
        Browser { shared: Arc::clone(shared), cookies: Mutex::default(), address: None }
    }

    /// A browser behind a proxy that says so.
    pub fn behind_proxy(shared: &Arc<Shared>, address: &str) -> Browser {
        Browser { address: Some(address.to_owned()), ..Browser::new(shared) }
    }

    /// A copy of its cookies, in another browser.
    pub fn cloned(&self) -> Browser {
        let cookies = Mutex::new(self.cookies());
        Browser { shared: Arc::clone(&self.shared), cookies, address: self.address.clone() }
    }

    pub fn cookies(&self) -> BTreeMap<String, String> {
        self.cookies.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub fn set_cookie(&self, name: &str, value: &str) {
        self.cookies.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), value.to_owned());
    }

    /// The session cookie, if it has one.
    pub fn session(&self) -> Option<String> {
        self.cookies().into_values().find(|value| value.starts_with("gss_"))
    }

    pub async fn get(&self, url: &str) -> Page {
        let url = self.shared.url(url);
        self.send(self.shared.http.get(&url)).await
    }

    /// Presses a button after typing into its form.
    pub async fn submit(&self, page: &Page, button: &str, values: &[(&str, &str)]) -> Page {
        self.post(page.form(button).with(values)).await
    }

    /// Sends a form as browsers do.
    pub async fn post(&self, form: Form) -> Page {
        let url = self.shared.url(&form.action);
        let request = self
            .shared
            .http
            .post(&url)
            .header("Origin", self.shared.issuer.as_str())
            .header("Sec-Fetch-Site", "same-origin")
            .form(&form.fields);
        self.send(request).await
    }

    /// Sends any request with this browser's cookies.
    pub async fn send(&self, mut request: reqwest::RequestBuilder) -> Page {
        let cookies = self.cookies();
        if !cookies.is_empty() {
            let pairs: Vec<String> = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            request = request.header("Cookie", pairs.join("; "));
        }
        if let Some(address) = &self.address {
            request = request.header("X-Forwarded-For", address.as_str());
        }
        let answer = self.shared.send(request.header("User-Agent", "Browser/1.0 (test)")).await;
        for line in answer.all("set-cookie") {
            self.keep(line);
        }
        let page = Page::new(answer);
        for value in page.attributes("input[name=csrf_token]", "value") {
            self.shared.secrets.saw(&value);
        }
        page
    }

    fn keep(&self, line: &str) {
        let mut parts = line.split(';').map(str::trim);
        let (name, value) = parts.next().and_then(|pair| pair.split_once('=')).expect("a cookie");
        let gone = parts.any(|part| part.eq_ignore_ascii_case("max-age=0"));
        let mut cookies = self.cookies.lock().unwrap_or_else(PoisonError::into_inner);
        if gone || value.is_empty() {
            cookies.remove(name);
        } else {
            self.shared.secrets.saw(value);
            cookies.insert(name.to_owned(), value.to_owned());
        }
    }

    /// Opens a page that may want a sign-in first, signs in, and goes where that leads.
    pub async fn open_as(&self, person: &Person, url: &str) -> Page {
        let page = self.get(url).await;
        let after = self.sign_in_on(&page, person).await;
        assert_eq!(after.status, 303, "{}", after.body);
        self.get(after.location()).await
    }

    /// Fills in the sign-in form of a page.
    pub async fn sign_in_on(&self, page: &Page, person: &Person) -> Page {
        let typed = [("username", person.login.as_str()), ("password", person.password.as_str())];
        self.submit(page, "login-submit", &typed).await
    }

    /// Signs in at the front door.
    pub async fn sign_in(&self, person: &Person) {
        let page = self.get("/login").await;
        let after = self.sign_in_on(&page, person).await;
        assert_eq!(after.status, 303, "{}", after.body);
        assert!(self.session().is_some(), "a session cookie");
    }

    /// Allows on a consent page; an answer that is no page stays as it is.
    pub async fn allow(&self, page: Page) -> Page {
        match page.has("#consent-allow") {
            true => self.submit(&page, "consent-allow", &[]).await,
            false => page,
        }
    }
}
