//! From a request of the page to an [`Invocation`]: words, mentions, standing, ids.

use serde_json::{Map, Value};

use super::Room;
use super::refusal::Refusal;
use crate::chat::{Account, FieldKind, Form, Invocation, InvocationId, Place, Platform, Said};
use crate::command::split;
use crate::random::Random;

/// The most characters of one message; the same order as Slack's and Discord's.
const MOST_CHARACTERS: usize = 8_000;

/// The most characters of an id that a request brings along.
const MOST_ID: usize = 100;

/// Who does something, and where.
pub(super) struct Act<'a> {
    /// The person's id.
    pub(super) person: &'a str,
    /// The channel's id, or `@ID`.
    pub(super) channel: &'a str,
    /// The delivery's id, if the request names one; the same id is a repeated delivery.
    pub(super) id: Option<String>,
}

/// Brings along what the room knows of the person now.
pub(super) fn invocation(room: &Room, random: &Random, act: Act<'_>, said: Said) -> Result<Invocation, Refusal> {
    let standing = room.standing(act.person).ok_or(Refusal::Person)?;
    if act.id.as_ref().is_some_and(|id| id.chars().count() > MOST_ID) {
        return Err(Refusal::TooLong);
    }
    Ok(Invocation {
        id: InvocationId::single(act.id.unwrap_or_else(|| random.id("browser"))),
        who: Account::browser(act.person),
        standing,
        place: Place { channel: format!("browser:{}", act.channel), direct: act.channel.starts_with('@') },
        said,
        at: room.now(),
    })
}

/// What follows the root command in `text`; none if the text is no command.
pub(super) fn after_root<'a>(text: &'a str, root: &str) -> Option<&'a str> {
    let rest = text.trim_start().strip_prefix(root)?;
    (rest.is_empty() || rest.starts_with(char::is_whitespace)).then_some(rest)
}

/// Refuses what a chat would not take.
pub(super) fn check_text(text: &str) -> Result<(), Refusal> {
    match text {
        _ if text.trim().is_empty() => Err(Refusal::Empty),
        _ if text.chars().count() > MOST_CHARACTERS => Err(Refusal::TooLong),
        _ => Ok(()),
    }
}

/// The words of a command, mentions of people in the room as accounts.
pub(super) fn words(room: &Room, text: &str) -> Vec<String> {
    split(text).into_iter().map(|word| account_word(room, word)).collect()
}

/// The words of an unfinished command; the last one is incomplete, and empty after a space.
pub(super) fn typed_words(room: &Room, text: &str) -> Vec<String> {
    let mut words = split(text);
    if text.is_empty() || text.ends_with(char::is_whitespace) {
        words.push(String::new());
    }
    let whole = words.len().saturating_sub(1);
    words.into_iter().enumerate().map(|(at, word)| if at < whole { account_word(room, word) } else { word }).collect()
}

/// `@ada` becomes `@browser:ada` if there is an Ada, also behind `--owner=` and `owner:`.
fn account_word(room: &Room, word: String) -> String {
    let Some((before, name)) = word.rsplit_once('@') else { return word };
    if !(before.is_empty() || before.ends_with(['=', ':'])) || !room.is_known(name) {
        return word;
    }
    format!("{before}@{}", Account::browser(name))
}

/// What was entered, in the order of the form's fields.
pub(super) fn entered(room: &Room, form: &Form, values: &Map<String, Value>) -> Result<Vec<(String, String)>, Refusal> {
    if values.keys().any(|name| form.fields.iter().all(|field| field.name != *name)) {
        return Err(Refusal::Field);
    }
    let one = |field: &crate::chat::Field| {
        let value = match values.get(&field.name) {
            None | Some(Value::Null) => String::new(),
            Some(Value::String(text)) => text.clone(),
            Some(value @ (Value::Number(_) | Value::Bool(_))) => value.to_string(),
            Some(Value::Array(_) | Value::Object(_)) => return Err(Refusal::Body),
        };
        if value.chars().count() > MOST_CHARACTERS {
            return Err(Refusal::TooLong);
        }
        let value = if field.kind == FieldKind::Person { person(room, &value)? } else { value };
        Ok((field.name.clone(), value))
    };
    form.fields.iter().map(one).collect()
}

/// A person field's value as an account word; empty stays empty.
fn person(room: &Room, value: &str) -> Result<String, Refusal> {
    let value = value.trim().trim_start_matches('@');
    let id = match value.parse::<Account>() {
        Ok(account) if account.platform() == Platform::Browser => account.id().to_owned(),
        Ok(_) => return Err(Refusal::Person),
        Err(_) => value.to_owned(),
    };
    match id.as_str() {
        "" => Ok(String::new()),
        known if room.is_known(known) => Ok(format!("@{}", Account::browser(known))),
        _ => Err(Refusal::Person),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Cast, Person};
    use super::*;
    use crate::clock::{Clock, moment};

    fn room() -> std::sync::Arc<Room> {
        let ada = Person {
            id: "ada".into(),
            name: "Ada Brandt".into(),
            role: "admin".into(),
            email: None,
            groups: Vec::new(),
            title: String::new(),
        };
        Room::new(Cast { people: vec![ada], ..Cast::default() }, Clock::standing(moment(0)))
    }

    #[test]
    fn a_command_is_what_stands_alone_behind_the_root() {
        assert_eq!(after_root("/claude invite x", "/claude"), Some(" invite x"));
        assert_eq!(after_root("  /claude", "/claude"), Some(""));
        assert_eq!(after_root("/claudette", "/claude"), None);
        assert_eq!(after_root("see /claude help", "/claude"), None);
    }

    #[test]
    fn known_people_become_accounts_and_addresses_stay() {
        let said = words(&room(), "key assign @ada --owner=@ada owner:@ada lea@ada @bo \"two words\"");
        let expected = "key|assign|@browser:ada|--owner=@browser:ada|owner:@browser:ada|lea@ada|@bo|two words";
        assert_eq!(said.join("|"), expected);
    }

    #[test]
    fn typing_ends_in_the_incomplete_word() {
        assert_eq!(typed_words(&room(), " inv"), ["inv"]);
        assert_eq!(typed_words(&room(), " invite "), ["invite", ""]);
        assert_eq!(typed_words(&room(), ""), [""]);
        assert_eq!(typed_words(&room(), " invite \"half"), ["invite", "\"half"]);
    }
}
