//! Standard claims as JSON (OpenID Connect Core section 5.1).

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::protocol::standard_claims::{Address, StandardClaims};

/// What applications may be told of a person who allows it. What nobody said is absent; null says nothing either.
#[derive(Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Claims {
    /// Given names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub given_name: Option<String>,
    /// Surnames.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub family_name: Option<String>,
    /// Middle names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub middle_name: Option<String>,
    /// Casual name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nickname: Option<String>,
    /// https URL of a page about the person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// https URL of a picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub picture: Option<String>,
    /// https URL of the person's own page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub website: Option<String>,
    /// Free text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gender: Option<String>,
    /// `YYYY-MM-DD`, `0000-MM-DD` or `YYYY`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub birthdate: Option<String>,
    /// A name of the time zone database.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zoneinfo: Option<String>,
    /// Language tag, such as `en-GB`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
    /// With its country, such as `+442079460000`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone_number: Option<String>,
    /// Postal address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<PostalAddress>,
}

/// A postal address.
#[derive(Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PostalAddress {
    /// The whole of it, in one line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub formatted: Option<String>,
    /// Street, number, box.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub street_address: Option<String>,
    /// City.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locality: Option<String>,
    /// State, province, prefecture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Postal code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub postal_code: Option<String>,
    /// Country.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
}

impl From<&StandardClaims> for Claims {
    fn from(said: &StandardClaims) -> Claims {
        let said = said.clone();
        Claims {
            given_name: said.given_name,
            family_name: said.family_name,
            middle_name: said.middle_name,
            nickname: said.nickname,
            profile: said.profile,
            picture: said.picture,
            website: said.website,
            gender: said.gender,
            birthdate: said.birthdate,
            zoneinfo: said.zoneinfo,
            locale: said.locale,
            phone_number: said.phone_number,
            address: said.address.map(|address| PostalAddress {
                formatted: address.formatted,
                street_address: address.street_address,
                locality: address.locality,
                region: address.region,
                postal_code: address.postal_code,
                country: address.country,
            }),
        }
    }
}

impl From<Claims> for StandardClaims {
    fn from(said: Claims) -> StandardClaims {
        StandardClaims {
            given_name: said.given_name,
            family_name: said.family_name,
            middle_name: said.middle_name,
            nickname: said.nickname,
            profile: said.profile,
            picture: said.picture,
            website: said.website,
            gender: said.gender,
            birthdate: said.birthdate,
            zoneinfo: said.zoneinfo,
            locale: said.locale,
            phone_number: said.phone_number,
            address: said.address.map(|address| Address {
                formatted: address.formatted,
                street_address: address.street_address,
                locality: address.locality,
                region: address.region,
                postal_code: address.postal_code,
                country: address.country,
            }),
            updated_at: None,
        }
    }
}
