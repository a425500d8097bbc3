//! Whatever the house says, however long and strange, Slack is sent something that it takes. The judge in tests/blocks sees each
//! tenth of these layouts too: all of them would fill a disk.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};

use proptest::prelude::*;
use serde_json::Value;
use steward::chat::{
    Acknowledgement, Block, Button, ButtonStyle, Chart, ChartKind, Details, Field, FieldKind, File, Form, Home,
    Message, Series, Span, Table, Text, Token,
};
use steward::platform::slack;

use crate::layouts;

pub(crate) fn cases() -> ProptestConfig {
    let is_full = std::env::var_os("STEWARD_TEST_FULL").is_some();
    // Shrinking long texts takes long.
    ProptestConfig {
        failure_persistence: None,
        max_shrink_iters: 500,
        ..ProptestConfig::with_cases(if is_full { 4_000 } else { 100 })
    }
}

fn is_tenth() -> bool {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    COUNT.fetch_add(1, Ordering::Relaxed).is_multiple_of(10)
}

/// What people type: nothing, something, far too much, and what would call or lead somebody.
pub(crate) fn words() -> impl Strategy<Value = String> {
    let repeated = (prop_oneof![Just("a"), Just("&"), Just("😀"), Just("`*<"), Just("two words ")], 0..5_000_usize);
    prop_oneof![
        3 => "\\PC{0,30}",
        1 => Just(String::new()),
        1 => Just(" \n ".to_owned()),
        2 => prop::sample::select(vec!["<!channel>", "<!here|x>", "<!everyone>", "<@U1>", "<https://evil.example|Approve>"])
            .prop_map(str::to_owned),
        1 => repeated.prop_map(|(part, times)| part.repeat(times)),
    ]
}

fn text() -> impl Strategy<Value = Text> {
    let span = words().prop_flat_map(|it| {
        prop_oneof![
            3 => Just(Span::Plain(it.clone())),
            1 => Just(Span::Strong(it.clone())),
            1 => Just(Span::Code(it.clone())),
            1 => Just(Span::Link { label: it, url: "https://example.com/?a=1&b=2".into() }),
        ]
    });
    prop::collection::vec(span, 0..4).prop_map(|all| all.into_iter().fold(Text::new(), Text::span))
}

fn button() -> impl Strategy<Value = Button> {
    let style = prop_oneof![Just(ButtonStyle::Plain), Just(ButtonStyle::Primary), Just(ButtonStyle::Danger)];
    (words(), words(), style, prop::option::of((words(), words(), words()))).prop_map(
        |(label, describes, style, asks)| {
            let button = Button::new(&label, &["help"]).describes(describes).style(style);
            match asks {
                Some((title, text, agree)) => button.confirm(&title, text, &agree),
                None => button,
            }
        },
    )
}

fn chart() -> impl Strategy<Value = Chart> {
    let kind = prop_oneof![Just(ChartKind::Bar), Just(ChartKind::Line), Just(ChartKind::Pie)];
    let series = (words(), prop::collection::vec(prop_oneof![-1.0..9.0_f64, any::<f64>()], 0..5));
    let series = series.prop_map(|(name, points)| Series { name, points });
    let categories = prop::collection::vec("[a-z]{0,30}", 0..5);
    (words(), kind, words(), categories, prop::collection::vec(series, 0..9))
        .prop_map(|(title, kind, unit, categories, series)| Chart { title, kind, unit, categories, series })
}

fn table() -> impl Strategy<Value = Table> {
    let row = prop::collection::vec(text(), 1..4);
    (words(), prop::collection::vec(words(), 1..25), prop::collection::vec(row, 0..4), 1..60_usize).prop_map(
        |(caption, columns, rows, times)| {
            let rows = rows.iter().cycle().take(rows.len() * times).cloned().collect();
            Table { caption, columns, rows }
        },
    )
}

fn block() -> impl Strategy<Value = Block> {
    prop_oneof![
        text().prop_map(Block::Paragraph),
        words().prop_map(Block::Heading),
        prop::collection::vec((words(), text()), 0..12).prop_map(Block::Fields),
        table().prop_map(Block::Table),
        chart().prop_map(Block::Chart),
        words().prop_map(Block::Code),
        prop::collection::vec(button(), 0..30).prop_map(Block::Buttons),
        (words(), words()).prop_map(|(name, about)| Block::File(File::csv(&name, about, String::new()))),
        (words(), table(), chart()).prop_map(|(title, table, chart)| Block::Details(Details {
            title,
            blocks: vec![Block::Table(table), Block::Chart(chart)]
        })),
    ]
}

/// Each button has a token of its own, as it has when it is sent.
pub(crate) fn message() -> impl Strategy<Value = Message> {
    let parts = (text(), prop::collection::vec(block(), 0..8), prop::option::of(text()));
    (parts, prop::collection::vec(button(), 0..30)).prop_map(|((text, blocks, hint), buttons)| Message {
        text,
        blocks,
        hint,
        buttons,
        ..Message::default()
    })
}

pub(crate) fn stored(message: &mut Message, first: usize) -> BTreeSet<String> {
    let mut tokens = BTreeSet::new();
    for (at, button) in message.buttons_mut().enumerate() {
        let token = Token { acknowledgement: Acknowledgement::Whisper, id: format!("t{}", first + at) };
        tokens.insert(token.to_string());
        button.token = Some(token);
    }
    tokens
}

fn pressed(body: &Value) -> BTreeSet<String> {
    let blocks = body["blocks"].as_array().into_iter().flatten();
    let elements = blocks.filter(|it| it["type"] == "actions").flat_map(|it| it["elements"].as_array().unwrap());
    elements.map(|it| it["action_id"].as_str().unwrap().to_owned()).collect()
}

/// Nothing here mentions anybody, so no mark of Slack's for a person, a group or a channel may stand in it.
fn mentions(value: &Value) -> bool {
    match value {
        Value::Object(it) if it.get("type").is_some_and(|it| it == "mrkdwn") => {
            let text = it["text"].as_str().unwrap_or_default();
            ["<!", "<@", "<#", "<https://evil"].iter().any(|mark| text.contains(mark))
        }
        Value::Object(it) => it.values().any(mentions),
        Value::Array(all) => all.iter().any(mentions),
        _ => false,
    }
}

pub(crate) fn field() -> impl Strategy<Value = Field> {
    let options = prop::collection::vec(("[a-z]{1,8}", words()), 0..4).prop_map(FieldKind::Select);
    let kind = prop_oneof![
        (any::<u8>(), any::<u16>()).prop_map(|(lines, most)| FieldKind::Text { lines, most }),
        options,
        Just(FieldKind::Person),
        (-9..9_i64, 9..99_i64).prop_map(|(least, most)| FieldKind::Number { least, most }),
        Just(FieldKind::Date),
    ];
    (kind, words(), words(), words())
        .prop_map(|(kind, label, hint, initial)| Field::of("x", &label, kind).hint(&hint).initial(&initial))
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn any_message_keeps_its_buttons_and_calls_nobody(mut message in message()) {
        let tokens = stored(&mut message, 0);
        for body in [slack::laid_out(&message), slack::laid_out_plainly(&message), slack::dialog_view(&message)] {
            prop_assert_eq!(pressed(&body), tokens.clone());
            prop_assert!(!mentions(&body), "{}", body);
        }
        prop_assert!(!slack::laid_out(&message)["text"].as_str().unwrap().trim().is_empty());
        if is_tenth() {
            layouts::message(&message);
        }
    }

    #[test]
    fn any_form_has_all_its_fields(title in words(), submit in words(), fields in prop::collection::vec(field(), 1..8)) {
        let mut form = Form::new(&title, &["invite"], fields).submit(&submit);
        form.fields.iter_mut().enumerate().for_each(|(at, it)| it.name = format!("f{at}"));
        let view = slack::form_view(&form);
        prop_assert_eq!(view["blocks"].as_array().unwrap().len(), form.fields.len());
        if is_tenth() {
            layouts::form(&form);
        }
    }

    #[test]
    fn any_home_keeps_its_buttons_and_calls_nobody(mut sections in prop::collection::vec(message(), 1..3)) {
        let tokens: BTreeSet<String> =
            sections.iter_mut().enumerate().flat_map(|(at, it)| stored(it, at * 10_000)).collect();
        let home = Home { sections };
        let view = slack::home_view(&home);
        prop_assert_eq!(pressed(&view), tokens);
        prop_assert!(!mentions(&view), "{}", view);
        if is_tenth() {
            layouts::home(&home);
        }
    }
}
