//! Suggestions while somebody types. Pure; what only the directory knows is named here and looked up elsewhere.

use clap::Arg;

use super::walk::Walk;
use super::{alias, grammar, page, words};

/// Discord shows no more.
const MOST: usize = 25;

/// How an argument calls its value that is a workspace and a role in it.
const MEMBERSHIP: &str = "workspace:role";

/// What sort of thing comes next, for somebody who has the directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expecting {
    /// A member of the organization, or a mention of one.
    Member,
    /// Somebody who may not be a member yet: an address or a mention.
    Person,
    /// The address of an invitation that is out.
    Invite,
    /// The id of a request.
    Request,
    /// A workspace.
    Workspace,
    /// A place in a workspace: `research:workspace_developer`.
    Membership,
}

/// What comes next, and how much of it is typed already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expected {
    /// The command that is being typed: `member role`.
    pub command: String,
    /// What sort of thing.
    pub what: Expecting,
    /// What is typed of it.
    pub partial: String,
    /// What belongs before it in the same word, such as `--of=`. A suggestion replaces the whole word.
    pub before: String,
}

impl Expecting {
    /// What an argument names, if it is something that the directory knows.
    pub(super) fn of(arg: &Arg) -> Option<Self> {
        match arg.get_id().as_str() {
            "who" | "of" => Some(Self::Member),
            "person" => Some(Self::Person),
            "invited" => Some(Self::Invite),
            "request" => Some(Self::Request),
            "workspace" if arg.get_value_names().is_some_and(|it| it.iter().any(|name| name == MEMBERSHIP)) => {
                Some(Self::Membership)
            }
            "workspace" => Some(Self::Workspace),
            _ => None,
        }
    }
}

/// What could stand in place of the last word: what is inserted, what is read. The last word may be empty.
///
/// A platform with a field for each option sends `--name` and the partial value as two words, and so gets values alone.
#[must_use]
pub fn suggest(words: &[String]) -> Vec<(String, String)> {
    let (before, partial) = split_last(words);
    let walk = Walk::so_far(before);
    let mut found = if walk.fault.is_some() {
        Vec::new()
    } else if walk.node.has_subcommands() {
        commands(&walk, partial)
    } else {
        arguments(&walk, partial)
    };
    found.truncate(MOST);
    found
}

/// What the last word is about to name, if only the directory knows it.
#[must_use]
pub fn expects(words: &[String]) -> Option<Expected> {
    let (before, partial) = split_last(words);
    let walk = Walk::so_far(before);
    if walk.fault.is_some() || walk.node.has_subcommands() {
        return None;
    }
    let (arg, before, partial) = target(&walk, partial)?;
    let what = Expecting::of(arg)?;
    Some(Expected { command: walk.path.join(" "), what, partial: partial.to_owned(), before: before.to_owned() })
}

fn split_last(words: &[String]) -> (&[String], &str) {
    words.split_last().map_or((&[][..], ""), |(last, before)| (before, last.as_str()))
}

fn commands(walk: &Walk, partial: &str) -> Vec<(String, String)> {
    let named = walk.node.get_subcommands().map(|child| (child.get_name().to_owned(), about(child)));
    let shorts = alias::single().filter(|_| walk.path.is_empty()).map(|(short, long)| (short.to_owned(), long));
    matching(named.chain(shorts.filter(|_| !partial.is_empty())), partial)
}

fn arguments(walk: &Walk, partial: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    if let Some((arg, before, partial)) = target(walk, partial) {
        let values = if walk.path == ["help"] { topics(walk) } else { grammar::values_of(arg) };
        found.extend(
            matching(values.into_iter(), partial).into_iter().map(|(value, read)| (format!("{before}{value}"), read)),
        );
    }
    if walk.pending.is_none() && words::key_and_value(partial).is_none() {
        let open = page::shown(walk.node).filter(|arg| !walk.has(arg) || grammar::is_repeatable(arg));
        let help = |arg: &Arg| arg.get_help().map(ToString::to_string).unwrap_or_default();
        let options = open.filter(|arg| arg.get_long().is_some()).map(|arg| (grammar::name_of(arg), help(arg)));
        found.extend(matching(options, partial));
    }
    found
}

/// The argument whose value is being typed, what stands before it in the same word, and the part that is there.
fn target<'t>(walk: &Walk, partial: &'t str) -> Option<(&'static Arg, &'t str, &'t str)> {
    if let Some(arg) = walk.pending {
        return Some((arg, "", partial));
    }
    if let Some((key, value)) = words::key_and_value(partial) {
        let arg = walk.named(words::option(key).unwrap_or(key)).filter(|arg| grammar::takes_value(arg))?;
        return Some((arg, &partial[..partial.len() - value.len()], value));
    }
    let open = |arg: &&Arg| !walk.has(arg) || grammar::is_repeatable(arg);
    let next = walk.node.get_positionals().find(open).filter(|_| words::option(partial).is_none());
    next.map(|arg| (arg, "", partial))
}

/// What help can be had on, behind the words of a topic that stand there already.
fn topics(walk: &Walk) -> Vec<(String, String)> {
    let path: Vec<&str> = walk.given.iter().filter_map(|(_, value)| value.as_deref()).collect();
    let billing = ("billing".to_owned(), "What is arranged in the Claude Console".to_owned());
    let below = grammar::find(&path).into_iter().flat_map(clap::Command::get_subcommands);
    below.map(|node| (node.get_name().to_owned(), about(node))).chain(path.is_empty().then_some(billing)).collect()
}

fn about(node: &clap::Command) -> String {
    node.get_about().map(ToString::to_string).unwrap_or_default()
}

/// Those that begin like what was typed, then those that have it somewhere.
fn matching(all: impl Iterator<Item = (String, String)>, partial: &str) -> Vec<(String, String)> {
    let bare = |text: &str| text.trim_start_matches('-').to_lowercase();
    let wanted = bare(words::option(partial).unwrap_or(partial).trim());
    let mut found: Vec<_> = all.filter(|(name, _)| bare(name).contains(&wanted)).collect();
    found.sort_by_key(|(name, _)| !bare(name).starts_with(&wanted));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_workspace_with_a_role_is_told_from_one_without() {
        let arg = Arg::new("workspace").long("workspace");
        assert_eq!(Expecting::of(&arg.clone().value_name("workspace")), Some(Expecting::Workspace));
        assert_eq!(Expecting::of(&arg.clone().value_name("workspace:role")), Some(Expecting::Membership));
        assert_eq!(Expecting::of(&arg), Some(Expecting::Workspace));
    }
}
