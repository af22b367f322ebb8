//! `/account/details`: what applications may be told of a person who allows it.

use actix_web::http::StatusCode;
use actix_web::{Error, HttpResponse, web};

use super::{done, failed};
use crate::flows::audit::Actor;
use crate::flows::people::{PersonRefusal, UserRow, claims};
use crate::flows::session::SignedIn;
use crate::http::answer::page::{Forms, page, redirect};
use crate::http::api::claims::Claims;
use crate::http::api::entity;
use crate::http::browser::faults::{CHANGED_MEANWHILE, input};
use crate::http::browser::signed_in::require;
use crate::http::pages::Hidden;
use crate::http::pages::account::{Detail, DetailGroup, DetailsPage};
use crate::http::visit::Visit;
use crate::protocol::params::Params;
use crate::protocol::standard_claims::{Address, StandardClaims};

/// Below the issuer.
pub const PATH: &str = "/account/details";

/// The hidden field that says what the form was filled with.
const SEEN: &str = "seen";

/// An input: its name, what it is called, and what to write.
type Field = (&'static str, &'static str, &'static str);

const NAMES: [Field; 4] = [
    ("given_name", "Given names", "What your family and friends call you by, or several of it."),
    ("middle_name", "Middle names", ""),
    ("family_name", "Family names", ""),
    ("nickname", "Nickname", ""),
];
const PERSON: [Field; 5] = [
    ("gender", "Gender", "In your own words."),
    ("birthdate", "Date of birth", "Such as 1815-12-10; a year alone, or 0000-12-10 without it, is fine."),
    (
        "phone_number",
        "Telephone number",
        "With its country, such as +44 20 7946 0000. Nobody here checks that it is yours.",
    ),
    ("zoneinfo", "Time zone", "Such as Europe/London."),
    ("locale", "Language", "Such as en-GB."),
];
const ADDRESS: [Field; 6] = [
    ("street_address", "Street", "With number, box, floor."),
    ("postal_code", "Postal code", ""),
    ("locality", "City", ""),
    ("region", "State or region", ""),
    ("country", "Country", ""),
    ("formatted", "Whole address", "In one line, where the parts above do not tell it."),
];
const PAGES: [Field; 3] = [
    ("profile", "Page about you", "Begins with https://."),
    ("picture", "Picture of you", "The address of an image, which begins with https://."),
    ("website", "Your website", "Begins with https://."),
];

/// GET.
///
/// # Errors
/// A page.
pub async fn get(visit: Visit) -> Result<HttpResponse, Error> {
    let who = require(&visit)?;
    let params = visit.query()?;
    let shown =
        DetailsPage { done: done(&params, &[("saved", "Saved.")]), ..shown(&visit, who, &who.user.claims.0, None) };
    Ok(page(&visit, StatusCode::OK, Forms::Here, &shown))
}

/// POST: all of it as it stands in the form.
///
/// # Errors
/// A page.
pub async fn post(visit: Visit, payload: web::Payload) -> Result<HttpResponse, Error> {
    let params = visit.form(payload).await?;
    let who = require(&visit)?;
    let typed = typed(&params);
    // Made for what was there: sent as it is, it would take back what was said meanwhile.
    let stale = params.once(SEEN).ok().flatten() != Some(tag(&who.user).as_str());
    let said = match stale {
        true => Err(PersonRefusal::Changed),
        false => claims::say(&visit.app, Some(&visit.caller), Actor::User(&who.user), &who.user, typed.clone()).await,
    };
    match said {
        Ok(_) => Ok(redirect(&visit, &visit.own(&format!("{PATH}?done=saved")))),
        Err(PersonRefusal::Unavailable(error)) => Err(failed(&visit, error)),
        Err(PersonRefusal::Changed) => {
            let error = Some(CHANGED_MEANWHILE.to_owned());
            let shown = DetailsPage { error, ..shown(&visit, who, &who.user.claims.0, None) };
            Ok(page(&visit, StatusCode::CONFLICT, Forms::Here, &shown))
        }
        Err(refusal) => {
            let shown = shown(&visit, who, &typed, Some(&refusal));
            Ok(page(&visit, StatusCode::BAD_REQUEST, Forms::Here, &shown))
        }
    }
}

fn tag(user: &UserRow) -> String {
    entity::tag(&Claims::from(&user.claims.0))
}

fn typed(params: &Params) -> StandardClaims {
    let field = |name| params.once(name).ok().flatten().map(str::to_owned);
    StandardClaims {
        given_name: field("given_name"),
        family_name: field("family_name"),
        middle_name: field("middle_name"),
        nickname: field("nickname"),
        profile: field("profile"),
        picture: field("picture"),
        website: field("website"),
        gender: field("gender"),
        birthdate: field("birthdate"),
        zoneinfo: field("zoneinfo"),
        locale: field("locale"),
        phone_number: field("phone_number"),
        address: Some(Address {
            formatted: field("formatted"),
            street_address: field("street_address"),
            locality: field("locality"),
            region: field("region"),
            postal_code: field("postal_code"),
            country: field("country"),
        }),
        updated_at: None,
    }
}

fn said<'a>(claims: &'a StandardClaims, name: &str) -> &'a str {
    let address = claims.address.as_ref();
    let value = match name {
        "given_name" => claims.given_name.as_deref(),
        "family_name" => claims.family_name.as_deref(),
        "middle_name" => claims.middle_name.as_deref(),
        "nickname" => claims.nickname.as_deref(),
        "profile" => claims.profile.as_deref(),
        "picture" => claims.picture.as_deref(),
        "website" => claims.website.as_deref(),
        "gender" => claims.gender.as_deref(),
        "birthdate" => claims.birthdate.as_deref(),
        "zoneinfo" => claims.zoneinfo.as_deref(),
        "locale" => claims.locale.as_deref(),
        "phone_number" => claims.phone_number.as_deref(),
        "formatted" => address.and_then(|address| address.formatted.as_deref()),
        "street_address" => address.and_then(|address| address.street_address.as_deref()),
        "locality" => address.and_then(|address| address.locality.as_deref()),
        "region" => address.and_then(|address| address.region.as_deref()),
        "postal_code" => address.and_then(|address| address.postal_code.as_deref()),
        "country" => address.and_then(|address| address.country.as_deref()),
        _ => None,
    };
    value.unwrap_or_default()
}

fn shown(visit: &Visit, who: &SignedIn, claims: &StandardClaims, refusal: Option<&PersonRefusal>) -> DetailsPage {
    let wrong = match refusal {
        Some(PersonRefusal::Claim(refusal)) => Some(refusal),
        _ => None,
    };
    let group = |title: &str, fields: &[Field]| DetailGroup {
        title: title.to_owned(),
        fields: fields
            .iter()
            .map(|(name, label, hint)| {
                let fault = wrong.filter(|refusal| refusal.claim == *name).map(ToString::to_string);
                Detail {
                    id: name.replace('_', "-"),
                    name: (*name).to_owned(),
                    label: (*label).to_owned(),
                    hint: (*hint).to_owned(),
                    // Lines said by other ways (OpenID Connect Core section 5.1.1): browsers would run them together.
                    input: input(&said(claims, name).replace('\n', ", "), fault),
                }
            })
            .collect(),
    };
    DetailsPage {
        frame: visit.frame(),
        action: visit.own(PATH),
        csrf_token: visit.csrf_token(),
        carried: vec![Hidden::new(SEEN, tag(&who.user))],
        managed: who.user.managed_by.map(|_| PersonRefusal::Managed.to_string()),
        error: refusal.filter(|_| wrong.is_none()).map(ToString::to_string),
        groups: vec![
            group("Names", &NAMES),
            group("You", &PERSON),
            group("Postal address", &ADDRESS),
            group("On the web", &PAGES),
        ],
        done: None,
    }
}
