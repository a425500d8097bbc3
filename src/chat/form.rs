//! A form: what a command still needs to know. Sending it runs the stored command with the fields as its arguments.

use serde::{Deserialize, Serialize};

use super::{Text, Token};

/// What may be entered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldKind {
    /// Words; `lines` above 1 asks for a larger box.
    Text {
        /// How many lines the box shows.
        lines: u8,
        /// The most characters that are taken.
        most: u16,
    },
    /// One of these: what is sent, what is read.
    Select(Vec<(String, String)>),
    /// A person of this chat; sent as an account.
    Person,
    /// A whole number.
    Number {
        /// The smallest that is taken.
        least: i64,
        /// The largest that is taken.
        most: i64,
    },
    /// A day, sent as `YYYY-MM-DD`.
    Date,
}

/// One thing to fill in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// The argument it becomes: a positional one's name (`email`) or an option's (`--role`).
    pub name: String,
    /// What is read above it.
    pub label: String,
    /// A sentence below it.
    pub hint: String,
    /// What may be entered.
    pub kind: FieldKind,
    /// Whether it must be filled in.
    pub required: bool,
    /// What stands there already.
    pub initial: String,
}

impl Field {
    /// A required field of one line.
    #[must_use]
    pub fn line(name: &str, label: &str) -> Self {
        Self::of(name, label, FieldKind::Text { lines: 1, most: 254 })
    }

    /// A required field of any kind.
    #[must_use]
    pub fn of(name: &str, label: &str, kind: FieldKind) -> Self {
        Self {
            name: name.into(),
            label: label.into(),
            hint: String::new(),
            kind,
            required: true,
            initial: String::new(),
        }
    }

    /// The same, but it may stay empty.
    #[must_use]
    pub fn optional(mut self) -> Self {
        self.required = false;
        self
    }

    /// The same, with a sentence below it.
    #[must_use]
    pub fn hint(mut self, hint: &str) -> Self {
        self.hint = hint.into();
        self
    }

    /// The same, filled in already.
    #[must_use]
    pub fn initial(mut self, value: &str) -> Self {
        self.initial = value.into();
        self
    }
}

/// A form and the command that it completes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Form {
    /// What it is for; short, Slack takes 24 characters.
    pub title: String,
    /// A sentence above the fields.
    pub intro: Text,
    /// The things to fill in.
    pub fields: Vec<Field>,
    /// What the button says; short.
    pub submit: String,
    /// The command's words so far, such as `["invite"]`.
    pub words: Vec<String>,
    /// The id that comes back with the fields; given when the form is stored.
    pub token: Option<Token>,
    /// Errors of the last attempt, by field name; what was entered then stands in the fields' `initial`.
    pub errors: Vec<(String, String)>,
}

impl Form {
    /// A form that completes the command `words`.
    #[must_use]
    pub fn new(title: &str, words: &[&str], fields: Vec<Field>) -> Self {
        Self {
            title: title.into(),
            intro: Text::new(),
            fields,
            submit: "Send".into(),
            words: words.iter().map(ToString::to_string).collect(),
            token: None,
            errors: Vec::new(),
        }
    }

    /// The same, with another word on the button.
    #[must_use]
    pub fn submit(mut self, label: &str) -> Self {
        self.submit = label.into();
        self
    }

    /// The command's words once `entered` is filled in; empty fields are left out. Each becomes `--name=value`, subjects too,
    /// so that nothing that was entered can be read as another option.
    #[must_use]
    pub fn completed(words: &[String], entered: &[(String, String)]) -> Vec<String> {
        let filled = entered.iter().filter(|(_, value)| !value.trim().is_empty());
        let options = filled.map(|(name, value)| format!("--{}={}", name.trim_start_matches("--"), value.trim()));
        words.iter().cloned().chain(options).collect()
    }
}
