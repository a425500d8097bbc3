//! What is wrong with a command, in one sentence, and one that would pass.

use clap::Arg;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::near::nearest;
use super::walk::{Fault, Walk};
use super::{alias, grammar, invite, words};
use crate::chat::{Message, Text, Tone};
use crate::domain::BadWorkspaceRole;

/// How many characters of somebody's words are said back to them.
const MOST_SAID_BACK: usize = 40;

/// How long a command may be that is proposed instead, in characters.
const MOST_SUGGESTED: usize = 160;

/// A command that could not be understood. It quotes what was typed, so it is told to the one who typed it, and never
/// logged.
#[derive(Clone, PartialEq)]
pub struct Mistake {
    text: Text,
    hint: Hint,
    missing: Option<Box<Missing>>,
}

/// A command that only lacks something, so that a form can ask for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// The command: `["member", "role"]`.
    pub path: Vec<String>,
    /// What was given already, by name as in a form's fields: `who`, `--role`.
    pub given: Vec<(String, String)>,
    /// The names of what is missing.
    pub names: Vec<String>,
}

#[derive(Clone, PartialEq)]
enum Hint {
    Example(String),
    DidYouMean(String),
    Option(String),
}

impl Mistake {
    /// What is wrong, in one sentence.
    #[must_use]
    pub fn text(&self) -> &Text {
        &self.text
    }

    /// How to go on, with a command that would pass.
    #[must_use]
    pub fn hint(&self) -> Text {
        match &self.hint {
            Hint::Example(example) => Text::plain("For example: ").command(example),
            Hint::Option(near) => Text::plain("Did you mean ").code(near).then("?"),
            Hint::DidYouMean(near) => Text::plain("Did you mean ").command(near).then("?"),
        }
    }

    /// What a form could ask for, if nothing else is wrong.
    #[must_use]
    pub fn missing(&self) -> Option<&Missing> {
        self.missing.as_deref()
    }

    /// Both, as it is told.
    #[must_use]
    pub fn message(&self) -> Message {
        Message::new(self.text.clone()).hint(self.hint()).tone(Tone::Bad)
    }

    pub(super) fn too_long() -> Self {
        Self::new(Text::plain("That is more than a command can be."), Hint::Example("help".into()))
    }

    /// The words led somewhere, but something does not fit.
    pub(super) fn fault(walk: &Walk, fault: &Fault) -> Self {
        let command = walk.path.join(" ");
        let example = Hint::Example(example_of(walk));
        match fault {
            Fault::Command(word) => Self::unknown_command(walk, word),
            Fault::Option(name) => {
                let said = said_back(&format!("--{name}"), "that option");
                let text = Text::new().command(command).then(" has no option ").join(said).then(".");
                let names = walk.node.get_arguments().map(grammar::name_of);
                let near = nearest(&format!("--{name}"), names);
                Self::new(text, near.map_or(example, Hint::Option))
            }
            Fault::NoValue(arg) => {
                let text = Text::new().code(grammar::name_of(arg)).then(" needs a value").then(one_of(arg)).then(".");
                Self::new(text, Hint::Example(example_with(walk, arg)))
            }
            Fault::Value(arg) => Self::new(
                Text::new().code(grammar::name_of(arg)).then(" is there or not; it takes no value."),
                Hint::Example(example_with(walk, arg)),
            ),
            Fault::Twice(arg) => Self::new(
                Text::new().code(grammar::name_of(arg)).then(" can be given only once."),
                Hint::Example(example_with(walk, arg)),
            ),
            Fault::Surplus(surplus, behind) => Self::surplus(walk, surplus, *behind),
        }
    }

    /// Nothing is wrong but that something is missing.
    pub(super) fn lacking(walk: &Walk, missing: &[&Arg]) -> Self {
        let each = missing.iter().map(|arg| {
            let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
            let values: Vec<String> = grammar::values_of(arg).into_iter().map(|(value, _)| value).collect();
            let said = if values.is_empty() { lower_first(&help) } else { listed(values.into_iter(), "or") };
            let article = if arg.get_id() == "who" { "" } else { "the " };
            format!("{article}{} ({said})", arg.get_id())
        });
        let text = Text::new().command(walk.path.join(" ")).then(format!(" needs to know {}.", listed(each, "and")));
        let given = walk.given.iter().map(|(arg, value)| (grammar::name_of(arg), value.clone().unwrap_or_default()));
        Self {
            missing: Some(Box::new(Missing {
                path: walk.path.iter().map(ToString::to_string).collect(),
                given: given.collect(),
                names: missing.iter().map(|arg| grammar::name_of(arg)).collect(),
            })),
            ..Self::new(text, Hint::Example(example_of(walk)))
        }
    }

    /// The words fit, but a value does not.
    pub(super) fn value(walk: &Walk, error: &clap::Error) -> Self {
        let context = |kind| match error.get(kind) {
            Some(ContextValue::String(text)) => text.clone(),
            _ => String::new(),
        };
        let arg = walk.node.get_arguments().find(|arg| arg.to_string() == context(ContextKind::InvalidArg));
        let name = arg.map_or_else(|| "that".to_owned(), grammar::name_of);
        let value = context(ContextKind::InvalidValue);
        let why = match error.kind() {
            ErrorKind::InvalidValue => arg.map(|arg| why_not_among(walk, arg, &value)),
            ErrorKind::ValueValidation => std::error::Error::source(error).map(ToString::to_string),
            ErrorKind::ArgumentConflict => return Self::conflict(walk, error),
            _ => None,
        };
        let text = said_back(&value, "That").then(" will not do for ").code(name);
        let text = text.then(why.map_or_else(|| ".".to_owned(), |why| format!(": {why}.")));
        let near = arg.and_then(|arg| nearest(&value, grammar::values_of(arg).into_iter().map(|(value, _)| value)));
        let example = arg.map_or_else(|| example_of(walk), |arg| example_with(walk, arg));
        let corrected = near.and_then(|near| typed(walk, |_, given| (given == value).then(|| near.clone())));
        Self::new(text, corrected.map_or_else(|| Hint::Example(example), Hint::DidYouMean))
    }

    /// Something that no sentence was made for.
    pub(super) fn unclear(walk: &Walk) -> Self {
        let text = Text::plain("This could not be understood as ").command(walk.path.join(" ")).then(".");
        Self::new(text, Hint::Example(example_of(walk)))
    }

    fn conflict(walk: &Walk, error: &clap::Error) -> Self {
        let named = |kind| match error.get(kind) {
            Some(ContextValue::String(text)) => vec![text.clone()],
            Some(ContextValue::Strings(texts)) => texts.clone(),
            _ => Vec::new(),
        };
        let both = named(ContextKind::InvalidArg).into_iter().chain(named(ContextKind::PriorArg));
        let options = both.map(|text| text.split_whitespace().next().unwrap_or_default().to_owned());
        let text = Text::plain(format!("These cannot go together: {}.", listed(options, "and")));
        Self::new(text, Hint::Example(example_of(walk)))
    }

    fn unknown_command(walk: &Walk, word: &str) -> Self {
        let children = || walk.node.get_subcommands().map(|child| child.get_name().to_owned());
        let group = walk.path.join(" ");
        if group.is_empty() {
            let text = Text::plain("There is no command ").join(said_back(word, "like that")).then(".");
            let paths =
                grammar::leaves().into_iter().map(|(path, _)| (path[path.len() - 1].to_owned(), path.join(" ")));
            let shorts = alias::single().map(|(short, _)| (short.to_owned(), short.to_owned()));
            let known: Vec<(String, String)> =
                children().map(|name| (name.clone(), name)).chain(shorts).chain(paths).collect();
            let near = nearest(word, known.iter().map(|(name, _)| name.clone()));
            let near = near.and_then(|near| known.into_iter().find(|(name, _)| *name == near));
            return Self::new(
                text,
                near.map_or_else(|| Hint::Example("help".into()), |(_, path)| Hint::DidYouMean(path)),
            );
        }
        let text = Text::new().command(group.clone()).then(format!(" knows {}, but not ", listed(children(), "and")));
        let text = text.join(said_back(word, "that")).then(".");
        let near = nearest(word, children()).map(|near| Hint::DidYouMean(format!("{group} {near}")));
        let first = || walk.node.get_subcommands().flat_map(grammar::examples_of).next();
        Self::new(text, near.unwrap_or_else(|| Hint::Example(first().unwrap_or_else(|| "help".into()))))
    }

    /// More words than subjects: most often a name or a reason of several words, without quotes.
    fn surplus(walk: &Walk, surplus: &[String], behind: Option<&Arg>) -> Self {
        let text = Text::plain("There is no place for ").join(said_back(&surplus[0], "all of that")).then(" here.");
        let joined = |arg: &Arg, given: &str| {
            behind.filter(|it| it.get_id() == arg.get_id()).map(|_| format!("{given} {}", surplus.join(" ")))
        };
        let hint = behind.filter(|arg| walk.has(arg)).and_then(|_| typed(walk, joined)).map(Hint::DidYouMean);
        Self::new(text, hint.unwrap_or_else(|| Hint::Example(example_of(walk))))
    }

    fn new(text: Text, hint: Hint) -> Self {
        Self { text, hint, missing: None }
    }
}

impl std::fmt::Debug for Mistake {
    /// Without what was typed.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mistake").finish_non_exhaustive()
    }
}

fn example_of(walk: &Walk) -> String {
    grammar::examples_of(walk.node).into_iter().next().unwrap_or_else(|| "help".into())
}

/// An example that shows how this argument is used, if there is one.
fn example_with(walk: &Walk, arg: &Arg) -> String {
    let uses = |example: &String| words::split(example).contains(&grammar::name_of(arg));
    grammar::examples_of(walk.node).into_iter().find(uses).unwrap_or_else(|| example_of(walk))
}

fn why_not_among(walk: &Walk, arg: &Arg, value: &str) -> String {
    if arg.get_id() == "role" && walk.path.first() == Some(&"workspace") {
        return BadWorkspaceRole.to_string();
    }
    match invite::why_no_role(value) {
        Some(why) if arg.get_id() == "role" => why.to_string(),
        _ => format!("only{} will", one_of(arg).trim_start_matches(':')),
    }
}

/// The command with other values, unless it is too long to be read or has something secret in it.
fn typed(walk: &Walk, instead: impl Fn(&Arg, &str) -> Option<String>) -> Option<String> {
    Some(walk.typed(instead)).filter(|it| it.chars().count() <= MOST_SUGGESTED && !is_secret(it))
}

/// `: user, developer or billing`, or nothing where any value may stand.
fn one_of(arg: &Arg) -> String {
    let values = grammar::values_of(arg);
    if values.is_empty() {
        String::new()
    } else {
        format!(": {}", listed(values.into_iter().map(|(value, _)| value), "or"))
    }
}

/// What somebody typed, shortened; `instead` where it is long or could be a secret.
fn said_back(word: &str, instead: &str) -> Text {
    let word = words::visible(word);
    if word.is_empty() || word.chars().count() > MOST_SAID_BACK || is_secret(&word) {
        Text::plain(instead)
    } else {
        Text::new().code(word)
    }
}

fn is_secret(text: &str) -> bool {
    text.to_ascii_lowercase().contains("sk-")
}

/// `a, b and c`.
pub(super) fn listed(items: impl Iterator<Item = String>, last: &str) -> String {
    let items: Vec<String> = items.collect();
    match items.split_last() {
        None => String::new(),
        Some((only, [])) => only.clone(),
        Some((end, rest)) => format!("{} {last} {end}", rest.join(", ")),
    }
}

pub(super) fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_lowercase().chain(chars).collect()).unwrap_or_default()
}
