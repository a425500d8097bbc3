//! What Discord delivers: numbers, ids, lists, and the references in what somebody typed.

use serde_json::Value;

use super::markdown::is_id;
use crate::platform::fields::owned;

/// A number at a JSON pointer.
pub(super) fn number(value: &Value, pointer: &str) -> Option<u64> {
    value.pointer(pointer).and_then(Value::as_u64)
}

/// An id at a JSON pointer.
pub(super) fn id(value: &Value, pointer: &str) -> Option<String> {
    owned(value, pointer).filter(|it| is_id(it))
}

/// The list at a JSON pointer; empty if there is none.
pub(super) fn list<'a>(value: &'a Value, pointer: &str) -> &'a [Value] {
    value.pointer(pointer).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// `<@1>`, `<@&2>` and `<#3>` as the configuration writes them; the rest stays as it is.
pub(super) fn with_references(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('<') {
        out.push_str(before);
        let word = after.split_once('>').and_then(|(inside, behind)| Some((reference(inside)?, behind)));
        if let Some((word, behind)) = word {
            out.push_str(&word);
            rest = behind;
        } else {
            out.push('<');
            rest = after;
        }
    }
    out.push_str(rest);
    out
}

fn reference(inside: &str) -> Option<String> {
    let of = |id: &str, before: &str| is_id(id).then(|| format!("{before}{id}"));
    if let Some(role) = inside.strip_prefix("@&") {
        return of(role, "discord-role:");
    }
    if let Some(user) = inside.strip_prefix('@') {
        return of(user.trim_start_matches('!'), "@discord:");
    }
    inside.strip_prefix('#').and_then(|channel| of(channel, "discord:"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_become_words_and_the_rest_stays() {
        let said = "<@1> <@!2> <@&3> <#4> <@x> a < b <https://a.b> <@5";
        assert_eq!(
            with_references(said),
            "@discord:1 @discord:2 discord-role:3 discord:4 <@x> a < b <https://a.b> <@5"
        );
    }
}
