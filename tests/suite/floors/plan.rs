//! The plan of the house: which room lies on which floor, and what else a room may not know.
//!
//! The same table as in the architecture page at the top of `src/lib.rs`. A new room gets its line in both.

/// Rooms from the ground up. Neighbours on a floor do not know each other.
const FLOORS: [&[&str]; 9] = [
    &["clock", "random"],
    &["chat", "claude", "outgoing", "seal"],
    &["domain"],
    &["store", "view", "settings"],
    &["change"],
    &["command", "job"],
    &["server", "dispatch"],
    &["platform", "sandbox"],
    &["cli"],
];

/// Rooms inside the room `platform`: neighbours too.
const PLATFORMS: [&str; 3] = ["slack", "discord", "browser"];

/// Pairs that the floors alone would let pass, with the reason.
const STRANGERS: [(&str, &str, &str); 2] = [
    ("sandbox", "claude", "a wrong shape must not agree with itself"),
    ("platform", "store", "what a platform must remember goes through `chat::Memory`"),
];

/// Crates that are named in few rooms only.
const KEPT_CRATES: [(&str, &[&str]); 5] = [
    ("slack_morphism", &["platform/slack"]),
    ("serenity", &["platform/discord"]),
    ("resvg", &["view"]),
    ("sqlx", &["store"]),
    ("reqwest", &["claude", "outgoing", "platform/discord"]),
];

/// Rooms without I/O and without `async`.
pub(super) const PURE: [&str; 3] = ["chat", "domain", "view"];

/// The traits of `chat` that may be `async` all the same.
pub(super) const ASYNC_TRAITS: [&str; 4] = ["Messenger", "Memory", "Vault", "Roster"];

/// What reaches out of the process.
const OUTSIDE: [&[&str]; 12] = [
    &["tokio"],
    &["axum"],
    &["hyper"],
    &["hyper_util"],
    &["tower_http"],
    &["std", "env"],
    &["std", "fs"],
    &["std", "io"],
    &["std", "net"],
    &["std", "os"],
    &["std", "process"],
    &["std", "thread"],
];

/// The floor of a room, if it has one.
fn floor(room: &str) -> Option<usize> {
    FLOORS.iter().position(|rooms| rooms.contains(&room))
}

/// Why code in the module `from` may not name the module `to`; paths without `crate`. `None`: it may.
pub(super) fn objection(from: &[String], to: &[String]) -> Option<String> {
    let [room, ..] = from else { return None };
    let Some(own) = floor(room) else {
        return Some(format!("`{room}` has no floor: give it one in tests/suite/floors/plan.rs and in src/lib.rs"));
    };
    let [target, ..] = to else { return None };
    if room == target {
        return between_platforms(from, to);
    }
    if let Some((_, _, reason)) = STRANGERS.iter().find(|(a, b, _)| a == room && b == target) {
        return Some(format!("`{room}` may not know `{target}`: {reason}"));
    }
    if room == "claude" {
        return Some("`claude` imports nothing of ours: it is a guest who could move out".to_owned());
    }
    match floor(target) {
        None => Some(format!("`{target}` is no room of the plan: name the room where it lives")),
        Some(other) if other < own => None,
        Some(other) if other == own => Some(format!("`{room}` and `{target}` are neighbours on floor {own}")),
        Some(other) => Some(format!("`{room}` (floor {own}) may not know `{target}` (floor {other})")),
    }
}

fn between_platforms(from: &[String], to: &[String]) -> Option<String> {
    let inner = |path: &[String]| path.get(1).filter(|it| PLATFORMS.contains(&it.as_str())).cloned();
    match (from[0] == "platform", inner(from), inner(to)) {
        (true, Some(a), Some(b)) if a != b => Some(format!("`platform/{a}` and `platform/{b}` are neighbours")),
        _ => None,
    }
}

/// Why code in the module `from` may not name this crate. `None`: it may.
pub(super) fn objection_to_crate(from: &[String], name: &str) -> Option<String> {
    let (_, rooms) = KEPT_CRATES.iter().find(|(kept, _)| *kept == name)?;
    let place = from.join("/");
    let inside = |room: &str| place == room || place.strip_prefix(room).is_some_and(|it| it.starts_with('/'));
    (!rooms.iter().any(|it| inside(it))).then(|| format!("only {} may name `{name}`", rooms.join(", ")))
}

/// Why a pure room may not name this path. `None`: it may, or the room is not pure.
pub(super) fn objection_to_io(from: &[String], path: &[String]) -> Option<String> {
    let room = from.first().filter(|it| PURE.contains(&it.as_str()))?;
    let outside = OUTSIDE.iter().find(|it| path.len() >= it.len() && it.iter().zip(path).all(|(a, b)| a == b))?;
    Some(format!("`{room}` does no I/O, and `{}` is for it", outside.join("::")))
}
