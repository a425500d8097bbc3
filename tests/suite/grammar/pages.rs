//! The help pages, as they are read.

use insta::assert_snapshot;
use steward::chat::{Block, Message, Span};
use steward::command::{help, split, tree};

fn page(topic: &str) -> String {
    plain(&help("/claude", &split(topic)))
}

fn plain(message: &Message) -> String {
    let block = |block: &Block| match block {
        Block::Paragraph(text) => text.to_plain(),
        Block::Heading(text) => format!("# {text}"),
        Block::Fields(fields) => {
            let line = |(name, text): &(String, steward::chat::Text)| format!("{name} - {}", text.to_plain());
            fields.iter().map(line).collect::<Vec<_>>().join("\n")
        }
        Block::Code(text) => text.clone(),
        other => panic!("{other:?} on a help page"),
    };
    let hint = message.hint.iter().map(|hint| format!("({})", hint.to_plain()));
    let lines = [message.text.to_plain()].into_iter().chain(message.blocks.iter().map(block)).chain(hint);
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn the_first_page_has_every_entry_once() {
    let page = page("");
    for top in tree("/claude").get_subcommands() {
        let name = top.get_name();
        let lines = page.lines().filter(|line| line.split_whitespace().nth(1) == Some(name));
        assert_eq!(lines.count(), 1, "{name} has to stand in one group of the first help page");
    }
    assert_snapshot!(page, @r"
    This is how your company's Claude organization is run from chat.
    # People
    /claude invite <email or @user> - Ask somebody into the organization
    /claude invites list | resend | withdraw - Invitations that are out
    /claude member list | show | role | remove - Who is in the organization
    /claude offboard <who> - Show what is somebody's, and freeze it
    # API keys
    /claude key request | list | show | reveal | token | disable | enable | revoke | rotate | rename | keep | return | adopt | assign | leak - API keys
    # Workspaces
    /claude workspace list | show | limits | create | rename | archive | add | remove | role - Workspaces and what is in them
    /claude sync - Bring workspaces to what the map says
    /claude drift list | adopt | revert | ignore - What was changed past Steward
    # Money
    /claude usage - Tokens used
    /claude cost - Money spent
    /claude limit list | set | remove | raise | snooze | brake | keep - Limits of what is spent
    /claude report subscribe | unsubscribe | list | preview | snooze | expected - Reports that channels get by themselves
    # Requests
    /claude request list | show | approve | deny | withdraw | undo | again | ask | answer | override | settle - What was asked for
    /claude audit - Who did what, and when
    # Rights
    /claude grant give | list | revoke - Permissions beyond roles
    /claude policy why | delegate | delegations | undelegate - Who decides about what
    # You
    /claude home - Your start page
    /claude whoami - Your links and rights
    /claude link - Link your chat account to your membership
    # When something does not work
    /claude help [topic] - What can be said here
    /claude doctor [topic] - Find out what is wrong
    /claude status - How Steward is doing
    (More about each, with examples: /claude help invite. About payment: /claude help billing.)
    ");
}

#[test]
fn a_group_lists_its_commands() {
    assert_snapshot!(page("member"), @r###"
    member: Who is in the organization.
    /claude member list - Find members
    /claude member show <who> - One member's page
    /claude member role <who> <role> - Change what a member may do
    /claude member remove <who> - Take a member out
    (For example: /claude member list)
    "###);
}

#[test]
fn a_command_is_explained_with_examples() {
    assert_snapshot!(page("invite"), @r#"
    invite: Ask somebody into the organization.
    The invitation goes out by mail and can be accepted for 21 days.
    /claude invite <email or @user> [--role <role>] [--workspace <workspace:role>] [--reason <text>] [--dry-run]
    <email or @user> - Address, @user or me.
    --role <role> - What they may do. One of user (playground), claude_code_user (playground and Claude Code), developer (playground, Claude Code and API keys), billing (all of these and billing). Otherwise user.
    --workspace <workspace:role> - Joined once accepted, such as research:developer.
    --reason <text> - Why. Whoever decides reads it, and the audit trail keeps it.
    --dry-run - Plan. Shows what would be called and changed, and stops there.
    # Examples
    /claude invite ada@example.com --role developer
    /claude invite ada@example.com --reason "joins the evals team"
    /claude invite ada@example.com --workspace research:workspace_developer --workspace evals
    /claude invite me --dry-run
    "#);
    assert_snapshot!(page("members"), @r###"
    member list: Find members.
    From Steward's own copy, which says how old it is.
    /claude member list [--find <text>] [--role <role>] [--page <number>]
    --find <text> - Part of a name or address.
    --role <role> - Only those with this role. One of user (playground), claude_code_user (playground and Claude Code), developer (playground, Claude Code and API keys), billing (all of these and billing), admin (everything).
    --page <number> - Which page.
    # Examples
    /claude member list
    /claude member list --find ada
    /claude member list --role developer --page 2
    "###);
    assert_eq!(page("member role"), page("Member Role"), "capital letters do not matter");
}

#[test]
fn billing_says_what_is_done_in_the_console() {
    assert_snapshot!(page("billing"), @r###"
    Paying for Claude is arranged in the Claude Console; no API reaches it.
    Only there: creating a company's organization, payment methods, plans and credits, invoices and receipts, and giving or taking the role admin.
    It is all under billing in the Claude Console; whoever has the role billing or admin there can open it.
    "###);
    let message = help("/claude", &["billing".to_owned()]);
    let spans = message.blocks.iter().filter_map(|block| match block {
        Block::Paragraph(text) => Some(text.spans()),
        _ => None,
    });
    let links = spans
        .flatten()
        .filter(|span| matches!(span, Span::Link { url, .. } if url == "https://platform.claude.com/settings/billing"));
    assert_eq!(links.count(), 1);
}

#[test]
fn help_on_anything_else_is_the_first_page_and_says_so() {
    assert_eq!(
        page("quantum physics"),
        page("").replace("\n(More", "\nAbout that there is no page of its own.\n(More")
    );
}

#[test]
fn pages_are_about_the_root_command_that_people_have() {
    assert!(!plain(&help("/ops", &[])).contains("/claude"));
    assert!(plain(&help("/ops", &["invite".to_owned()])).contains("/ops invite ada@example.com --role developer"));
}
