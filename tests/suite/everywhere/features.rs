//! What is told everywhere, as a table: each row drives a story, and the README shows the same rows. A test compares the two.

use super::stories::Place;
use super::stories::Place::{Browser, DiscordGateway, DiscordHttp, SlackHttp, SlackSocket};
use crate::command_line::{Shell, organization};
use crate::source::root;

/// Something that people can do, and where its story is told.
pub(crate) struct Feature {
    pub(crate) name: &'static str,
    pub(crate) places: &'static [Place],
    /// On the command line: what follows `steward exec --`, and how it ends. None: it has no meaning there.
    exec: Option<(&'static [&'static str], Ends)>,
}

/// How a line ends on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ends {
    /// It does it.
    Well,
    /// It says what is missing.
    Asking,
    /// It refuses: the command line asks for everything and decides nothing.
    Refused,
}

const ALL_PLACES: &[Place] = &[Browser, SlackSocket, SlackHttp, DiscordGateway, DiscordHttp];

const fn feature(name: &'static str, exec: Option<(&'static [&'static str], Ends)>) -> Feature {
    Feature { name, places: ALL_PLACES, exec }
}

pub(crate) const HELP: Feature = feature("help, and what was meant", Some((&["help"], Ends::Well)));
pub(crate) const FORMS: Feature = feature("what is missing is asked for", Some((&["invite"], Ends::Asking)));
pub(crate) const LISTS: Feature = feature("lists, in pages", Some((&["member", "list"], Ends::Well)));
pub(crate) const HOME: Feature = feature("a start page", Some((&["home"], Ends::Well)));
pub(crate) const CARDS: Feature = feature(
    "requests on cards, decided by a press, receipts, undo",
    Some((&["request", "approve", "C1-aaaa"], Ends::Refused)),
);
pub(crate) const CONFIRMED: Feature =
    feature("what weighs more is typed once more", Some((&["member", "remove", "mira@example.com"], Ends::Asking)));
pub(crate) const RACES: Feature = feature("of two who decide, one does", None);
pub(crate) const STRANGERS: Feature = feature("whoever is nobody yet hears how to become somebody", None);
pub(crate) const ADDRESSES: Feature = Feature {
    places: &[Browser, SlackSocket, SlackHttp],
    ..feature("whoever has a known address asks for themselves", None)
};
pub(crate) const GUESTS: Feature = feature("guests are refused", None);
pub(crate) const REVEAL: Feature =
    feature("a key is revealed, to its owner alone", Some((&["key", "reveal", "C1-aaaa"], Ends::Refused)));
pub(crate) const KEY_LIFE: Feature = feature("a leaked key is off at once, an old one is replaced", None);
pub(crate) const MONEY: Feature =
    feature("cost with its picture and table, limits, reports", Some((&["cost", "--of", "org"], Ends::Well)));

pub(crate) const ALL: [&Feature; 13] = [
    &HELP, &FORMS, &LISTS, &HOME, &CARDS, &CONFIRMED, &RACES, &STRANGERS, &ADDRESSES, &GUESTS, &REVEAL, &KEY_LIFE,
    &MONEY,
];

impl Feature {
    fn in_both(&self, one: Place, other: Place) -> &'static str {
        match [one, other].map(|it| self.places.contains(&it)) {
            [true, true] => "yes",
            [false, false] => "no",
            _ => panic!("{}: both ways in are alike", self.name),
        }
    }

    fn row(&self) -> String {
        let exec = match self.exec {
            Some((_, Ends::Well)) => "yes",
            Some((_, Ends::Asking)) => "a sentence",
            Some((_, Ends::Refused)) => "no",
            None => "-",
        };
        let (slack, discord) = (self.in_both(SlackSocket, SlackHttp), self.in_both(DiscordGateway, DiscordHttp));
        let browser = if self.places.contains(&Browser) { "yes" } else { "no" };
        format!("| {} | {browser} | {slack} | {discord} | {exec} |\n", self.name)
    }
}

/// Between these the README shows the table.
const BEGIN: &str = "<!-- what is alike: written by tests/suite/everywhere/features.rs -->\n";
const END: &str = "<!-- until here -->\n";

#[test]
fn the_readme_shows_what_the_stories_tell() {
    let rows: String = ALL.iter().map(|it| it.row()).collect();
    let table =
        format!("{BEGIN}| | Sandbox | Slack | Discord | Command line |\n| --- | --- | --- | --- | --- |\n{rows}{END}");
    let path = root().join("README.md");
    let readme = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = readme.split_once(BEGIN).expect("the README has the table");
    let (_, after) = rest.split_once(END).expect("which ends");
    let renewed = format!("{before}{table}{after}");
    if std::env::var("INSTA_UPDATE").is_ok_and(|it| it == "always") {
        std::fs::write(path, &renewed).unwrap();
    } else {
        assert!(renewed == readme, "the README shows another table than this:\n{table}");
    }
}

#[tokio::test]
async fn the_command_line_ends_as_the_table_says() {
    let (organization, url) = organization().await;
    let shell = Shell::beside(&organization, &url).await;
    for feature in ALL {
        let Some((words, ends)) = feature.exec else { continue };
        let line: Vec<&str> = ["exec", "--"].iter().chain(words).copied().collect();
        let said = shell.run(&line, "").await;
        let found = match said.code {
            0 => Ends::Well,
            2 => Ends::Asking,
            3 => Ends::Refused,
            _ => panic!("{}: {}", feature.name, said.all()),
        };
        assert_eq!(found, ends, "{}: {}", feature.name, said.all());
    }
}
