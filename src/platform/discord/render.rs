//! From the model to messages of Discord. Total: it shortens, splits and degrades, never fails, and drops no button.
//!
//! The headline is the content, which is what notifications show; everything else stands in embeds. Every chart has its numbers
//! as text. What does not fit into one message goes on in the next; after some of those, words are left out and that is said.

use serde_json::{Value, json};

use super::buttons::{ROOM, rows};
use super::grids;
use super::limits::{CONTENT, DESCRIPTION, EMBED_TEXT, EMBEDS, FIELD_NAME, FIELD_VALUE, FIELDS, FILES, RUN};
use super::markdown::{fenced, mentioned, one, pieces, small};
use super::page::Page;
use crate::chat::{Block, Button, Chart, File, Message, Table, Text, Tone};
use crate::platform::measure::length;

/// Messages that one answer may take.
pub(super) const ANSWER_PAGES: usize = 4;
/// A value up to this long stands beside the next one.
const SHORT: usize = 40;
/// What is said where words are left out.
const CUT: &str = "-# Not everything fits here. The command line shows all of it.";

/// A message, in as many as it needs; words in `most` at most. There is always a first one.
pub(super) fn pages(message: &Message, most: usize) -> Vec<Page> {
    let mut layout = Layout { most, tone: message.tone, ..Layout::default() };
    layout.headline(message);
    for block in &message.blocks {
        layout.block(block);
    }
    layout.groups.push(message.buttons.clone());
    if let Some(hint) = &message.hint {
        layout.mention(hint);
        layout.texts(small(hint, RUN));
    }
    layout.finished()
}

#[derive(Default)]
struct Layout {
    most: usize,
    tone: Tone,
    done: Vec<Page>,
    open: Page,
    /// What the embeds of the open page hold, in characters.
    used: usize,
    is_cut: bool,
    /// Buttons, a group for each place they stood at.
    groups: Vec<Vec<Button>>,
    /// Files that are shown below, not in an embed.
    files: Vec<File>,
    charts: usize,
}

impl Layout {
    fn headline(&mut self, message: &Message) {
        let headline = match &message.badge {
            Some(badge) => Text::new().strong(badge.label.clone()).then("  ").join(message.text.clone()),
            None => message.text.clone(),
        };
        self.mention(&headline);
        let mut pieces = pieces(&headline, CONTENT).into_iter();
        self.open.content = pieces.next().unwrap_or_default();
        self.texts(pieces);
    }

    /// Only what stands in the content calls somebody, and the content is the first page's.
    fn mention(&mut self, text: &Text) {
        mentioned(text, &mut self.open.people, &mut self.open.roles);
    }

    fn block(&mut self, block: &Block) {
        match block {
            Block::Paragraph(text) => {
                self.mention(text);
                self.texts(pieces(text, RUN));
            }
            Block::Heading(text) => self.heading(text),
            Block::Fields(list) => list.iter().for_each(|(name, value)| self.field(name, value)),
            Block::Table(it) => self.table(it),
            Block::Chart(it) => self.chart(it),
            Block::Code(text) => self.texts(fenced(text, RUN)),
            // It is shown by itself, to the one person it is for.
            Block::Secret(_) => self.small("Shown to one person alone."),
            Block::Buttons(row) => self.groups.push(row.clone()),
            Block::File(file) => {
                self.small(&format!("The file {} comes along.", file.name()));
                self.files.push(file.clone());
            }
            Block::Details(it) => {
                self.heading(&it.title);
                it.blocks.iter().for_each(|block| self.block(block));
            }
        }
    }

    fn heading(&mut self, text: &str) {
        self.texts(pieces(&Text::new().strong(text), RUN));
    }

    fn small(&mut self, text: &str) {
        self.texts(small(&Text::plain(text), RUN));
    }

    fn table(&mut self, table: &Table) {
        if table.rows.is_empty() || table.columns.is_empty() {
            return;
        }
        self.small(&table.caption);
        let (texts, left_out) = grids::table(table);
        self.texts(texts);
        if left_out > 0 {
            self.small(&format!("Rows that do not fit here: {left_out}. The command line shows all of them."));
        }
    }

    /// A picture, and below it in any case the numbers.
    fn chart(&mut self, chart: &Chart) {
        if !self.is_cut && self.room_for(0, self.open.files.len() < FILES) {
            self.charts += 1;
            let file = File::picture(&format!("chart-{}", self.charts), chart.clone());
            let mut embed = self.embed();
            embed["image"] = json!({ "url": format!("attachment://{}", file.name()) });
            self.open.embeds.push(embed);
            self.open.files.push(file);
        }
        self.small(&chart.to_plain());
    }

    fn texts(&mut self, texts: impl IntoIterator<Item = String>) {
        texts.into_iter().for_each(|text| self.text(&text));
    }

    /// Adds a run of text: to the last embed if it still holds nothing but text, otherwise to a new one.
    fn text(&mut self, text: &str) {
        let more = length(text) + 1;
        if self.is_cut || text.trim().is_empty() {
            return;
        }
        let fits = |it: &&mut Value| {
            let has = it["description"].as_str().map_or(0, length);
            it["fields"].is_null() && it["image"].is_null() && has + more <= DESCRIPTION
        };
        if self.used + more <= EMBED_TEXT
            && let Some(embed) = self.open.embeds.last_mut().filter(fits)
        {
            let before = embed["description"].as_str().unwrap_or_default();
            embed["description"] = format!("{before}\n{text}").into();
            self.used += more;
            return;
        }
        if self.room_for(more, true) {
            let mut embed = self.embed();
            embed["description"] = text.into();
            self.open.embeds.push(embed);
        }
    }

    fn field(&mut self, name: &str, value: &Text) {
        self.mention(value);
        let name = one(&Text::plain(name), FIELD_NAME);
        let name = if name.trim().is_empty() { "–".to_owned() } else { name };
        let told = one(value, FIELD_VALUE);
        let told = if told.trim().is_empty() { "–".to_owned() } else { told };
        let more = length(&name) + length(&told);
        let is_short = length(&told) <= SHORT;
        let field = json!({ "name": name, "value": told, "inline": is_short });
        let takes = |it: &&mut Value| {
            it["image"].is_null() && it["fields"].as_array().is_none_or(|fields| fields.len() < FIELDS)
        };
        if self.is_cut {
            return;
        }
        if self.used + more <= EMBED_TEXT
            && let Some(embed) = self.open.embeds.last_mut().filter(takes)
        {
            match embed["fields"].as_array_mut() {
                Some(fields) => fields.push(field),
                None => embed["fields"] = json!([field]),
            }
            self.used += more;
        } else if self.room_for(more, true) {
            let mut embed = self.embed();
            embed["fields"] = json!([field]);
            self.open.embeds.push(embed);
        }
    }

    /// Makes room for an embed of this length, on the next page if need be. False if there is none left: words end here.
    fn room_for(&mut self, more: usize, fits_otherwise: bool) -> bool {
        if fits_otherwise && self.open.embeds.len() < EMBEDS && self.used + more <= EMBED_TEXT {
            self.used += more;
            return true;
        }
        if self.done.len() + 1 >= self.most {
            self.is_cut = true;
            return false;
        }
        self.turn();
        self.used = more;
        true
    }

    fn turn(&mut self) {
        self.done.push(std::mem::take(&mut self.open));
        self.used = 0;
    }

    fn embed(&self) -> Value {
        let color = match self.tone {
            Tone::Neutral => return json!({}),
            Tone::Waiting => 0x00f0_b232,
            Tone::Good => 0x0023_a55a,
            Tone::Warning => 0x00e6_7e22,
            Tone::Bad => 0x00da_373c,
        };
        json!({ "color": color })
    }

    fn finished(mut self) -> Vec<Page> {
        if self.is_cut {
            self.note();
        }
        let files = std::mem::take(&mut self.files);
        for file in files {
            if self.open.files.len() >= FILES {
                self.turn();
            }
            self.open.files.push(file);
        }
        for (at, chunk) in rows(&self.groups).chunks(ROOM).enumerate() {
            if at > 0 {
                self.turn();
                "More buttons:".clone_into(&mut self.open.content);
            }
            self.open.rows = chunk.to_vec();
        }
        self.turn();
        self.done
    }

    /// There is room for it always: the limits that are kept are below Discord's.
    fn note(&mut self) {
        let has_room = self.open.embeds.len() < EMBEDS;
        let is_text = |it: &Value| it["fields"].is_null() && it["description"].is_string();
        match self.open.embeds.last_mut() {
            Some(last) if is_text(last) => {
                last["description"] = format!("{}\n{CUT}", last["description"].as_str().unwrap_or_default()).into();
            }
            Some(last) if !has_room => last["footer"] = json!({ "text": CUT.trim_start_matches("-# ") }),
            _ => self.open.embeds.push(json!({ "description": CUT })),
        }
    }
}
