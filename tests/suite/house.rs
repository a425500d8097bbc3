//! Rules of the house that no compiler knows. Each failure names the file, the line and what to do.

use crate::source::{Kind, Tree, Word, attributes, root, words};

/// As long as a source file may be: about 300 lines, and some mercy.
const LONGEST_FILE: usize = 350;

/// Beginnings of paths that exist on one machine only. Written in halves, so that this file does not hold them.
const MACHINE_PATHS: [&str; 6] = [
    concat!("/ho", "me/"),
    concat!("/ro", "ot/"),
    concat!("/wo", "rk/"),
    concat!("/Us", "ers/"),
    concat!("C:", "\\"),
    concat!("/tm", "p/"),
];

/// Fails with everything found, one a line.
#[track_caller]
fn none(found: &[String]) {
    assert!(found.is_empty(), "{}:\n{}", found.len(), found.join("\n"));
}

fn over(tree: &Tree, rule: impl Fn(&str, &str) -> Vec<String>) -> Vec<String> {
    tree.0.iter().flat_map(|(file, text)| rule(file, text)).collect()
}

fn code() -> Tree {
    let mut all = Tree::read("src", ".rs");
    all.0.extend(Tree::read("tests", ".rs").0);
    all
}

#[test]
fn files_are_short() {
    none(&over(&Tree::read("src", ".rs"), too_long));
}

fn too_long(file: &str, text: &str) -> Vec<String> {
    let lines = text.lines().count();
    let told = format!("{file}: {lines} lines, {LONGEST_FILE} at most: split it along a thought");
    (lines > LONGEST_FILE).then_some(told).into_iter().collect()
}

#[test]
fn files_begin_with_their_promise() {
    none(&over(&code(), without_promise));
}

fn without_promise(file: &str, text: &str) -> Vec<String> {
    let told = format!("{file}:1: begin with `//!` and the promise of this file");
    (!text.starts_with("//! ")).then_some(told).into_iter().collect()
}

#[test]
fn no_file_names_a_machine() {
    let mut all = code();
    for (folder, ending) in [("src", ""), ("manifest", ""), ("migrations", ""), (".ci", "")] {
        all.0.extend(Tree::read(folder, ending).0);
    }
    for file in ["Cargo.toml", "README.md", "deny.toml", ".clippy.toml", ".rustfmt.toml"] {
        all.0.extend(std::fs::read_to_string(root().join(file)).ok().map(|text| (file.to_owned(), text)));
    }
    none(&over(&all, naming_a_machine));
}

fn naming_a_machine(file: &str, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, line) in text.lines().enumerate() {
        for path in MACHINE_PATHS {
            let starts_path =
                |it: usize| !line[..it].ends_with(|before: char| before.is_alphanumeric() || "._-/}".contains(before));
            if line.match_indices(path).any(|(it, _)| starts_path(it)) {
                found.push(format!("{file}:{}: `{path}` exists on one machine only", at + 1));
            }
        }
    }
    found
}

#[test]
fn lints_are_expected_not_allowed() {
    none(&over(&code(), allowing));
}

fn allowing(file: &str, text: &str) -> Vec<String> {
    let words = words(text);
    let allows = |it: &&[Word]| it.windows(2).any(|pair| pair[0].is("allow") && pair[1].is("("));
    let tell = |it: &[Word]| format!("{file}:{}: `expect(…, reason = …)` instead of `allow(…)`", it[0].line);
    attributes(&words).into_iter().filter(allows).map(tell).collect()
}

#[test]
fn nothing_is_left_out_silently() {
    none(&over(&code(), ignoring));
}

/// Only measurements may wait for `tests/run --full`; any other ignored test would never run.
fn ignoring(file: &str, text: &str) -> Vec<String> {
    let words = words(text);
    let mut found = Vec::new();
    for it in attributes(&words).into_iter().filter(|it| it[2].is("ignore")) {
        let behind = words.iter().skip_while(|word| word.line < it[0].line).skip_while(|word| !word.is("fn")).nth(1);
        if !behind.is_some_and(|name| name.text.starts_with("measure_")) {
            found.push(format!("{file}:{}: only tests named `measure_…` may be ignored", it[0].line));
        }
    }
    found
}

#[test]
fn placeholders_are_numbered() {
    none(&over(&Tree::read("src", ".rs"), unnumbered));
}

/// `?` is a placeholder in SQLite and an error in PostgreSQL.
fn unnumbered(file: &str, text: &str) -> Vec<String> {
    let is_sql = |text: &str| {
        let first = text.split_whitespace().next().unwrap_or_default().to_lowercase();
        let has_second = text.split_whitespace().nth(1).is_some();
        has_second && ["select", "insert", "update", "delete", "with"].contains(&first.as_str())
    };
    let names_store = file.starts_with("src/store");
    let words = words(text);
    let wrong = |it: &&Word| it.kind == Kind::Text && is_sql(&it.text) && bare_sql(&it.text).contains('?');
    let tell = |it: &Word| format!("{file}:{}: SQL takes `$1`, `$2` …, never `?`", it.line);
    if names_store { words.iter().filter(wrong).map(tell).collect() } else { Vec::new() }
}

/// SQL without comments and without what stands in quotes.
fn bare_sql(sql: &str) -> String {
    let code = sql.lines().map(|it| it.split("--").next().unwrap_or_default()).collect::<Vec<_>>().join("\n");
    code.split('\'').step_by(2).collect::<Vec<_>>().join("''")
}

#[test]
fn migrations_are_named_by_their_time_and_go_forward() {
    let tree = Tree::read("migrations", "");
    none(&over(&tree, |file, _| misnamed(file)));
    let mut times: Vec<_> = tree.0.keys().filter_map(|it| it.split(['/', '_']).nth(1)).collect();
    times.dedup();
    assert_eq!(times.len(), tree.0.len(), "two migrations have the same time");
}

fn misnamed(file: &str) -> Vec<String> {
    let named =
        file.strip_prefix("migrations/").and_then(|it| it.strip_suffix(".sql")).and_then(|it| it.split_once('_'));
    let is_good = named.is_some_and(|(time, name)| {
        let is_moment = jiff::civil::DateTime::strptime("%Y%m%d%H%M%S", time).is_ok();
        is_moment && time.len() == 14 && !name.is_empty() && name.chars().all(|it| it.is_ascii_lowercase() || it == '_')
    });
    let told = format!("{file}: name it like migrations/20261201090000_create_person.sql");
    (!is_good).then_some(told).into_iter().collect()
}

#[test]
fn columns_are_text_and_bigint() {
    none(&over(&Tree::read("migrations", ".sql"), mistyped));
}

/// Columns of another type than TEXT and BIGINT: SQLite and PostgreSQL read only these two alike through one driver.
fn mistyped(file: &str, sql: &str) -> Vec<String> {
    let plain = bare_sql(sql).to_lowercase().replace('(', " ( ").replace(')', " ) ").replace(',', " , ");
    let mut found = Vec::new();
    for statement in plain.split(';') {
        let words: Vec<&str> = statement.split_whitespace().collect();
        let columns = match &words[..] {
            ["create", "table", rest @ ..] => columns_of_table(rest),
            ["alter", "table", _, "add", "column", name, rest @ ..] | ["alter", "table", _, "add", name, rest @ ..] => {
                vec![(*name, rest.first().copied().unwrap_or_default())]
            }
            _ => Vec::new(),
        };
        for (name, kind) in columns.into_iter().filter(|(_, kind)| !["text", "bigint"].contains(kind)) {
            found.push(format!(
                "{file}: column `{name}` is `{kind}`; only TEXT and BIGINT are read alike on both databases"
            ));
        }
    }
    found
}

/// Name and type of each column between the outermost parentheses.
fn columns_of_table<'a>(words: &[&'a str]) -> Vec<(&'a str, &'a str)> {
    let mut columns = Vec::new();
    let (mut depth, mut starts) = (0_usize, false);
    for (at, word) in words.iter().enumerate() {
        match *word {
            "(" => depth += 1,
            ")" => depth = depth.saturating_sub(1),
            name if starts && !["primary", "unique", "check", "foreign", "constraint"].contains(&name) => {
                columns.push((name, words.get(at + 1).copied().unwrap_or_default()));
            }
            _ => {}
        }
        starts = depth == 1 && matches!(*word, "(" | ",");
    }
    columns
}

#[test]
fn each_rule_can_fail() {
    assert_eq!(
        too_long("src/a.rs", &"x\n".repeat(351)),
        ["src/a.rs: 351 lines, 350 at most: split it along a thought"]
    );
    assert!(too_long("src/a.rs", &"x\n".repeat(350)).is_empty());
    assert_eq!(without_promise("src/a.rs", "use x;\n//! A.").len(), 1);
    assert_eq!(
        naming_a_machine("README.md", &format!("see\n`{}ada/x`", MACHINE_PATHS[0]))[0].split(": ").next(),
        Some("README.md:2")
    );
    let addresses = format!("https://example.com{}x and net{}x", MACHINE_PATHS[0], MACHINE_PATHS[2]);
    assert!(naming_a_machine("README.md", &addresses).is_empty());
    assert_eq!(allowing("src/a.rs", "x\n#[cfg_attr(test, allow(unused))]").len(), 1);
    assert_eq!(allowing("src/a.rs", "#![allow(unused)]").len(), 1);
    assert!(allowing("src/a.rs", "#[expect(unused, reason = \"allow(x)\")] fn allow() { allow() }").is_empty());
    assert_eq!(
        ignoring("tests/a.rs", "#[test]\n#[ignore]\nfn slow() {}"),
        ["tests/a.rs:2: only tests named `measure_…` may be ignored"]
    );
    assert!(ignoring("tests/a.rs", "#[test]\n#[ignore = \"full\"]\nasync fn measure_x() {}").is_empty());
}

#[test]
fn each_rule_about_sql_can_fail() {
    assert_eq!(
        unnumbered("src/store/a.rs", "f(\n\"select 1 where a = ?\")"),
        ["src/store/a.rs:2: SQL takes `$1`, `$2` …, never `?`"]
    );
    assert!(unnumbered("src/store/a.rs", "f(\"select '?' where a = $1\"); f(\"Really?\")").is_empty());
    assert!(misnamed("migrations/20261201090000_create_person.sql").is_empty());
    for wrong in [
        "2026_a.sql",
        "20261301090000_a.sql",
        "20261201090000_a.down.sql",
        "20261201090000.sql",
        "20261201090000_a.txt",
    ] {
        assert_eq!(misnamed(&format!("migrations/{wrong}")).len(), 1, "{wrong}");
    }
    let good = "CREATE TABLE a (id TEXT PRIMARY KEY, n BIGINT NOT NULL CHECK (n IN (0, 1)), -- boolean\n t text default 'x, y boolean', UNIQUE (id, n));";
    assert!(mistyped("a.sql", good).is_empty(), "{:?}", mistyped("a.sql", good));
    assert_eq!(mistyped("a.sql", "create table if not exists a (id text, done BOOLEAN not null)").len(), 1);
    assert_eq!(mistyped("a.sql", "alter table a add column b integer; alter table a add c text").len(), 1);
}
