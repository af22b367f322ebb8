//! The shape of the code, read from the source: who may use whom, what is said in one room only, how long a file is.

mod imports;
mod migrations;
mod rooms;
mod rows;
mod rows_api;
mod rows_logout;
mod rows_mail;
mod rows_openid;
mod rows_organizations;
mod rows_sso;
mod sources;
