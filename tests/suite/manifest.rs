//! What Slack and Discord are told: the written files are the grammar's, and both platforms' rules are kept.

use std::path::Path;

use serde_json::Value;
use steward::command::manifest::{self, DISCORD_MOST_ENTRIES, DISCORD_MOST_TEXT};

#[test]
fn the_written_manifests_are_those_of_the_grammar() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("manifest");
    for (name, content) in manifest::files("/claude", None) {
        let written = std::fs::read_to_string(folder.join(name)).unwrap_or_default();
        assert!(written == content, "manifest/{name} is not what the grammar says: renew it with `steward manifest`");
    }
}

/// One command, its groups, their subcommands, and nothing below; each level with its path.
fn levels(command: &Value) -> Vec<(String, &Value)> {
    let name = command["name"].as_str().expect("every entry has a name");
    let below = entries(command, "options").flat_map(levels).map(|(path, it)| (format!("{name} {path}"), it));
    [(name.to_owned(), command)].into_iter().chain(below).collect()
}

fn entries<'v>(of: &'v Value, key: &str) -> impl Iterator<Item = &'v Value> {
    of[key].as_array().into_iter().flatten()
}

#[test]
fn discord_takes_the_registration() {
    let registration = manifest::discord("/Claude");
    let command = &registration[0];
    assert_eq!(command["name"], "claude");
    assert_eq!(command["contexts"], serde_json::json!([0]));
    assert!(!registration.to_string().contains("null"), "Discord refuses nulls where it expects nothing");

    for (path, entry) in levels(command) {
        let name = entry["name"].as_str().unwrap();
        let plain = |it: char| it.is_ascii_lowercase() || it.is_ascii_digit() || it == '-' || it == '_';
        assert!((1..=32).contains(&name.len()) && name.chars().all(plain), "{path}");
        let description = entry["description"].as_str().unwrap();
        assert!((1..100).contains(&description.chars().count()), "{path} is described in 1 to 99 characters");
        assert!(entries(entry, "options").count() <= DISCORD_MOST_ENTRIES, "{path} has too many entries");
        assert!(entries(entry, "choices").count() <= DISCORD_MOST_ENTRIES, "{path} has too many choices");
        let required: Vec<bool> = entries(entry, "options").map(|it| it["required"] == true).collect();
        assert!(required.is_sorted_by(|before, after| before >= after), "{path}: what is required comes first");
        let has_both = entry["autocomplete"] == true && entry.get("choices").is_some();
        assert!(!has_both, "{path}: choices and suggestions exclude each other");
        let names: std::collections::BTreeSet<_> = entries(entry, "options").map(|it| it["name"].to_string()).collect();
        assert_eq!(names.len(), entries(entry, "options").count(), "{path} has an entry twice");
    }
}

#[test]
fn discord_knows_three_levels_and_no_more() {
    let registration = manifest::discord("/claude");
    for top in entries(&registration[0], "options") {
        let below: Vec<u64> = entries(top, "options").map(|it| it["type"].as_u64().unwrap()).collect();
        match top["type"].as_u64().unwrap() {
            1 => assert!(below.iter().all(|kind| *kind >= 3), "{top}"),
            2 => {
                assert!(!below.is_empty() && below.iter().all(|kind| *kind == 1), "{top}");
                for leaf in entries(top, "options") {
                    assert!(entries(leaf, "options").all(|it| it["type"].as_u64() >= Some(3)), "{leaf}");
                }
            }
            kind => panic!("{kind} at the top: {top}"),
        }
    }
}

/// All of Discord's text has to last for everything that the product page lists; this is what is spent by now.
#[test]
fn discord_counts_little_text() {
    let registration = manifest::discord("/claude");
    let text = manifest::discord_text(&registration[0]);
    assert!(text <= DISCORD_MOST_TEXT, "{text} characters");
    // Everything that was planned is there: this is what is left of what Discord takes.
    assert!(text <= 7_990, "{text} characters: shorten the first paragraphs, or raise this with a reason");
}

#[test]
fn discord_options_are_typed() {
    let registration = manifest::discord("/claude");
    let all = levels(&registration[0]);
    let option = |path: &str| all.iter().find(|(at, _)| at == path).unwrap_or_else(|| panic!("no {path}")).1;
    let shape = |path: &str| {
        let it = option(path);
        (
            it["type"].as_u64().unwrap(),
            it["required"] == true,
            it["autocomplete"] == true,
            entries(it, "choices").count(),
        )
    };
    // A form asks for what is missing there, so Discord need not insist.
    assert_eq!(shape("claude invite person"), (3, false, true, 0));
    assert_eq!(shape("claude invite role"), (3, false, false, 4));
    assert_eq!(shape("claude audit of"), (3, false, true, 0));
    assert_eq!(shape("claude invite dry-run"), (5, false, false, 0));
    assert_eq!(shape("claude drift adopt difference"), (4, true, false, 0));
    assert!(all.iter().all(|(path, _)| !path.ends_with(" page")), "lists are turned by buttons");
    assert_eq!(shape("claude member role role"), (3, false, false, 4));
    assert_eq!(shape("claude help topic"), (3, false, true, 0));
    assert_eq!(option("claude member role role")["choices"][1]["value"], "claude_code_user");
    assert!(all.iter().all(|(path, _)| !path.ends_with(" json")), "JSON is for the command line");
    assert!(all.iter().all(|(path, _)| !path.ends_with(" confirm")), "what confirms is asked for in a form");
}

#[test]
fn slack_manifest_names_one_way_in() {
    let socket = manifest::slack("/claude", None);
    assert!(socket.contains("socket_mode_enabled: true") && !socket.contains("url:"));

    let http = manifest::slack("ops", Some("https://steward.example.com/"));
    assert!(http.contains("command: \"/ops\"") && http.contains("socket_mode_enabled: false"));
    assert!(http.contains("      url: \"https://steward.example.com/slack/command\"\n"));
    assert!(http.contains("    request_url: \"https://steward.example.com/slack/event\"\n    bot_events:"));
    assert!(http.contains("    request_url: \"https://steward.example.com/slack/interaction\"\n"));
}

#[test]
fn slack_manifest_stays_within_its_lengths_and_cannot_be_broken_out_of() {
    let manifest = manifest::slack("/cl\"\nsettings: {}", Some("https://x.example/\"\nbad: true"));
    assert!(!manifest.lines().any(|line| line.starts_with("bad:") || line == "settings: {}"), "{manifest}");
    let value = |key: &str| {
        let lines = manifest.lines().map(str::trim);
        lines.filter_map(|line| line.strip_prefix(key)).map(|text| text.trim_matches('"').len()).max().unwrap()
    };
    assert!(value("description: ") <= 140);
    assert!(value("usage_hint: ") <= 1_000);
    assert!(value("- name: ") <= 24);
}
