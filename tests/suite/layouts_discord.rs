//! Whatever the house says, however long and strange, Discord is sent something that it takes, and nobody is called by it.

use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::Value;
use steward::chat::{Account, Chart, ChartKind, Form, Home, Message, Series, Span, Table, Text, Token};
use steward::platform::discord;

use crate::fake::discord::{faults, modal_faults};
use crate::layouts_random::{cases, field, message, stored, words};

/// The names of the files that a body announces; the fake compares them with those that come.
fn files(body: &Value) -> Vec<String> {
    let all = body["attachments"].as_array().into_iter().flatten();
    all.map(|it| it["filename"].as_str().unwrap().to_owned()).collect()
}

fn wrong(bodies: &[Value]) -> Vec<String> {
    bodies.iter().flat_map(|it| faults(it, &files(it))).collect()
}

fn pressed(bodies: &[Value]) -> BTreeSet<String> {
    let rows = bodies.iter().flat_map(|it| it["components"].as_array().into_iter().flatten());
    let parts = rows.flat_map(|row| row["components"].as_array().unwrap());
    parts.map(|it| it["custom_id"].as_str().unwrap().trim_start_matches("sure:").to_owned()).collect()
}

/// Nothing here mentions anybody, so Discord may call nobody.
fn calls(bodies: &[Value]) -> bool {
    let nobody = serde_json::json!({ "parse": [], "users": [], "roles": [] });
    bodies.iter().any(|it| it["allowed_mentions"] != nobody)
}

/// Marks of Discord's that would mention or lead somebody, written by people.
fn leads(value: &Value) -> bool {
    match value {
        Value::String(text) => {
            let outside = outside_code(text);
            let marks = ["<@", "<#", "](http", "://evil"];
            marks.iter().any(|mark| outside.match_indices(mark).any(|(at, _)| !outside[..at].ends_with('\\')))
        }
        Value::Object(it) => {
            it.iter().any(|(name, it)| !matches!(name.as_str(), "components" | "attachments" | "url") && leads(it))
        }
        Value::Array(all) => all.iter().any(leads),
        _ => false,
    }
}

/// The text without what stands in fences and code, where nothing is markup.
fn outside_code(text: &str) -> String {
    let outside = text.split("```").step_by(2).collect::<Vec<_>>().join(" ");
    let mut kept = String::new();
    let (mut is_code, mut is_escaped) = (false, false);
    for letter in outside.chars() {
        if letter == '`' && !is_escaped {
            is_code = !is_code;
        } else if !is_code {
            kept.push(letter);
        }
        is_escaped = letter == '\\' && !is_escaped && !is_code;
    }
    kept
}

/// A quarter of the usual: each draws its charts.
fn drawn() -> ProptestConfig {
    let usual = cases();
    ProptestConfig { cases: usual.cases / 4, ..usual }
}

proptest! {
    #![proptest_config(drawn())]

    #[test]
    fn any_message_keeps_its_buttons_and_calls_nobody(mut message in message()) {
        let tokens = stored(&mut message, 0);
        for bodies in [discord::laid_out(&message), discord::card(&message)] {
            prop_assert_eq!(wrong(&bodies), Vec::<String>::new());
            prop_assert_eq!(pressed(&bodies), tokens.clone());
            prop_assert!(!calls(&bodies) && !bodies.iter().any(leads), "{:?}", bodies);
        }
    }

    #[test]
    fn any_form_has_all_its_fields(title in words(), submit in words(), fields in prop::collection::vec(field(), 1..8)) {
        let mut form = Form::new(&title, &["invite"], fields).submit(&submit);
        form.fields.iter_mut().enumerate().for_each(|(at, it)| it.name = format!("f{at}"));
        form.token = Some(Token { acknowledgement: steward::chat::Acknowledgement::Whisper, id: "a".repeat(20) });
        let sheet = discord::form_sheet(&form);
        prop_assert_eq!(faults(&sheet, &[]), Vec::<String>::new());
        let modal = discord::form_modal(&form);
        let inputs = modal["components"].as_array().unwrap().len();
        if inputs > 0 {
            prop_assert_eq!(modal_faults(&modal), Vec::<String>::new());
        }
        let selects = pressed(std::slice::from_ref(&sheet)).iter().filter(|it| it.starts_with("pick:")).count();
        let told = sheet.to_string().matches("Also possible").count();
        prop_assert!(selects + inputs + told >= form.fields.len(), "{sheet} {modal}");
    }

    #[test]
    fn any_home_keeps_its_buttons_and_calls_nobody(mut sections in prop::collection::vec(message(), 1..3)) {
        let tokens: BTreeSet<String> =
            sections.iter_mut().enumerate().flat_map(|(at, it)| stored(it, at * 10_000)).collect();
        let bodies = discord::home_page(&Home { sections });
        prop_assert_eq!(wrong(&bodies), Vec::<String>::new());
        prop_assert_eq!(pressed(&bodies), tokens);
        prop_assert!(!calls(&bodies), "{:?}", bodies);
    }
}

#[test]
fn only_those_are_called_whom_the_model_mentions() {
    let text = Text::plain("<@999> @everyone ")
        .mention(&Account::discord("80351110224678912"))
        .span(Span::Group("discord-role:80351110224678913".into()));
    let bodies = discord::card(&Message::new(text));
    assert_eq!(
        bodies[0]["allowed_mentions"],
        serde_json::json!({ "parse": [], "users": ["80351110224678912"], "roles": ["80351110224678913"] })
    );
    assert!(bodies[0]["content"].as_str().unwrap().starts_with("\\<@999\\> @everyone <@80351110224678912><@&"));
}

#[test]
fn a_chart_is_a_picture_with_its_numbers_beside_it() {
    let series = Series { name: "research".into(), points: vec![1.5, 2.0] };
    let chart = Chart {
        title: "Spend".into(),
        kind: ChartKind::Bar,
        unit: "USD".into(),
        categories: vec!["Mon".into(), "Tue".into()],
        series: vec![series],
    };
    let table = Table { caption: "Top".into(), columns: vec!["Key".into()], rows: vec![vec![Text::plain("evals")]] };
    let message =
        Message::plain("This week").block(steward::chat::Block::Chart(chart)).block(steward::chat::Block::Table(table));
    let body = &discord::card(&message)[0];
    assert_eq!(body["embeds"][0]["image"]["url"], "attachment://chart-1.png");
    assert_eq!(body["attachments"][0]["filename"], "chart-1.png");
    assert!(
        body["attachments"][0]["description"].as_str().unwrap().contains("research: Mon $1.50, Tue $2.00"),
        "{body}"
    );
    let said = body["embeds"][1]["description"].as_str().unwrap();
    assert!(said.contains("research: Mon $1.50, Tue $2.00") && said.contains("```\nKey\nevals\n```"), "{said}");
}
