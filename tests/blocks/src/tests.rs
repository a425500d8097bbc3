//! Each rule with something that passes and something that fails.

use serde_json::{Value, json};

use crate::judge;

fn told(kind: &str, body: &Value) -> String {
    judge(&json!({ "kind": kind, "body": body }).to_string()).join("\n")
}

#[track_caller]
fn passes(kind: &str, body: &Value) {
    assert_eq!(told(kind, body), "");
}

#[track_caller]
fn fails(kind: &str, body: &Value, why: &str) {
    let told = told(kind, body);
    assert!(told.contains(why), "{why:?} is not in {told:?}");
}

fn section(text: &str) -> Value {
    json!({ "type": "section", "text": { "type": "mrkdwn", "text": text } })
}

fn message(blocks: &Value) -> Value {
    json!({ "text": "Done.", "blocks": blocks, "unfurl_links": false, "unfurl_media": false })
}

fn modal(blocks: &Value) -> Value {
    let word = |text: &str| json!({ "type": "plain_text", "text": text });
    json!({ "type": "modal", "title": word("Invite"), "submit": word("Send"), "close": word("Cancel"), "blocks": blocks })
}

fn home(blocks: &Value) -> Value {
    json!({ "type": "home", "blocks": blocks })
}

fn with(mut body: Value, at: &str, value: Value) -> Value {
    body[at] = value;
    body
}

fn button(id: &str) -> Value {
    json!({ "type": "button", "action_id": id, "text": { "type": "plain_text", "text": "Go" } })
}

fn actions(buttons: &[Value]) -> Value {
    json!({ "type": "actions", "elements": buttons })
}

fn input(block: &str) -> Value {
    json!({
        "type": "input",
        "block_id": block,
        "label": { "type": "plain_text", "text": "Address" },
        "element": { "type": "plain_text_input", "action_id": "value" },
    })
}

fn table() -> Value {
    json!({ "type": "table", "rows": [[{ "type": "raw_text", "text": "Name" }], [{ "type": "raw_text", "text": "Ada" }]] })
}

fn pie(segments: &Value) -> Value {
    json!({ "type": "data_visualization", "title": "Seats", "chart": { "type": "pie", "segments": segments } })
}

fn any_pie() -> Value {
    pie(&json!([{ "label": "taken", "value": 3 }, { "label": "free", "value": 1.5 }]))
}

fn bars(categories: &[String], series: &[&str]) -> Value {
    let data: Vec<Value> = categories.iter().map(|it| json!({ "label": it, "value": -1 })).collect();
    let series: Vec<Value> = series.iter().map(|it| json!({ "name": it, "data": data })).collect();
    json!({
        "type": "data_visualization",
        "title": "Spend",
        "chart": { "type": "bar", "series": series, "axis_config": { "categories": categories } },
    })
}

fn months(count: usize) -> Vec<String> {
    (0..count).map(|it| format!("m{it}")).collect()
}

#[test]
fn a_line_is_a_layout_of_a_known_kind() {
    assert_eq!(judge("{"), ["this is no JSON"]);
    fails("postcard", &json!({}), "a message, a modal or a home");
    passes("message", &message(&json!([section("Hello")])));
    passes("modal", &modal(&json!([section("Hello")])));
    passes("home", &home(&json!([section("Hello")])));
}

#[test]
fn the_crate_judges_each_surface() {
    for (kind, body) in [("message", message as fn(&Value) -> Value), ("modal", modal), ("home", home)] {
        passes(kind, &body(&json!([section(&"x".repeat(3_000))])));
        fails(kind, &body(&json!([section(&"x".repeat(3_001))])), "length-exceeded");
    }
    let crowd = |count| Value::from(vec![section("x"); count]);
    passes("message", &message(&crowd(50)));
    fails("message", &message(&crowd(51)), "blocks");
    passes("modal", &modal(&crowd(100)));
    fails("modal", &modal(&crowd(101)), "blocks");
    fails("home", &home(&crowd(101)), "blocks");
}

#[test]
fn a_message_has_a_text_of_advised_length() {
    let whole = message(&json!([section("x")]));
    passes("message", &with(whole.clone(), "text", "x".repeat(4_000).into()));
    fails("message", &with(whole.clone(), "text", "😀".repeat(2_001).into()), "longer than 4000");
    fails("message", &with(whole.clone(), "text", " ".into()), "it has no text");
    fails("message", &with(whole, "text", Value::Null), "it has no text");
}

#[test]
fn nothing_unfurls() {
    let whole = message(&json!([section("x")]));
    for name in ["unfurl_links", "unfurl_media"] {
        fails("message", &with(whole.clone(), name, true.into()), &format!("{name} is not false"));
        let mut without = whole.clone();
        without.as_object_mut().unwrap().remove(name);
        fails("message", &without, &format!("{name} is not false"));
    }
}

#[test]
fn ids_are_used_once() {
    passes("message", &message(&json!([actions(&[button("a"), button("b")]), actions(&[button("c")])])));
    fails("message", &message(&json!([actions(&[button("a"), button("a")])])), "two elements are called \"a\"");
    fails("message", &message(&json!([actions(&[button("a")]), actions(&[button("a")])])), "two elements are called");
    fails("home", &home(&json!([actions(&[button("a")]), actions(&[button("a")])])), "two elements are called");
    passes("modal", &modal(&json!([input("email"), input("name")])));
    fails("modal", &modal(&json!([input("email"), input("email")])), "two blocks are called \"email\"");
}

#[test]
fn tables_and_charts_are_few() {
    passes("message", &message(&json!([table(), any_pie(), any_pie()])));
    fails("message", &message(&json!([table(), table()])), "2 blocks of type table");
    fails("message", &message(&json!([any_pie(), any_pie(), any_pie()])), "3 blocks of type data_visualization");
    fails("modal", &modal(&json!([table()])), "1 blocks of type table");
    fails("modal", &modal(&json!([any_pie()])), "1 blocks of type data_visualization");
    passes("home", &home(&json!([any_pie(), any_pie()])));
    fails("home", &home(&json!([table()])), "1 blocks of type table");
}

#[test]
fn nobody_is_called_by_accident() {
    passes("message", &message(&json!([section("&lt;!channel&gt; <@U1> <!subteam^S1>")])));
    for word in ["<!channel>", "<!here|here>", "<!everyone>"] {
        fails("message", &message(&json!([section(word)])), "it calls everybody");
        fails("message", &with(message(&json!([section("x")])), "text", word.into()), "it calls everybody");
        fails("home", &home(&json!([section(word)])), "it calls everybody");
        fails("modal", &modal(&json!([section(word)])), "it calls everybody");
    }
    let literal = json!({ "type": "header", "text": { "type": "plain_text", "text": "<!channel>" } });
    passes("message", &message(&json!([literal])));
    let rich = json!({ "type": "rich_text", "elements": [{
        "type": "rich_text_section", "elements": [{ "type": "broadcast", "range": "here" }],
    }] });
    fails("message", &message(&json!([rich])), "it calls everybody");
}

#[test]
fn metadata_holds_a_token_or_nothing() {
    let form = modal(&json!([input("email")]));
    passes("modal", &with(form.clone(), "private_metadata", "".into()));
    passes("modal", &with(form.clone(), "private_metadata", "whisper.a1B2_".into()));
    for other in ["shout.a", "say.", "say.a-b", "lea@example.com"] {
        fails("modal", &with(form.clone(), "private_metadata", other.into()), "something else than a token");
    }
}

#[test]
fn a_pie_is_small_named_and_above_nothing() {
    passes("message", &message(&json!([any_pie()])));
    let of = |label: &str, value: f64| message(&json!([pie(&json!([{ "label": label, "value": value }]))]));
    passes("message", &of(&"x".repeat(20), 0.1));
    fails("message", &of(&"x".repeat(21), 0.1), "a chart's label");
    fails("message", &of("x", 0.0), "not above 0");
    let many =
        |count| message(&json!([pie(&months(count).iter().map(|it| json!({ "label": it, "value": 1 })).collect())]));
    passes("message", &many(6));
    fails("message", &many(7), "a chart of 7 segments");
    let twice = json!([{ "label": "x", "value": 1 }, { "label": "x", "value": 2 }]);
    fails("message", &message(&json!([pie(&twice)])), "two segments of one name");
}

#[test]
fn bars_have_one_point_for_each_category() {
    let shown = |chart: Value| message(&json!([chart]));
    passes("message", &shown(bars(&months(20), &["a", "b", "c", "d", "e", "f"])));
    fails("message", &shown(bars(&months(21), &["a"])), "a chart of 21 categories");
    fails("message", &shown(bars(&months(2), &["a", "b", "c", "d", "e", "f", "g"])), "a chart of 7 series");
    fails("message", &shown(bars(&months(2), &["a", "a"])), "two series of one name");
    fails("message", &shown(bars(&["x".into(), "x".into()], &["a"])), "two categories of one name");
    fails("message", &shown(bars(&months(1), &[&"x".repeat(21)])), "a chart's name");
    fails("message", &shown(bars(&months(1), &[""])), "a chart's name");
    let mut short = bars(&months(2), &["a"]);
    short["chart"]["series"][0]["data"].as_array_mut().unwrap().pop();
    fails("message", &shown(short), "without one point for each category");
    let mut wordy = bars(&months(1), &["a"]);
    wordy["chart"]["series"][0]["data"][0]["value"] = "one".into();
    fails("message", &shown(wordy), "no number");
    let strange = with(any_pie(), "chart", json!({ "type": "radar" }));
    fails("message", &shown(strange), "no known type");
    passes("message", &shown(with(any_pie(), "title", "x".repeat(50).into())));
    fails("message", &shown(with(any_pie(), "title", "x".repeat(51).into())), "a chart's title");
}

#[test]
fn a_numbers_bounds_are_strings() {
    let number = |least: Value| {
        let element =
            json!({ "type": "number_input", "action_id": "value", "is_decimal_allowed": false, "min_value": least });
        modal(&json!([with(input("days"), "element", element)]))
    };
    passes("modal", &number("1".into()));
    fails("modal", &number(1.into()), "min_value is no number in a string");
}

#[test]
fn a_moment_in_rich_text_is_whole() {
    let rich = |moment: Value| {
        let section = json!({ "type": "rich_text_section", "elements": [moment] });
        message(&json!([{ "type": "rich_text", "elements": [section] }]))
    };
    let moment = json!({ "type": "date", "timestamp": 1_800_000_000, "format": "{date}", "fallback": "2027-01-15" });
    passes("message", &rich(moment.clone()));
    fails("message", &rich(with(moment, "timestamp", "soon".into())), "a moment lacks");
}
