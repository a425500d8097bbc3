//! The help pages, made from the tree.

use clap::Arg;

use super::mistake::lower_first;
use super::{alias, grammar};
use crate::chat::{Block, Message, Span, Text};

/// Where each entry stands on the first page. A test sees to it that none is forgotten.
const GROUPS: &[(&str, &[&str])] = &[
    ("People", &["invite", "invites", "member", "offboard"]),
    ("API keys", &["key"]),
    ("Workspaces", &["workspace", "sync", "drift"]),
    ("Money", &["usage", "cost", "limit", "report"]),
    ("Requests", &["request", "audit"]),
    ("Rights", &["grant", "policy"]),
    ("You", &["home", "whoami", "link"]),
    ("When something does not work", &["help", "doctor", "status"]),
];

const BILLING_PAGE: &str = "https://platform.claude.com/settings/billing";

/// The help on a topic, for people who say `root` before their commands. Without one, or with one that nobody wrote
/// about: all there is.
#[must_use]
pub fn help(root: &str, topic: &[String]) -> Message {
    let words: Vec<String> = topic.iter().flat_map(|it| it.split_whitespace()).map(str::to_lowercase).collect();
    let path = alias::expand(&words);
    let path: Vec<&str> = path.iter().map(String::as_str).filter(|it| !it.starts_with('-')).collect();
    match path.as_slice() {
        [] => overview(root),
        ["billing"] => billing(),
        path => match grammar::find(path) {
            Some(node) if node.has_subcommands() => group(root, node),
            Some(node) => command(root, path, node),
            None => overview(root).paragraph("About that there is no page of its own."),
        },
    }
}

/// All there is.
fn overview(root: &str) -> Message {
    let start = Message::plain("This is how your company's Claude organization is run from chat.");
    let with_groups = GROUPS.iter().fold(start, |message, (title, names)| {
        let entries = names.iter().filter_map(|name| Some((*name, grammar::find(&[name])?)));
        let fields = entries.map(|(name, node)| (format!("{root} {name}{}", sketch(node)), about(node)));
        message.block(Block::Heading((*title).to_owned())).fields(fields.collect::<Vec<_>>())
    });
    with_groups.hint(
        Text::plain("More about each, with examples: ")
            .code(format!("{root} help invite"))
            .then(". About payment: ")
            .code(format!("{root} help billing"))
            .then("."),
    )
}

/// A group and its commands.
fn group(root: &str, node: &clap::Command) -> Message {
    let name = node.get_name();
    let entry = |child: &clap::Command| (format!("{root} {name} {}{}", child.get_name(), sketch(child)), about(child));
    let example = node.get_subcommands().flat_map(grammar::examples_of).next().unwrap_or_default();
    Message::new(Text::new().strong(name).then(": ").join(about(node)).then("."))
        .fields(node.get_subcommands().map(entry).collect::<Vec<_>>())
        .hint(Text::plain("For example: ").code(format!("{root} {example}")))
}

/// One command, its arguments and its examples.
fn command(root: &str, path: &[&str], node: &clap::Command) -> Message {
    let path = path.join(" ");
    let mut message = Message::new(Text::new().strong(path.clone()).then(": ").join(about(node)).then("."));
    if let Some(more) = more_about(node) {
        message = message.paragraph(more);
    }
    message = message.paragraph(Text::new().code(format!("{root} {path}{}", usage(node))));
    let arguments: Vec<_> = shown(node).map(|arg| (label(arg), explained(arg))).collect();
    if !arguments.is_empty() {
        message = message.fields(arguments);
    }
    let examples: Vec<String> = grammar::examples_of(node).iter().map(|it| format!("{root} {it}")).collect();
    message.block(Block::Heading("Examples".into())).block(Block::Code(examples.join("\n")))
}

/// What is done in the Console alone.
fn billing() -> Message {
    Message::plain("Paying for Claude is arranged in the Claude Console; no API reaches it.")
        .paragraph(
            "Only there: creating a company's organization, payment methods, plans and credits, invoices and receipts, \
             and giving or taking the role admin.",
        )
        .paragraph(
            Text::plain("It is all under ")
                .span(Span::Link { label: "billing in the Claude Console".into(), url: BILLING_PAGE.into() })
                .then("; whoever has the role billing or admin there can open it."),
        )
}

fn about(node: &clap::Command) -> Text {
    Text::plain(node.get_about().map(ToString::to_string).unwrap_or_default())
}

/// The long help without its first paragraph, which is the short one.
fn more_about(node: &clap::Command) -> Option<String> {
    node.get_long_about()?.to_string().split_once("\n\n").map(|(_, more)| more.to_owned())
}

/// What stands behind a name on the first page: the subjects of a command, or the commands of a group.
fn sketch(node: &clap::Command) -> String {
    if node.has_subcommands() {
        let names: Vec<&str> = node.get_subcommands().map(clap::Command::get_name).collect();
        return format!(" {}", names.join(" | "));
    }
    node.get_positionals().flat_map(|arg| [" ".to_owned(), label(arg)]).collect()
}

fn usage(node: &clap::Command) -> String {
    let one = |arg: &Arg| if arg.is_required_set() { format!(" {}", label(arg)) } else { format!(" [{}]", label(arg)) };
    shown(node).map(|arg| one(arg).replace("[[", "[").replace("]]", "]")).collect()
}

/// The arguments that are spoken of: subjects, then options. Not those for the command line alone.
pub(super) fn shown(node: &clap::Command) -> impl Iterator<Item = &Arg> {
    let options = node.get_arguments().filter(|arg| !arg.is_positional() && !arg.is_hide_set());
    node.get_positionals().chain(options)
}

/// `<who>`, `[topic]`, `--dry-run`, `--role <role>`.
fn label(arg: &Arg) -> String {
    let value = arg.get_value_names().and_then(|names| names.first()).map(|name| name.to_string().to_lowercase());
    let value = value.unwrap_or_else(|| arg.get_id().to_string());
    match arg.get_long() {
        Some(long) if grammar::takes_value(arg) => format!("--{long} <{value}>"),
        Some(long) => format!("--{long}"),
        None if arg.is_required_set() => format!("<{value}>"),
        None => format!("[{value}]"),
    }
}

fn explained(arg: &Arg) -> Text {
    let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
    let more = arg.get_long_help().map(ToString::to_string);
    let more = more.as_deref().and_then(|it| it.split_once("\n\n")).map_or("", |(_, more)| more);
    let mut text = Text::plain(format!("{help}."));
    if !more.is_empty() {
        text = text.then(format!(" {more}"));
    }
    let values = grammar::values_of(arg);
    if !values.is_empty() {
        let each = values.iter().map(|(value, about)| format!("{value} ({})", lower_first(about)));
        text = text.then(format!(" One of {}.", each.collect::<Vec<_>>().join(", ")));
    }
    match arg.get_default_values().first().filter(|_| grammar::takes_value(arg)) {
        Some(default) => text.then(format!(" Otherwise {}.", default.to_string_lossy())),
        None => text,
    }
}
