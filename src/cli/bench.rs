//! The sandbox's bench: the clock that can be pushed, and the audit trail as it grows.

use std::collections::HashMap;
use std::convert::Infallible;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::rejection::JsonRejection;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::house::House;
use crate::change::Failure;
use crate::clock::{Clock, moment};
use crate::platform::browser::{Room, Touch};
use crate::store::Trail;

/// The furthest push, a year: everything due in between is stopped at.
const MOST_MS: i64 = 366 * 86_400_000;
/// Work on the way may take so long before it is taken for waiting; then a second goes by at each glance.
const HURRIES_AFTER: Duration = Duration::from_secs(2);
const GLANCE: Duration = Duration::from_millis(20);
/// How many entries of the trail are sent at once.
const MOST_ENTRIES: i64 = 500;

/// What the bench works on.
pub(super) struct Bench {
    /// Everything behind the page.
    pub(super) house: Arc<House>,
    /// The chat.
    pub(super) room: Arc<Room>,
    /// The clock to push.
    pub(super) clock: Clock,
    /// Where the pushed time is kept, in milliseconds.
    pub(super) clock_file: PathBuf,
    /// One push at a time.
    pub(super) pushing: tokio::sync::Mutex<()>,
}

/// `POST /api/clock` and `GET /api/audit`.
pub(super) fn bench(parts: Bench) -> Router {
    Router::new().route("/api/clock", post(push)).route("/api/audit", get(audit)).with_state(Arc::new(parts))
}

#[derive(Deserialize)]
struct Push {
    advance: String,
}

type Refused = (StatusCode, Json<Value>);

async fn push(
    State(bench): State<Arc<Bench>>,
    body: Result<Json<Push>, JsonRejection>,
) -> Result<Json<Value>, Refused> {
    let span_ms = body
        .ok()
        .and_then(|Json(push)| span(&push.advance))
        .ok_or_else(|| refused("advance is a number and a unit, such as 90m, 1h, 1d or 1w, a year at most"))?;
    let _alone = bench.pushing.lock().await;
    let target = moment(bench.clock.now().as_millisecond() + span_ms);
    let pushed = tokio::select! {
        pushed = bench.house.push_to(target) => pushed.map_err(|it| failed(&it))?,
        never = hurry(&bench.clock) => match never {},
    };
    if let Err(error) = std::fs::write(&bench.clock_file, bench.clock.now().as_millisecond().to_string()) {
        tracing::warn!(kind = ?error.kind(), "the pushed time could not be kept");
    }
    for touch in [Touch::Clock, Touch::Mail, Touch::Console, Touch::Audit] {
        bench.room.touch(touch);
    }
    Ok(Json(json!({ "now": bench.clock.now(), "ran": pushed.ran })))
}

/// While the house waits for its turn to call Anthropic, time goes on all the same: whoever pushes an hour does not wait for another
/// minute.
async fn hurry(clock: &Clock) -> Infallible {
    tokio::time::sleep(HURRIES_AFTER).await;
    loop {
        tokio::time::sleep(GLANCE).await;
        clock.advance_to(moment(clock.now().as_millisecond() + 1_000));
    }
}

/// `1d` in milliseconds; none if it is no span, or beyond a year.
fn span(text: &str) -> Option<i64> {
    let text = text.trim();
    let unit_ms = match text.chars().last()? {
        's' => 1_000,
        'm' => 60_000,
        'h' => 3_600_000,
        'd' => 86_400_000,
        'w' => 7 * 86_400_000,
        _ => return None,
    };
    let number: i64 = text.get(..text.len() - 1)?.trim().parse().ok()?;
    number.checked_mul(unit_ms).filter(|ms| (0..=MOST_MS).contains(ms))
}

async fn audit(
    State(bench): State<Arc<Bench>>,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Json<Value>, Refused> {
    let after_seq = match query.get("after").map(|it| it.parse::<i64>()) {
        None => 0,
        Some(Ok(seq)) => seq,
        Some(Err(_)) => return Err(refused("after is the number of an entry")),
    };
    let wanted = Trail { after_seq: Some(after_seq), limit: MOST_ENTRIES, ..Trail::default() };
    let store = &bench.house.store;
    let entries = store.trail(&wanted).await.map_err(|it| failed(&it.into()))?;
    let checked = store.verify_audit().await.map_err(|it| failed(&it.into()))?;
    Ok(Json(json!({
        "entries": entries,
        "verified": { "ok": checked.broken.is_none(), "entries": checked.entries, "head": checked.head, "broken": checked.broken },
    })))
}

fn refused(what: &str) -> Refused {
    (StatusCode::BAD_REQUEST, Json(json!({ "error": what })))
}

fn failed(failure: &Failure) -> Refused {
    tracing::error!(trouble = %failure.logged(), "the bench failed");
    (StatusCode::INTERNAL_SERVER_ERROR, Json(json!({ "error": "Something went wrong; the sandbox's log says what." })))
}

/// Tells open pages when the simulated organization or the trail has changed.
pub(super) async fn watch(
    house: Arc<House>,
    room: Arc<Room>,
    mut organization: watch::Receiver<u64>,
    stop: CancellationToken,
) {
    let mut seen = 0;
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            moved = organization.changed() => {
                if moved.is_err() {
                    return;
                }
                room.touch(Touch::Mail);
                room.touch(Touch::Console);
            }
            () = tokio::time::sleep(std::time::Duration::from_millis(500)) => {
                let newest = house.store.trail(&Trail { limit: 1, ..Trail::default() }).await;
                let newest = newest.ok().and_then(|it| it.first().map(|it| it.seq)).unwrap_or(seen);
                if newest != seen {
                    seen = newest;
                    room.touch(Touch::Audit);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::span;

    #[test]
    fn spans_are_numbers_with_a_unit() {
        assert_eq!([span("1d"), span(" 90m "), span("2w")], [Some(86_400_000), Some(5_400_000), Some(1_209_600_000)]);
        for bad in ["", "d", "1", "-1d", "1y", "99999999999999d", "1.5h", "367d"] {
            assert_eq!(span(bad), None, "{bad}");
        }
    }
}
