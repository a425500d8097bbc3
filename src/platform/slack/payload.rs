//! What Slack delivers, in the shapes that it comes in.

use serde_json::Value;

use crate::platform::fields::text;

/// Something that Slack delivered, before anybody looked at what it is.
pub(super) enum Delivery {
    /// A slash command.
    Command(Value),
    /// A button, a form, a shortcut, a request for suggestions.
    Interaction(Value),
    /// An event.
    Event(Value),
}

/// A slash command as it comes over HTTP: a form with one level of fields.
pub(super) fn of_form(body: &[u8]) -> Value {
    let fields = url::form_urlencoded::parse(body);
    Value::Object(fields.map(|(name, value)| (name.into_owned(), Value::from(value.into_owned()))).collect())
}

/// An interaction as it comes over HTTP: JSON in the one field of a form. None if it is neither.
pub(super) fn of_interaction(body: &[u8]) -> Option<Value> {
    let fields = url::form_urlencoded::parse(body);
    let mut payloads = fields.filter(|(name, _)| name == "payload").map(|(_, value)| value);
    let payload = payloads.next()?;
    // Two of them would leave open which one was meant.
    if payloads.next().is_some() {
        return None;
    }
    serde_json::from_str(&payload).ok().filter(Value::is_object)
}

/// What was entered into a modal: by the block's name, the value of its one input, whatever kind of input it is.
pub(super) fn entered(values: &Value) -> Vec<(String, Entered)> {
    let Some(blocks) = values.as_object() else { return Vec::new() };
    let inputs = blocks.iter().filter_map(|(name, inputs)| {
        let input = inputs.as_object()?.values().next()?;
        Some((name.clone(), value_of(input)))
    });
    inputs.collect()
}

/// What one input holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Entered {
    /// Text, a choice, a number, a day; empty if nothing was entered.
    Text(String),
    /// A person of this chat.
    User(String),
}

fn value_of(input: &Value) -> Entered {
    if let Some(user) = text(input, "/selected_user") {
        return Entered::User(user.to_owned());
    }
    let places = ["/value", "/selected_option/value", "/selected_date", "/selected_conversation", "/selected_channel"];
    let found = places.into_iter().find_map(|place| match input.pointer(place) {
        Some(Value::String(text)) => Some(text.clone()),
        Some(Value::Number(number)) => Some(number.to_string()),
        _ => None,
    });
    Entered::Text(found.unwrap_or_default())
}

/// `<@U1|bob>`, `<#C1|general>` and `<!subteam^S1|ml>` as the configuration writes them; the rest stays as it is.
///
/// Slack writes them so only for what it knows (`should_escape`), with the id in front: a name that somebody typed, even one
/// that looks like this, arrives with its `<` escaped.
pub(super) fn with_references(text: &str, team: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('<') {
        out.push_str(before);
        let Some((inside, behind)) = after.split_once('>') else {
            out.push('<');
            rest = after;
            continue;
        };
        if let Some(word) = reference(inside, team) {
            out.push_str(&word);
        } else {
            // A link: the words of a command know how to take it off.
            out.push('<');
            out.push_str(inside);
            out.push('>');
        }
        rest = behind;
    }
    out.push_str(rest);
    unescaped(&out)
}

fn reference(inside: &str, team: &str) -> Option<String> {
    let id = |text: &str| {
        let id = text.split('|').next().unwrap_or_default();
        let plain = !id.is_empty() && id.len() <= 32 && id.bytes().all(|it| it.is_ascii_alphanumeric());
        plain.then(|| id.to_owned())
    };
    if let Some(user) = inside.strip_prefix('@') {
        return id(user).map(|user| format!("@slack:{team}/{user}"));
    }
    if let Some(channel) = inside.strip_prefix('#') {
        return id(channel).map(|channel| format!("slack:{channel}"));
    }
    inside.strip_prefix("!subteam^").and_then(id).map(|group| format!("slack-group:{group}"))
}

fn unescaped(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn references_become_words_and_links_stay() {
        let said =
            "invite <@U1|bob> --owner=<@W2> <#C1|general> <!subteam^S1|@ml> <mailto:a@b.cc|a@b.cc> &lt;@U9&gt; a < b";
        let expected =
            "invite @slack:T1/U1 --owner=@slack:T1/W2 slack:C1 slack-group:S1 <mailto:a@b.cc|a@b.cc> <@U9> a < b";
        assert_eq!(with_references(said, "T1"), expected);
    }

    #[test]
    fn any_input_gives_its_value() {
        let values = json!({
            "email": { "value": { "type": "plain_text_input", "value": "a@b.cc" } },
            "--role": { "value": { "type": "static_select", "selected_option": { "value": "user" } } },
            "--until": { "value": { "type": "datepicker", "selected_date": "2026-12-31" } },
            "who": { "value": { "type": "users_select", "selected_user": "U1" } },
            "--most": { "value": { "type": "number_input", "value": 7 } },
            "--reason": { "value": { "type": "plain_text_input", "value": null } },
            "odd": { "value": "no object" },
        });
        let text = |it: &str| Entered::Text(it.into());
        let expected = [
            ("email", text("a@b.cc")),
            ("--role", text("user")),
            ("--until", text("2026-12-31")),
            ("who", Entered::User("U1".into())),
            ("--most", text("7")),
            ("--reason", text("")),
            ("odd", text("")),
        ];
        let expected: Vec<_> = expected.into_iter().map(|(name, it)| (name.to_owned(), it)).collect();
        assert_eq!(entered(&values), expected);
    }

    #[test]
    fn an_interaction_is_one_payload() {
        assert_eq!(of_interaction(b"payload=%7B%22type%22%3A%22x%22%7D"), Some(json!({ "type": "x" })));
        for bad in [&b"payload=%7B%7D&payload=%7B%7D"[..], b"payload=1", b"payload=%7B", b"x=1", b""] {
            assert_eq!(of_interaction(bad), None);
        }
    }
}
