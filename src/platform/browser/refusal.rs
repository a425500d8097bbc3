//! A request that cannot be understood: 400 with one sentence. Commands that are refused or mistaken are no such thing.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// Why a request was not taken up. Nothing has changed then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Refusal {
    /// The body is not what the path takes.
    #[error("The body must be a JSON object with the fields that this path takes.")]
    Body,
    /// A part of the query is missing.
    #[error("The address needs ?as=ID, and ?channel=ID where messages are read.")]
    Query,
    /// Nobody has this id.
    #[error("Nobody here has this id.")]
    Person,
    /// There is no such channel, or it is somebody else's.
    #[error("There is no such channel for this person.")]
    Channel,
    /// There is no such message, or it is somebody else's.
    #[error("There is no such message for this person.")]
    Message,
    /// The message never had this button, or the button is not live.
    #[error("This message has no such button.")]
    Button,
    /// There is no such form, or it is somebody else's.
    #[error("There is no such form for this person.")]
    Form,
    /// The form has no field of this name.
    #[error("The form has no field of this name.")]
    Field,
    /// More text than a chat takes.
    #[error("That is too long: a message takes 8,000 characters, an id 100.")]
    TooLong,
    /// Nothing was said.
    #[error("There is nothing to say in an empty text.")]
    Empty,
    /// The answer broke off; what was done is in the audit trail.
    #[error("The answer broke off. Look at the audit trail before you try again.")]
    Broken,
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = if self == Self::Broken { StatusCode::INTERNAL_SERVER_ERROR } else { StatusCode::BAD_REQUEST };
        (status, Json(json!({ "error": self.to_string() }))).into_response()
    }
}
