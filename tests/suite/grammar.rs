//! The grammar: from a typed text to a command, a mistake, a help page or a suggestion.

mod pages;
mod random;
mod suggestions;
mod wording;

use std::time::Instant;

use steward::chat::Text;
use steward::command::ask::Ask;
use steward::command::audit::Audit;
use steward::command::help::Help;
use steward::command::invite::Invite;
use steward::command::member::{self, Member};
use steward::command::request::{self, Request};
use steward::command::{Command, examples, join, parse, split, tree};
use steward::domain::{InviteRole, Who};

/// The command that a text means.
fn read(text: &str) -> Command {
    parse(&split(text)).unwrap_or_else(|mistake| panic!("{text}: {}", mistake.text().to_plain()))
}

/// What somebody is told who said it: two lines.
fn told(text: &str) -> String {
    match parse(&split(text)) {
        Ok(command) => panic!("{text} is {command:?}"),
        Err(mistake) => {
            let said = |text: Text| text.rooted("/claude").to_plain();
            format!("{}\n{}", said(mistake.text().clone()), said(mistake.hint()))
        }
    }
}

fn invite(person: &str) -> Invite {
    Invite {
        person: person.parse().expect("a person"),
        role: InviteRole::User,
        workspace: Vec::new(),
        ask: Ask::default(),
    }
}

#[test]
fn every_example_can_be_said() {
    let examples = examples();
    assert!(examples.len() > 25, "{examples:?}");
    for example in examples {
        read(&example);
    }
}

#[test]
fn every_command_has_an_example_and_says_its_own_name() {
    let tree = tree("/claude");
    let leaves = tree.get_subcommands().flat_map(|top| {
        let below: Vec<_> =
            top.get_subcommands().map(|leaf| (format!("{} {}", top.get_name(), leaf.get_name()), leaf)).collect();
        if below.is_empty() { vec![(top.get_name().to_owned(), top)] } else { below }
    });
    for (path, leaf) in leaves {
        let examples = leaf.get_after_help().unwrap_or_else(|| panic!("{path} has no example")).to_string();
        for example in examples.lines() {
            assert_eq!(read(example).verb(), path, "{example}");
        }
    }
}

#[test]
fn the_tree_leaves_room_and_keeps_groups_apart_from_commands() {
    let tree = tree("/claude");
    assert!(tree.get_subcommands().count() <= 24, "Discord takes 25, one is kept free");
    for top in tree.get_subcommands() {
        let has_arguments = top.get_arguments().next().is_some();
        assert!(!(top.has_subcommands() && has_arguments), "{} is both a command and a group", top.get_name());
    }
}

#[test]
fn an_option_is_said_in_many_ways() {
    let expected = Command::Invite(Invite {
        role: InviteRole::Developer,
        ask: Ask { reason: Some("joins us".into()), dry_run: true, confirm: None },
        ..invite("ada@example.com")
    });
    for text in [
        "invite ada@example.com --role developer --reason \"joins us\" --dry-run",
        "invite --role=developer --reason=\"joins us\" --dry-run ada@example.com",
        "invite ada@example.com role:developer reason:\"joins us\" dry-run:yes",
        "invite ada@example.com role=developer reason=“joins us” dry_run=true",
        "invite ada@example.com —role developer –reason „joins us“ —dry-run",
        "INVITE ada@example.com -role Developer --Reason ‘joins us’ --dry_run",
        "invite\u{a0}ada@EXAMPLE.com\u{2003}role: developer --reason:'joins us' --dry-run --dry-run",
        "invite <mailto:ada@example.com|ada@example.com> --role developer --reason \"joins us\" --dry-run",
        "invite person:ada@example.com --role developer --reason ' joins us ' --dry-run",
        "invite --dry-run --reason \"joins us\" --role developer -- ada@example.com",
    ] {
        assert_eq!(read(text), expected, "{text}");
    }
}

#[test]
fn a_platform_with_named_fields_names_all_of_them() {
    let words =
        ["member", "role", "--role=billing", "--who=@slack:T01/U01ADA", "--dry-run=false", "--reason=--dry-run"];
    let words: Vec<String> = words.map(String::from).to_vec();
    let Ok(Command::Member(Member::Role(role))) = parse(&words) else { panic!("not understood") };
    assert_eq!(role.who.to_string(), "@slack:T01/U01ADA");
    assert_eq!(role.role, InviteRole::Billing);
    assert_eq!(role.ask, Ask { reason: Some("--dry-run".into()), ..Ask::default() });
}

#[test]
fn a_colon_means_nothing_where_no_option_is_named() {
    for reason in ["12:30", "https://example.com/a=b", "role:admin", "a=b"] {
        let Command::Invite(said) = read(&format!("invite me --reason {reason}")) else { panic!() };
        assert_eq!(said.ask.reason.as_deref(), Some(reason));
        assert_eq!((said.person, said.role), (Who::Me, InviteRole::User));
    }
    assert_eq!(read("invite slack:T01/U01ADA"), Command::Invite(invite("@slack:T01/U01ADA")));
    let Command::Member(Member::List(list)) = read("members research:developer") else { panic!() };
    assert_eq!((list.find.as_deref(), list.role), (Some("research:developer"), None));
}

#[test]
fn short_forms_mean_the_long_ones() {
    for (short, long) in [
        ("", "home"),
        ("?", "help"),
        ("--help", "help"),
        ("invite --help", "help invite"),
        ("member role ada -h", "help member role"),
        ("members", "member list"),
        ("Members Ada Lovelace", "member list --find \"ada lovelace\""),
        ("members --role developer", "member list role:developer"),
        ("member list ada", "member list --find ada"),
        ("member", "member list"),
        ("member --page 2", "member list --page 2"),
        ("invites", "invites list"),
        ("workspaces", "workspace list"),
        ("workspaces --archived", "workspace list --archived"),
        ("workspace", "workspace list"),
        ("workspace show workspace:research", "workspace show research"),
        ("requests --waiting", "request list --waiting"),
        ("approve C17-k3f9", "request approve C17-k3f9"),
        ("deny c17-K3F9 --reason no", "request deny C17-k3f9 --reason no"),
        ("undo C17-k3f9", "request undo C17-k3f9"),
        ("audit verify", "audit --verify"),
    ] {
        let (short, long) = (read(short), read(long));
        assert_eq!(format!("{short:?}").to_lowercase(), format!("{long:?}").to_lowercase());
    }
}

#[test]
fn nothing_in_quotes_becomes_an_option() {
    let text = "invite me --reason \"--role\" 'dry-run:true'";
    assert!(told(text).starts_with("There is no place for dry-run:true here."), "{}", told(text));
    assert!(told("invite \"--role\" developer").starts_with("There is no place for developer here."));
    let Command::Invite(said) = read("invite me --reason \"—role developer\"") else { panic!() };
    assert_eq!((said.ask.reason.as_deref(), said.role), (Some("—role developer"), InviteRole::User));
    assert_eq!(read("help \"--help\"").verb(), "help");
}

#[test]
fn values_are_checked_and_kept_apart() {
    let Command::Audit(Audit { of, since, limit, verify, .. }) = read("audit --of me --since 2026-12-01 --limit 5")
    else {
        panic!()
    };
    assert_eq!((of, since, limit, verify), (Some(Who::Me), Some(jiff::civil::date(2026, 12, 1)), Some(5), false));
    assert_eq!(read("help member role"), Command::Help(Help { topic: vec!["member".into(), "role".into()] }));
    let Command::Request(Request::List(request::List { mine, waiting, all, .. })) = read("request list --all") else {
        panic!()
    };
    assert_eq!((mine, waiting, all), (false, false, true));
    let Command::Member(Member::List(member::List { listing, .. })) = read("member list --json page:3") else {
        panic!()
    };
    assert_eq!((listing.json, listing.page), (true, Some(3)));
}

#[test]
fn a_command_that_lacks_something_tells_a_form_what() {
    let mistake = parse(&split("member role --reason promoted who:ada@example.com")).unwrap_err();
    let missing = mistake.missing().unwrap();
    assert_eq!(missing.path, ["member", "role"]);
    assert_eq!(missing.names, ["role"]);
    let given = [("--reason", "promoted"), ("who", "ada@example.com")];
    assert_eq!(missing.given, given.map(|(name, value)| (name.to_owned(), value.to_owned())));
    assert!(parse(&split("invite --role nobody")).unwrap_err().missing().is_some());
    assert!(parse(&split("invite --rol")).unwrap_err().missing().is_none(), "first mend what is wrong");
}

#[test]
fn a_mistake_does_not_say_back_what_could_be_a_secret_or_is_endless() {
    let key = format!("sk-ant-admin01-{}", "a".repeat(20));
    for text in [key.clone(), format!("invite {key}"), format!("member show x {key}"), format!("member list --{key}")] {
        assert!(!told(&text).contains(&key), "{}", told(&text));
    }
    assert!(told(&"x".repeat(10_000)).len() < 200);
    let endless = vec!["help".to_owned(); 201];
    assert_eq!(parse(&endless).unwrap_err().text().to_plain(), "That is more than a command can be.");
    assert!(parse(&["help".to_owned(), "x".repeat(17_000)]).is_err());
    assert_eq!(format!("{:?}", parse(&split("invte sk-ant-x")).unwrap_err()), "Mistake { .. }");
}

/// A thousand readings, the best of three tries: a busy machine is no slow grammar. Unoptimized, ten times as long is let pass.
#[test]
fn reading_a_command_takes_less_than_a_millisecond() {
    let words = split("invite ada@example.com --role developer --reason \"joins us\"");
    let try_once = || {
        let start = Instant::now();
        (0..1_000).for_each(|_| assert!(parse(&words).is_ok()));
        start.elapsed()
    };
    let best = (0..3).map(|_| try_once()).min().unwrap();
    let most = if crate::bench::is_full() { 1_000 } else { 10_000 };
    assert!(best.as_millis() < most, "{best:?} for a thousand");
    assert_eq!(split(&join(&words)), words);
}
