//! The client for what an Admin key is refused: service accounts, federation issuers and rules.
//!
//! It is let in by an OAuth token with the scope `org:admin`, of an admin who is there: it lives for minutes, opens the whole
//! organization, and is forgotten with the client. What it can do stands with each resource.

use std::fmt;
use std::sync::Arc;

use reqwest::header::{AUTHORIZATION, HeaderValue};
use secrecy::{ExposeSecret, SecretString};

use super::call::Call;
use super::connect::{Settings, line};
use super::error::Error;
use super::http::Http;
use super::organization::Organization;
use super::time::Time;

/// Looks at and changes service accounts, federation issuers and rules.
pub struct Federation {
    pub(super) http: Http,
}

impl Federation {
    /// Connects with `settings.key`, a token with the scope `org:admin`. Nothing is sent yet.
    ///
    /// # Errors
    ///
    /// [`Error::Settings`], which names what is wrong and quotes nothing.
    #[expect(clippy::needless_pass_by_value, reason = "whoever connects shall not keep the token")]
    pub fn connect(settings: Settings, time: Arc<dyn Time>) -> Result<Self, Error> {
        let token = bearer(&settings.key)?;
        Ok(Self { http: line(&settings, Some((AUTHORIZATION, token)), time)? })
    }

    /// Whose the token is: the organization that it opens.
    ///
    /// # Errors
    ///
    /// Any [`Error`] of a look.
    pub async fn organization(&self) -> Result<Organization, Error> {
        self.http.object(&Call::get("the organization", &["me"])).await.map(|answer| answer.value)
    }
}

impl fmt::Debug for Federation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Federation").field("origin", &self.http.origin()).finish_non_exhaustive()
    }
}

/// `Bearer …`, built in a buffer of its own size, so that no half of it is left behind.
fn bearer(token: &SecretString) -> Result<HeaderValue, Error> {
    let token = token.expose_secret();
    if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Error::Settings("the token must be one word of plain characters"));
    }
    let text = SecretString::from(["Bearer ", token].concat());
    let mut header =
        HeaderValue::from_str(text.expose_secret()).map_err(|_| Error::Settings("the token cannot be sent"))?;
    header.set_sensitive(true);
    Ok(header)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_one_word() {
        assert!(bearer(&SecretString::from("sk-ant-oat01-abc")).is_ok_and(|header| header.is_sensitive()));
        for bad in ["", "a b", "a\n", "a\r\nx-evil: 1", "schlüssel"] {
            assert!(bearer(&SecretString::from(bad)).is_err());
        }
    }
}
