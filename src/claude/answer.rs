//! Reading an answer: no more than a fixed amount, as JSON, and without quoting it to anybody.

use std::time::Duration;

use reqwest::header::HeaderMap;
use reqwest::{Response, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::error::{self, Error, Refusal};

/// The largest success that is read.
const LARGEST_ANSWER: usize = 16 * 1024 * 1024;
/// The largest refusal that is read; its status says enough without its body.
const LARGEST_REFUSAL: usize = 64 * 1024;

/// What came back, and how the API names the exchange.
pub(super) struct Answer<T> {
    pub(super) value: T,
    what: &'static str,
    request_id: Option<String>,
}

impl<T> Answer<T> {
    /// The same answer, looked at more closely; `Err` says what is wrong with it.
    pub(super) fn refine<U>(self, look: impl FnOnce(T) -> Result<U, &'static str>) -> Result<Answer<U>, Error> {
        let Self { value, what, request_id } = self;
        match look(value) {
            Ok(value) => Ok(Answer { value, what, request_id }),
            Err(flaw) => Err(Error::Malformed { what, flaw, request_id }),
        }
    }

    /// The value, if it does not contradict what was asked.
    pub(super) fn agreeing(self, agrees: impl FnOnce(&T) -> bool) -> Result<T, Error> {
        self.refine(|value| if agrees(&value) { Ok(value) } else { Err("it contradicts what was asked") })
            .map(|answer| answer.value)
    }
}

/// Turns a response into what was asked for, or into the error that it is.
pub(super) async fn read<T: DeserializeOwned>(what: &'static str, response: Response) -> Result<Answer<T>, Error> {
    let status = response.status();
    let request_id = request_id(response.headers());
    if status.is_redirection() {
        return Err(Error::Redirected { status: status.as_u16() });
    }
    if !status.is_success() {
        return Err(Error::Refused(Box::new(refusal(status, request_id, response).await)));
    }
    let bytes = body(response, LARGEST_ANSWER).await?;
    match serde_json::from_slice(&bytes) {
        Ok(value) => Ok(Answer { value, what, request_id }),
        Err(error) => Err(Error::Malformed { what, flaw: flaw_of(&error, bytes.is_empty()), request_id }),
    }
}

/// A transport error, reduced to whether anything can have arrived upstream.
pub(super) fn broken(error: &reqwest::Error) -> Error {
    if error.is_connect() {
        Error::Unreachable
    } else if error.is_timeout() {
        Error::TimedOut
    } else {
        Error::Cut
    }
}

async fn body(mut response: Response, largest: usize) -> Result<Vec<u8>, Error> {
    let announced = response.content_length().map_or(0, |length| usize::try_from(length).unwrap_or(usize::MAX));
    if announced > largest {
        return Err(Error::TooLarge);
    }
    // All at once: an answer that grows is in memory twice whenever it is moved. Nobody can announce more than we would read.
    let mut bytes = Vec::with_capacity(announced);
    while let Some(chunk) = response.chunk().await.map_err(|error| broken(&error))? {
        if bytes.len() + chunk.len() > largest {
            return Err(Error::TooLarge);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

async fn refusal(status: StatusCode, request_id: Option<String>, response: Response) -> Refusal {
    let retry_after = retry_after(response.headers());
    // Whatever is wrong with the body: the status is what counts.
    let bytes = body(response, LARGEST_REFUSAL).await.unwrap_or_default();
    let envelope: Value = serde_json::from_slice(&bytes).unwrap_or_default();
    let text = |at: &str| envelope.pointer(at).and_then(Value::as_str);
    Refusal {
        status: status.as_u16(),
        kind: text("/error/type").and_then(error::code),
        code: text("/error/details/error_code").and_then(error::code),
        request_id: request_id.or_else(|| text("/request_id").and_then(error::request_name)),
        retry_after,
    }
}

fn request_id(headers: &HeaderMap) -> Option<String> {
    headers.get("request-id")?.to_str().ok().and_then(error::request_name)
}

/// Seconds, whole or with a fraction, rounded up. A date, which the API never sends, counts as nothing said.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds: f64 = headers.get("retry-after")?.to_str().ok()?.trim().parse().ok()?;
    Duration::try_from_secs_f64(seconds.ceil()).ok()
}

fn flaw_of(error: &serde_json::Error, empty: bool) -> &'static str {
    use serde_json::error::Category;
    match error.classify() {
        _ if empty => "it is empty",
        Category::Data => "a field is missing or of the wrong type",
        Category::Eof => "it ends too early",
        Category::Syntax | Category::Io => "it is not JSON",
    }
}
