//! `GET /v1/organizations/me`: whose key this is.

use serde::Deserialize;

use super::call::Call;
use super::error::Error;
use super::reader::Reader;
use super::row::Row;

/// The organization that the admin key belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Organization {
    /// A UUID.
    pub id: String,
    /// What its people call it.
    pub name: String,
}

impl Row for Organization {
    const TYPE: &'static str = "organization";

    fn id(&self) -> &str {
        &self.id
    }
}

impl Reader {
    /// The organization of the key. The cheapest call there is: it shows that the key works, and whose it is.
    ///
    /// # Errors
    ///
    /// Any [`Error`] of a look.
    pub async fn organization(&self) -> Result<Organization, Error> {
        self.http.object(&Call::get("the organization", &["me"])).await.map(|answer| answer.value)
    }
}
