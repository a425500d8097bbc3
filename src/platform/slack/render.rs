//! From the model to Block Kit. Total: it shortens, splits and degrades, never fails, and drops no button.
//!
//! A message always has a `text`, which is what notifications and screen readers get; every chart has its numbers as text.

use serde_json::{Value, json};

use super::blocks::{buttons, code, context, divider, fields, heading, packed, sections};
use super::grids;
use super::limits::{CHARTS, MESSAGE_BLOCKS, MESSAGE_TEXT, MODAL_WORD, VIEW_BLOCKS};
use super::mrkdwn;
use crate::chat::{Block, Home, Message, Text};
use crate::platform::measure::shortened;

/// Where a message is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Surface {
    /// A channel or a conversation: tables and charts are Slack's own.
    Message,
    /// The same after Slack refused those: older clients and workspaces get new blocks late.
    PlainMessage,
    /// A modal: neither tables nor charts.
    Modal,
    /// The Home tab: charts, but no tables.
    Home,
}

impl Surface {
    fn takes_tables(self) -> bool {
        self == Self::Message
    }

    fn takes_charts(self) -> bool {
        matches!(self, Self::Message | Self::Home)
    }

    fn most_blocks(self) -> usize {
        match self {
            Self::Message | Self::PlainMessage => MESSAGE_BLOCKS,
            Self::Modal | Self::Home => VIEW_BLOCKS,
        }
    }
}

/// `text` and `blocks` of a message, for `chat.postMessage`, `chat.update`, an answer and a `response_url`.
pub(super) fn message(message: &Message, surface: Surface) -> Value {
    json!({
        "text": notification(message),
        "blocks": fitted(blocks(message, surface), surface.most_blocks()),
        "unfurl_links": false,
        "unfurl_media": false,
    })
}

/// What notifications and screen readers get: the headline, and what its badge says.
fn notification(message: &Message) -> String {
    let text = match &message.badge {
        Some(badge) if !message.text.is_empty() => message.text.clone().then(format!(" ({})", badge.label)),
        _ => message.text.clone(),
    };
    let headline = mrkdwn::one(&text, MESSAGE_TEXT);
    if headline.trim().is_empty() { "Steward".to_owned() } else { headline }
}

/// A message as a modal without inputs.
pub(super) fn dialog(message: &Message) -> Value {
    json!({
        "type": "modal",
        "callback_id": "answer",
        "title": { "type": "plain_text", "text": "Steward", "emoji": false },
        "close": { "type": "plain_text", "text": "Close", "emoji": false },
        "blocks": fitted(blocks(message, Surface::Modal), VIEW_BLOCKS),
    })
}

/// What is shown while the answer is on its way.
pub(super) fn loading(title: &str) -> Value {
    let title = if title.trim().is_empty() { "One moment" } else { title };
    json!({
        "type": "modal",
        "callback_id": "loading",
        "title": { "type": "plain_text", "text": shortened(title, MODAL_WORD), "emoji": false },
        "close": { "type": "plain_text", "text": "Close", "emoji": false },
        "blocks": [context(&Text::plain("One moment …"))],
    })
}

/// A person's Home tab.
pub(super) fn home(home: &Home) -> Value {
    let mut all: Vec<Placed> = Vec::new();
    for section in &home.sections {
        if !all.is_empty() {
            all.push(Placed::words(divider()));
        }
        all.extend(blocks(section, Surface::Home));
    }
    json!({ "type": "home", "blocks": fitted(all, VIEW_BLOCKS) })
}

/// A block, and whether something can be pressed in it.
struct Placed {
    block: Value,
    has_buttons: bool,
}

impl Placed {
    fn words(block: Value) -> Self {
        Self { block, has_buttons: false }
    }

    fn pressed(block: Value) -> Self {
        let has_buttons = block["type"] == "actions";
        Self { block, has_buttons }
    }
}

/// At most `most` blocks: what is too much is left out from the end, but never a button. Where there are more rows of buttons
/// than blocks, the buttons stand together.
fn fitted(mut all: Vec<Placed>, most: usize) -> Vec<Value> {
    if all.len() <= most {
        return all.into_iter().map(|it| it.block).collect();
    }
    let note = Text::plain("Not everything fits here. The command line shows all of it.");
    if all.iter().filter(|it| it.has_buttons).count() > most / 2 {
        let (rows, words): (Vec<Placed>, Vec<Placed>) = all.into_iter().partition(|it| it.has_buttons);
        let rows: Vec<Value> = rows.into_iter().map(|it| it.block).collect();
        all = words.into_iter().chain(packed(&rows).into_iter().map(Placed::pressed)).collect();
    }
    let pressed = all.iter().filter(|it| it.has_buttons).count();
    let mut words_left = (most - 1).saturating_sub(pressed);
    let mut kept: Vec<Value> = Vec::with_capacity(most);
    for it in all {
        if it.has_buttons {
            kept.push(it.block);
        } else if words_left > 0 {
            words_left -= 1;
            kept.push(it.block);
        }
    }
    kept.push(context(&note));
    kept
}

fn blocks(message: &Message, surface: Surface) -> Vec<Placed> {
    let mut layout = Layout { surface, placed: Vec::new(), has_table: false, charts: 0 };
    let headline = match &message.badge {
        Some(badge) => Text::new().strong(badge.label.clone()).then("  ").join(message.text.clone()),
        None => message.text.clone(),
    };
    layout.words(sections(&headline));
    for block in &message.blocks {
        layout.block(block);
    }
    layout.placed.extend(buttons(&message.buttons).into_iter().map(Placed::pressed));
    if let Some(hint) = message.hint.as_ref().filter(|it| !it.to_plain().trim().is_empty()) {
        layout.words(std::iter::once(context(hint)));
    }
    layout.placed
}

struct Layout {
    surface: Surface,
    placed: Vec<Placed>,
    has_table: bool,
    charts: usize,
}

impl Layout {
    fn words(&mut self, blocks: impl Iterator<Item = Value>) {
        self.placed.extend(blocks.map(Placed::words));
    }

    fn block(&mut self, block: &Block) {
        match block {
            Block::Paragraph(text) => self.words(sections(text)),
            Block::Heading(text) => self.words(std::iter::once(heading(text))),
            Block::Fields(list) => self.words(fields(list)),
            Block::Table(it) => self.table(it),
            Block::Chart(it) => self.chart(it),
            Block::Code(text) => self.words(code(text)),
            // It is shown in a dialog of its own, to the one person it is for.
            Block::Secret(_) => self.words(std::iter::once(context(&Text::plain("Shown to one person, in a dialog.")))),
            Block::Buttons(row) => self.placed.extend(buttons(row).into_iter().map(Placed::pressed)),
            // Slack shows it by itself, beside this.
            Block::File(file) => {
                let named = Text::plain("The file ").strong(file.name()).then(" comes along.");
                self.words(std::iter::once(context(&named)));
            }
            Block::Details(it) => {
                self.words(std::iter::once(heading(&it.title)));
                it.blocks.iter().for_each(|block| self.block(block));
            }
        }
    }

    /// Slack takes one table per message.
    fn table(&mut self, table: &crate::chat::Table) {
        if table.rows.is_empty() || table.columns.is_empty() {
            return;
        }
        if !table.caption.trim().is_empty() {
            self.words(std::iter::once(context(&Text::plain(table.caption.clone()))));
        }
        if self.has_table || !self.surface.takes_tables() {
            return self.words(code(&grids::table_as_text(table)));
        }
        self.has_table = true;
        let (block, left_out) = grids::table(table);
        self.words(std::iter::once(block));
        if left_out > 0 {
            let rows = if left_out == 1 { "1 row does" } else { &format!("{left_out} rows do") };
            let note = Text::plain(format!("{rows} not fit here. The command line shows all of them."));
            self.words(std::iter::once(context(&note)));
        }
    }

    /// The numbers stand below it in any case.
    fn chart(&mut self, chart: &crate::chat::Chart) {
        let native = if self.surface.takes_charts() && self.charts < CHARTS { grids::chart(chart) } else { None };
        if let Some(block) = native {
            self.charts += 1;
            self.words(std::iter::once(block));
        }
        self.words(std::iter::once(context(&Text::plain(chart.to_plain()))));
    }
}
