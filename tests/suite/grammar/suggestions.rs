//! What is suggested while somebody types. The last word is the one that is being typed.

use steward::command::{Expecting, expects, split, suggest};

/// The words of a text of which the last one is still open.
fn typed(text: &str) -> Vec<String> {
    let mut words = split(text);
    if text.is_empty() || text.ends_with(' ') {
        words.push(String::new());
    }
    words
}

fn inserted(text: &str) -> Vec<String> {
    suggest(&typed(text)).into_iter().map(|(inserted, _)| inserted).collect()
}

#[test]
fn commands_are_suggested_first_those_that_begin_so() {
    assert_eq!(inserted("").len(), 22);
    assert_eq!(inserted("inv"), ["invite", "invites"]);
    assert_eq!(inserted("member "), ["list", "show", "role", "remove"]);
    assert_eq!(inserted("member ro"), ["role"]);
    assert_eq!(inserted("appr"), ["approve"], "short forms too, once something is typed");
    assert_eq!(inserted("nothing of this "), Vec::<String>::new());
}

#[test]
fn options_and_values_are_suggested_with_their_meaning() {
    assert_eq!(inserted("invite ada@example.com "), ["--role", "--workspace", "--reason", "--dry-run"]);
    assert_eq!(inserted("invite ada@example.com --role user "), ["--workspace", "--reason", "--dry-run"]);
    assert_eq!(inserted("invite ada@example.com --dr"), ["--dry-run"]);
    assert_eq!(inserted("invite ada@example.com role:d"), ["role:developer", "role:claude_code_user"]);
    assert_eq!(inserted("invite ada@example.com --role=b"), ["--role=billing"]);
    assert_eq!(inserted("members --role a"), ["admin", "claude_code_user"]);
    let roles = suggest(&typed("member role ada@example.com dev"));
    assert_eq!(roles, [("developer".to_owned(), "Playground, Claude Code and API keys".to_owned())]);
    assert_eq!(inserted("doctor inv"), ["invitation"]);
    assert!(inserted("member list ").iter().all(|it| it != "--json"), "JSON is for the command line");
}

#[test]
fn help_knows_its_topics() {
    assert_eq!(inserted("help bil"), ["billing"]);
    assert_eq!(inserted("help member re"), ["remove"]);
}

#[test]
fn what_only_the_directory_knows_is_named() {
    let expected = |text: &str| expects(&typed(text)).map(|it| (it.command, it.what, it.partial, it.before));
    let is = |command: &str, what, partial: &str, before: &str| {
        Some((command.to_owned(), what, partial.to_owned(), before.to_owned()))
    };
    assert_eq!(expected("member show ad"), is("member show", Expecting::Member, "ad", ""));
    assert_eq!(expected("member role --role=billing --who ad"), is("member role", Expecting::Member, "ad", ""));
    assert_eq!(expected("audit of:ad"), is("audit", Expecting::Member, "ad", "of:"));
    assert_eq!(expected("invite "), is("invite", Expecting::Person, "", ""));
    assert_eq!(expected("audit --of=le"), is("audit", Expecting::Member, "le", "--of="));
    assert_eq!(expected("invites withdraw le"), is("invites withdraw", Expecting::Invite, "le", ""));
    assert_eq!(expected("workspace show res"), is("workspace show", Expecting::Workspace, "res", ""));
    assert_eq!(
        expected("workspace limits --workspace=d"),
        is("workspace limits", Expecting::Workspace, "d", "--workspace=")
    );
    assert_eq!(expected("workspace add res"), is("workspace add", Expecting::Workspace, "res", ""));
    assert_eq!(expected("workspace add research ad"), is("workspace add", Expecting::Member, "ad", ""));
    assert_eq!(
        expected("invite a@b.de --workspace=research:"),
        is("invite", Expecting::Membership, "research:", "--workspace=")
    );
    assert_eq!(expected("approve C1"), is("request approve", Expecting::Request, "C1", ""));
    for text in ["", "mem", "member role ada@example.com d", "invite x --reason ", "members ad", "invite --ro"] {
        assert_eq!(expected(text), None, "{text}");
    }
}
