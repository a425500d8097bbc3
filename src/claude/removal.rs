//! Taking something away, whatever it is.

use serde::de::DeserializeOwned;

use super::answer::Answer;
use super::call::Call;
use super::error::Error;
use super::http::Http;

/// How a removal ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Removal {
    /// It was there and is gone.
    Done,
    /// There was nothing to remove: gone already, perhaps by an earlier try of ours. The caller knows which.
    NotFound,
}

/// Sends a removal; `confirms` looks at the receipt.
pub(super) async fn remove<T: DeserializeOwned + Send>(
    http: &Http,
    call: &Call,
    confirms: impl FnOnce(&T) -> bool,
) -> Result<Removal, Error> {
    match http.send::<T>(call).await.and_then(|receipt: Answer<T>| receipt.agreeing(confirms)) {
        Ok(_) => Ok(Removal::Done),
        Err(error) if error.is_not_found() => Ok(Removal::NotFound),
        Err(error) => Err(error),
    }
}

/// The receipt of what has an id.
#[derive(serde::Deserialize)]
pub(super) struct Receipt {
    pub(super) id: String,
    #[serde(rename = "type")]
    pub(super) tag: String,
}
