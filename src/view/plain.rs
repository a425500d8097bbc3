//! A message for a terminal and for tests: words and line breaks alone, and no control characters of anybody else's.

use crate::chat::{Block, Button, Message, Table, Text};

/// All words of a message, a line each; buttons in brackets.
#[must_use]
pub fn plain(message: &Message) -> String {
    let badge = message.badge.as_ref().map(|it| format!(" ({})", it.label)).unwrap_or_default();
    let mut lines = vec![format!("{}{badge}", message.text.to_plain())];
    lines.extend(blocks(&message.blocks));
    lines.extend(message.hint.as_ref().map(Text::to_plain));
    if !message.buttons.is_empty() {
        lines.push(labels(&message.buttons));
    }
    let visible = |line: String| line.chars().filter(|it| !it.is_control()).collect::<String>();
    lines.into_iter().map(visible).collect::<Vec<_>>().join("\n")
}

fn blocks(blocks: &[Block]) -> Vec<String> {
    let mut lines = Vec::new();
    for block in blocks {
        match block {
            Block::Paragraph(text) => lines.push(text.to_plain()),
            Block::Heading(text) => lines.push(text.clone()),
            Block::Code(text) => lines.extend(text.lines().map(ToOwned::to_owned)),
            Block::Fields(fields) => {
                lines.extend(fields.iter().map(|(name, value)| format!("{name}: {}", value.to_plain())));
            }
            Block::Table(table) => lines.extend(rows(table)),
            Block::Chart(chart) => lines.push(chart.to_plain()),
            Block::Secret(_) => lines.push("(a secret, shown in chat only)".into()),
            Block::Buttons(buttons) => lines.push(labels(buttons)),
            Block::File(file) => lines.push(format!("(the file {})", file.name())),
            Block::Details(details) => {
                lines.push(details.title.clone());
                lines.extend(self::blocks(&details.blocks));
            }
        }
    }
    lines
}

/// Columns as wide as their widest cell, two spaces apart.
fn rows(table: &Table) -> Vec<String> {
    let cells: Vec<Vec<String>> = table.rows.iter().map(|row| row.iter().map(Text::to_plain).collect()).collect();
    let all = || std::iter::once(&table.columns).chain(&cells);
    let width = |column: usize| all().filter_map(|row| row.get(column)).map(|it| it.chars().count()).max().unwrap_or(0);
    let line = |row: &Vec<String>| {
        let padded = row.iter().enumerate().map(|(column, cell)| format!("{cell:width$}", width = width(column)));
        padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    all().map(line).collect()
}

fn labels(buttons: &[Button]) -> String {
    buttons.iter().map(|it| format!("[{}]", it.label)).collect::<Vec<_>>().join(" ")
}
