//! Short forms of commands, for text only. They never lead anywhere that the tree does not have.

use super::grammar;

/// What is typed, and what it means. The first words count; whatever follows stays behind them.
const ALIASES: &[(&[&str], &[&str])] = &[
    (&["members"], &["member", "list"]),
    (&["keys"], &["key", "list"]),
    (&["workspaces"], &["workspace", "list"]),
    (&["requests"], &["request", "list"]),
    (&["approve"], &["request", "approve"]),
    (&["deny"], &["request", "deny"]),
    (&["undo"], &["request", "undo"]),
    (&["subscribe"], &["report", "subscribe"]),
    (&["limits"], &["limit", "list"]),
    (&["audit", "verify"], &["audit", "--verify"]),
    (&["audit", "list"], &["audit"]),
    (&["?"], &["help"]),
];

/// The words with a short form at their beginning written out.
pub(super) fn expand(words: &[String]) -> Vec<String> {
    let is_said = |short: &[&str]| {
        words.len() >= short.len() && short.iter().zip(words).all(|(short, word)| word.eq_ignore_ascii_case(short))
    };
    match known().find(|(short, _)| is_said(short)) {
        Some((short, long)) => {
            long.iter().map(ToString::to_string).chain(words[short.len()..].iter().cloned()).collect()
        }
        None => words.to_vec(),
    }
}

/// The short forms of one word, and what they mean.
pub(super) fn single() -> impl Iterator<Item = (&'static str, String)> {
    known().filter(|(short, _)| short.len() == 1).map(|(short, long)| (short[0], long.join(" ")))
}

/// Those whose target exists.
fn known() -> impl Iterator<Item = (&'static [&'static str], &'static [&'static str])> {
    let exists = |long: &[&str]| {
        let path: Vec<&str> = long.iter().copied().filter(|it| !it.starts_with('-')).collect();
        grammar::find(&path).is_some()
    };
    ALIASES.iter().copied().filter(move |(_, long)| exists(long))
}
