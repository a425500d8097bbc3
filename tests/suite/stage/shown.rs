//! A message as somebody sees it, as text.

use steward::chat::{Block, Button, Message};

use super::words::masked;

/// A message as somebody sees it.
#[derive(Clone, Debug)]
pub(crate) struct Shown {
    /// The message.
    pub(crate) message: Message,
    pub(super) index: Option<usize>,
}

impl Shown {
    /// All its words, a line each; buttons in brackets.
    pub(crate) fn reads(&self) -> String {
        let mut lines = vec![self.message.text.to_plain()];
        if let Some(badge) = &self.message.badge {
            lines[0] = format!("{} ({})", lines[0], badge.label);
        }
        for block in &self.message.blocks {
            match block {
                Block::Paragraph(text) => lines.push(text.to_plain()),
                Block::Heading(text) | Block::Code(text) => lines.push(text.clone()),
                Block::Fields(fields) => {
                    lines.extend(fields.iter().map(|(name, value)| format!("{name}: {}", value.to_plain())));
                }
                Block::Table(table) => {
                    lines.push(table.columns.join(" | "));
                    lines.extend(
                        table
                            .rows
                            .iter()
                            .map(|row| row.iter().map(steward::chat::Text::to_plain).collect::<Vec<_>>().join(" | ")),
                    );
                }
                Block::Chart(chart) => lines.push(chart.to_plain()),
                Block::Secret(_) => lines.push("(a secret)".into()),
                Block::Buttons(buttons) => lines.push(labels(buttons)),
                Block::File(file) => lines.push(format!("(the file {})", file.name())),
                Block::Details(details) => {
                    let inner = Message { blocks: details.blocks.clone(), ..Message::plain(details.title.clone()) };
                    lines.push(Self { message: inner, index: None }.reads());
                }
            }
        }
        if let Some(hint) = &self.message.hint {
            lines.push(hint.to_plain());
        }
        if !self.message.buttons.is_empty() {
            lines.push(labels(&self.message.buttons));
        }
        lines.join("\n")
    }

    /// The same, with ids that differ from run to run, or say nothing to a reader, made alike.
    pub(crate) fn told(&self) -> String {
        masked(&self.reads())
    }

    /// One of its buttons.
    pub(crate) fn button(&self, label: &str) -> &Button {
        let inner = self
            .message
            .blocks
            .iter()
            .filter_map(|block| if let Block::Buttons(buttons) = block { Some(buttons.iter()) } else { None });
        let mut all = inner.flatten().chain(&self.message.buttons);
        all.find(|it| it.label == label).unwrap_or_else(|| panic!("no button {label} on:\n{}", self.reads()))
    }

    /// The id of the request that it is about.
    pub(crate) fn request(&self) -> String {
        let fields = self
            .message
            .blocks
            .iter()
            .filter_map(|block| if let Block::Fields(fields) = block { Some(fields.iter()) } else { None });
        let id = fields.flatten().find(|(name, _)| name == "Request").map(|(_, value)| value.to_plain());
        id.unwrap_or_else(|| panic!("no request on:\n{}", self.reads()))
    }
}

fn labels(buttons: &[Button]) -> String {
    buttons.iter().map(|it| format!("[{}]", it.label)).collect::<Vec<_>>().join(" ")
}
