//! Commands as people type them, completed with the root command wherever words leave the house: an answer in `dispatch`, a
//! message in the outbox. Nobody who words a message knows how the root command is called.

use super::{Block, Details, Form, Greeting, Home, Message, Says, Table, Text};

impl Message {
    /// The same, with every command as people type it.
    #[must_use]
    pub fn rooted(mut self, root: &str) -> Self {
        self.text = self.text.rooted(root);
        self.hint = self.hint.map(|it| it.rooted(root));
        self.blocks = self.blocks.into_iter().map(|it| block(it, root)).collect();
        self
    }
}

impl Form {
    /// The same, with every command as people type it.
    #[must_use]
    pub fn rooted(mut self, root: &str) -> Self {
        self.intro = self.intro.rooted(root);
        self
    }
}

impl Home {
    /// The same, with every command as people type it.
    #[must_use]
    pub fn rooted(mut self, root: &str) -> Self {
        self.sections = self.sections.into_iter().map(|it| it.rooted(root)).collect();
        self
    }
}

impl Greeting {
    /// The same, with every command as people type it.
    #[must_use]
    pub fn rooted(self, root: &str) -> Self {
        match self {
            Self::Answer(message) => Self::Answer(message.rooted(root)),
            Self::Open(form) => Self::Open(Box::new(form.rooted(root))),
            Self::Wait(audience) => Self::Wait(audience),
        }
    }
}

impl Says {
    /// The same, with every command as people type it.
    #[must_use]
    pub fn rooted(self, root: &str) -> Self {
        match self {
            Self::Message(message) => Self::Message(message.rooted(root)),
            Self::Form(form) => Self::Form(Box::new(form.rooted(root))),
            Self::Home(home) => Self::Home(home.rooted(root)),
            Self::Secret(handle, message) => Self::Secret(handle, message.rooted(root)),
            other @ (Self::Suggestions(_) | Self::Nothing) => other,
        }
    }
}

fn block(block: Block, root: &str) -> Block {
    match block {
        Block::Paragraph(text) => Block::Paragraph(text.rooted(root)),
        Block::Fields(fields) => {
            Block::Fields(fields.into_iter().map(|(name, text)| (name, text.rooted(root))).collect())
        }
        Block::Table(table) => Block::Table(rows(table, root)),
        Block::Details(Details { title, blocks }) => {
            Block::Details(Details { title, blocks: blocks.into_iter().map(|it| self::block(it, root)).collect() })
        }
        other @ (Block::Heading(_)
        | Block::Chart(_)
        | Block::Code(_)
        | Block::Secret(_)
        | Block::Buttons(_)
        | Block::File(_)) => other,
    }
}

fn rows(mut table: Table, root: &str) -> Table {
    let complete = |row: Vec<Text>| row.into_iter().map(|it| it.rooted(root)).collect();
    table.rows = table.rows.into_iter().map(complete).collect();
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat::Span;

    #[test]
    fn every_command_of_a_message_is_completed() {
        let named = || Text::plain("see ").command("request list");
        let table = Table { rows: vec![vec![named(), Text::new().command("")]], ..Table::default() };
        let message = Message::new(named())
            .paragraph(named())
            .fields([("More", named())])
            .block(Block::Table(table))
            .hint(named());
        let json = serde_json::to_string(&message.rooted("/ops")).unwrap();
        assert_eq!(json.matches("/ops request list").count(), 5, "{json}");
        assert_eq!(json.matches("\"/ops\"").count(), 1, "{json}");
        assert!(!json.contains("command"), "{json}");
    }

    #[test]
    fn what_is_typed_literally_but_no_command_stays_as_it_is() {
        let text = Text::plain("Id ").code("C17-k3f9").rooted("/claude");
        assert_eq!(text.spans(), [Span::Plain("Id ".into()), Span::Code("C17-k3f9".into())]);
    }
}
