//! The rule of floors: a module imports from lower floors only, neighbours do not know each other, nothing goes in a
//! circle, and a few rooms and crates are kept apart. The plan is in `floors/plan.rs`, the reasons in `src/lib.rs`.

mod modules;
mod paths;
mod plan;

use modules::{Module, Modules, Path};

use crate::source::{Tree, attribute, closing};

#[test]
fn the_house_stands_as_planned() {
    let found = objections(&Tree::read("src", ".rs"));
    assert!(found.is_empty(), "{} against the plan:\n{}", found.len(), found.join("\n"));
}

/// Everything in the tree that the plan does not allow: file, line, what stands there, and why not.
fn objections(tree: &Tree) -> Vec<String> {
    let modules = Modules::of(tree);
    let mut found = Vec::new();
    for (path, module) in &modules.0 {
        found.extend(against_floors(&modules, path, module));
        found.extend(against_async(path, module));
        if module.is_face() {
            found.extend(against_faces(module));
        }
    }
    found.extend(modules.circles());
    found.sort();
    found.dedup();
    found
}

fn against_floors(modules: &Modules, from: &Path, module: &Module) -> Vec<String> {
    let mut found = Vec::new();
    for it in &module.named {
        let all_of_it = it.bound.as_deref() == Some("*");
        let objection = match modules.absolute(from, it) {
            Some(to) => plan::objection(from, &to)
                .or_else(|| modules.targets(&to, all_of_it).iter().find_map(|real| plan::objection(from, real)))
                .or_else(|| (module.is_face() && all_of_it).then(|| "a face names what it shows, no `*`".to_owned())),
            None => plan::objection_to_io(from, &it.path),
        };
        found.extend(objection.map(|why| format!("{}:{}: {}: {why}", module.file, it.line, it.path.join("::"))));
    }
    for word in &module.words {
        let objection = (word.is(&word.text)).then(|| plan::objection_to_crate(from, &word.text)).flatten();
        found.extend(objection.map(|why| format!("{}:{}: {}: {why}", module.file, word.line, word.text)));
    }
    if let (true, Some(why)) = (module.named.is_empty(), plan::objection(from, from)) {
        found.push(format!("{}:1: {why}", module.file));
    }
    found
}

fn against_async(path: &Path, module: &Module) -> Vec<String> {
    let room = path[0].as_str();
    let mut found = Vec::new();
    let mut at = 0;
    while plan::PURE.contains(&room) && at < module.words.len() {
        let word = &module.words[at];
        let is_kept_trait = word.is("trait")
            && module.words.get(at + 1).is_some_and(|it| plan::ASYNC_TRAITS.contains(&it.text.as_str()));
        if room == "chat" && is_kept_trait {
            let open = (at..module.words.len()).find(|it| module.words[*it].is("{")).unwrap_or(at);
            at = closing(&module.words, open);
            continue;
        } else if word.is("async") || word.is("await") {
            found.push(format!("{}:{}: {}: `{room}` waits for nothing", module.file, word.line, word.text));
        }
        at += 1;
    }
    found
}

/// A face holds modules and what is shown of them, nothing else.
fn against_faces(face: &Module) -> Vec<String> {
    let words = &face.words;
    let mut found = Vec::new();
    let mut at = 0;
    while at < words.len() {
        if let Some(end) = attribute(words, at) {
            at = end;
            continue;
        }
        let (start, line) = (at, words[at].line);
        let is_shown = words[at].is("pub");
        at += usize::from(is_shown);
        if is_shown && words.get(at).is_some_and(|it| it.is("(")) {
            at = closing(words, at);
        }
        let first = words.get(at).map_or("", |it| it.text.as_str());
        let end = (at..words.len()).find(|it| words[*it].is(";")).unwrap_or(words.len());
        let is_list = first == "mod" && end == at + 2;
        let is_shown_use = is_shown && first == "use";
        at = end + 1;
        if !(is_list || is_shown_use || words[start].is(";")) {
            let text = words[start..end.min(start + 5)].iter().map(|it| it.text.as_str()).collect::<Vec<_>>().join(" ");
            found.push(format!("{}:{line}: {text}: a face holds `mod` and `pub use` only", face.file));
            break;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The one objection to a small tree.
    #[track_caller]
    fn objection(files: &[(&str, &str)]) -> String {
        let found = objections(&Tree::of(files));
        assert_eq!(found.len(), 1, "{found:#?}");
        found[0].clone()
    }

    #[test]
    fn a_good_house_passes() {
        let found = objections(&Tree::of(&[
            ("src/lib.rs", "pub mod chat; pub use crate::store::X;"),
            (
                "src/chat/mod.rs",
                "//! Face.\nmod form;\nmod message;\npub use message::Message;\npub(crate) use form::Form;",
            ),
            ("src/chat/message.rs", "use super::form::Form; pub trait Vault { async fn open(&self); }"),
            ("src/chat/form.rs", "use crate::random::Random; // use crate::store::X\n/// [`crate::cli`]\nfn f() {}"),
            (
                "src/domain/key.rs",
                "use crate::{clock::Moment, chat::Message};\n#[cfg(test)] mod tests { use crate::store; }",
            ),
            ("src/store/mod.rs", "mod rows; pub use rows::Rows; #[cfg(test)] mod tests;"),
            ("src/store/tests.rs", "use crate::cli::run;"),
            (
                "src/store/rows.rs",
                "use sqlx::Any; fn f() { let _ = \"crate::cli\"; mod a { use super::super::Rows; } }",
            ),
            ("src/claude/http.rs", "use crate::claude::error::Error; use reqwest::Client;"),
            ("src/claude/error.rs", "pub enum Error {}"),
        ]));
        assert!(found.is_empty(), "{found:#?}");
    }

    #[test]
    fn nobody_looks_up() {
        let told = objection(&[("src/domain/key.rs", "//! K.\n\nuse crate::{clock, store::{self}};")]);
        assert_eq!(told, "src/domain/key.rs:3: crate::store: `domain` (floor 2) may not know `store` (floor 3)");
        let told = objection(&[("src/domain/key.rs", "fn f() {\n super::super::cli::run() }")]);
        assert!(told.starts_with("src/domain/key.rs:2: super::super::cli::run: `domain` (floor 2)"), "{told}");
    }

    #[test]
    fn neighbours_do_not_know_each_other() {
        assert!(objection(&[("src/view/a.rs", "use crate::settings::X;")]).contains("are neighbours on floor 3"));
        let told = objection(&[("src/platform/slack/a.rs", "use super::super::discord::X;")]);
        assert!(told.contains("`platform/slack` and `platform/discord` are neighbours"), "{told}");
    }

    #[test]
    fn strangers_stay_strangers() {
        assert!(objection(&[("src/sandbox/a.rs", "use crate::claude::X;")]).contains("agree with itself"));
        assert!(objection(&[("src/platform/browser/a.rs", "crate::store::f();")]).contains("chat::Memory"));
        assert!(objection(&[("src/claude/a.rs", "use crate::clock::Clock;")]).contains("a guest"));
    }

    #[test]
    fn what_a_face_shows_is_followed() {
        let files = [
            ("src/change/mod.rs", "pub use crate::claude::Reader;"),
            ("src/claude/mod.rs", "mod reader; pub use reader::Reader;"),
            ("src/claude/reader.rs", "pub struct Reader;"),
            ("src/sandbox/a.rs", "use crate::change::Reader;"),
        ];
        assert!(objection(&files).contains("`sandbox` may not know `claude`"));
    }

    #[test]
    fn every_room_has_a_floor() {
        assert!(objection(&[("src/attic.rs", "fn f() {}")]).contains("`attic` has no floor"));
        assert!(objection(&[("src/cli/a.rs", "use crate::VERSION;")]).contains("`VERSION` is no room"));
    }

    #[test]
    fn no_circle_inside_a_folder() {
        let face = ("src/change/mod.rs", "mod a; mod b; pub use a::A; pub use b::B;");
        let told = objection(&[
            face,
            ("src/change/a.rs", "use super::B;"),
            ("src/change/b.rs", "fn f(a: crate::change::A) {}"),
        ]);
        assert!(
            told.contains("a circle, a -> b -> a: src/change/a.rs:1: super::B; src/change/b.rs:1: crate::change::A"),
            "{told}"
        );
        let known = "use crate::change; fn f() { change::B::new() }";
        assert!(
            objection(&[face, ("src/change/a.rs", known), ("src/change/b.rs", "use super::a::A;")])
                .contains("a circle")
        );
        let nested = [("src/job/x.rs", "use y::Y; pub struct X;"), ("src/job/x/y.rs", "use super::X;")];
        assert!(objection(&nested[..]).contains("a circle"), "a file and its own folder");
        let folders = [
            ("src/command/a/one.rs", "use crate::command::b::two::T;"),
            ("src/command/b/two.rs", "pub struct T;"),
            ("src/command/b/three.rs", "use crate::command::a::four::F;"),
            ("src/command/a/four.rs", "pub struct F;"),
        ];
        assert!(objection(&folders).contains("a circle, a -> b -> a"));
    }

    #[test]
    fn a_face_is_only_a_face() {
        assert!(objection(&[("src/view/mod.rs", "mod a;\npub fn f() {}")]).starts_with("src/view/mod.rs:2: pub fn f"));
        assert!(objection(&[("src/view/mod.rs", "use std::fmt;")]).contains("a face holds"));
        assert!(objection(&[("src/view/mod.rs", "mod a { fn f() {} }")]).contains("a face holds"));
        assert!(objection(&[("src/view/mod.rs", "pub use self::a::*;"), ("src/view/a.rs", "")]).contains("no `*`"));
    }

    #[test]
    fn crates_stay_in_their_rooms() {
        assert!(objection(&[("src/job/a.rs", "use sqlx::Any;")]).contains("only store may name `sqlx`"));
        assert!(objection(&[("src/job/a.rs", "fn f() -> reqwest::Client {}")]).contains("may name `reqwest`"));
        assert!(objection(&[("src/platform/slack/a.rs", "use serenity as s;")]).contains("`serenity`"));
        assert!(objection(&[("src/platform/mod.rs", "pub use slack_morphism::X;")]).contains("`slack_morphism`"));
        assert!(objections(&Tree::of(&[("src/outgoing.rs", "use reqwest::Client;")])).is_empty());
    }

    #[test]
    fn pure_rooms_wait_for_nothing_and_reach_nowhere() {
        assert!(objection(&[("src/view/a.rs", "async fn f() {}")]).contains("`view` waits for nothing"));
        assert!(objection(&[("src/chat/a.rs", "trait Other { async fn f(); }")]).contains("`chat` waits"));
        assert!(objection(&[("src/domain/a.rs", "use std::{fmt, fs::File};")]).contains("`std::fs` is for it"));
        assert!(objection(&[("src/chat/a.rs", "fn f() { tokio::spawn(x) }")]).contains("`tokio` is for it"));
    }
}
