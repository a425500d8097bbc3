//! Tells open pages that something moved; what it is they ask for themselves.

use std::convert::Infallible;
use std::sync::Arc;

use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::stream::{self, Stream};
use serde_json::json;
use tokio::sync::broadcast;

use super::Room;
use super::stir::Stir;

/// What `person` is told of `stir`. Of messages for others, no more than that there is something elsewhere.
fn told(stir: &Stir, person: &str) -> serde_json::Value {
    match stir {
        Stir::Message { channel, to } if to.as_deref().is_none_or(|to| to == person) => {
            json!({ "kind": "messages", "channel": channel })
        }
        Stir::Touched(touch) => json!({ "kind": touch.as_str() }),
        Stir::Message { .. } | Stir::Closed => json!({ "kind": "elsewhere" }),
    }
}

/// The stream for one person's page. Begins with `hello`; a page that was too slow to follow is told `all`.
pub(super) fn events(
    room: &Arc<Room>,
    person: String,
) -> Sse<impl Stream<Item = Result<Event, Infallible>> + Send + 'static> {
    let hello = stream::iter([Ok(event(&json!({ "kind": "hello" })))]);
    let rest = stream::unfold((room.listen(), person), |(mut stirs, person)| async move {
        let value = match stirs.recv().await {
            Ok(Stir::Closed) | Err(broadcast::error::RecvError::Closed) => return None,
            Ok(stir) => told(&stir, &person),
            Err(broadcast::error::RecvError::Lagged(_)) => json!({ "kind": "all" }),
        };
        Some((Ok(event(&value)), (stirs, person)))
    });
    Sse::new(stream::StreamExt::chain(hello, rest)).keep_alive(KeepAlive::default())
}

fn event(value: &serde_json::Value) -> Event {
    Event::default().data(value.to_string())
}
