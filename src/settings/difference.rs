//! What differs between two configurations, setting by setting, for the audit trail and for whoever is told of it.

use std::fmt::{Debug, Display};

use super::configuration::Configuration;

/// The longest text of a value, in characters. What is longer is cut.
const LONGEST: usize = 1_000;

/// A setting that is another one now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Its name at the top of the file.
    pub name: &'static str,
    /// What it was.
    pub before: String,
    /// What it is.
    pub after: String,
    /// True for what a running Steward goes on with as it started: the next start brings it.
    pub at_next_start: bool,
}

impl Configuration {
    /// The settings in which `after` differs. No secret stands in the file; of an address that entries are sent to, which may have
    /// a password in it all the same, nothing is told but that it is another one.
    #[must_use]
    pub fn differences(&self, after: &Self) -> Vec<Difference> {
        let (is, was) = (after, self);
        let zone = |it: &Self| it.time_zone.iana_name().unwrap_or("UTC").to_owned();
        let channel = |it: &Self| it.approvers_channel.as_ref().map_or_else(none, ToString::to_string);
        let differs = [
            ("command", was.command.clone(), is.command.clone()),
            ("time_zone", zone(was), zone(is)),
            ("verified_domains", listed(&was.verified_domains), listed(&is.verified_domains)),
            ("first_admins", listed(&was.first_admins), listed(&is.first_admins)),
            ("approvers_channel", channel(was), channel(is)),
            ("remind_after", format!("{:#}", was.remind_after), format!("{:#}", is.remind_after)),
            ("expire_after", format!("{:#}", was.expire_after), format!("{:#}", is.expire_after)),
            ("roles", whole(&was.roles), whole(&is.roles)),
            ("role_map", whole(&was.role_map), whole(&is.role_map)),
            ("workspace_map", whole(&was.workspace_map), whole(&is.workspace_map)),
            ("workspaces", whole(&was.workspaces), whole(&is.workspaces)),
            ("policy", whole(&was.policy), whole(&is.policy)),
            ("quotas", whole(&was.quotas), whole(&is.quotas)),
            ("money", whole(&was.money), whole(&is.money)),
            ("limits", whole(&was.limits), whole(&is.limits)),
        ];
        let told = differs.into_iter().filter(|(_, before, after)| before != after);
        let mut found: Vec<Difference> = told
            .map(|(name, before, after)| Difference {
                name,
                before: cut(before),
                after: cut(after),
                at_next_start: name == "command",
            })
            .collect();
        if was.audit != is.audit {
            let (before, after) = ("as at the start".to_owned(), "another one".to_owned());
            found.push(Difference { name: "audit", before, after, at_next_start: true });
        }
        found
    }
}

fn none() -> String {
    "none".to_owned()
}

fn listed<T: Display>(all: &[T]) -> String {
    let words: Vec<String> = all.iter().map(ToString::to_string).collect();
    if words.is_empty() { none() } else { words.join(", ") }
}

/// A part of the file as it is understood.
fn whole(part: &impl Debug) -> String {
    format!("{part:?}")
}

fn cut(text: String) -> String {
    if text.chars().count() > LONGEST { text.chars().take(LONGEST).chain("…".chars()).collect() } else { text }
}
