//! `[[policy]]`: which change needs whose approval. Data only; the pipeline decides with it.
//!
//! A rule must say what it is about, and one that lets something happen at once must say for whom: nothing is opened by
//! leaving a line out.

use jiff::SignedDuration;
use toml::de::DeValue;

use super::catalogue::Catalogue;
use super::document::Section;
use super::error::{Wrong, wrong};
use super::people::EVERYBODY;
use super::reference::Subject;
use super::value;
use super::workspace::environment;
use crate::domain::Environment;

/// The most approvals that a rule can ask for.
const MOST_APPROVALS: u32 = 9;

/// One rule. The first that matches wins; the shipped defaults come after all of these.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyRule {
    /// `change`: the kind of change, one of the catalogue.
    pub change: String,
    /// `asked_by`: for whom; whoever asks, without.
    pub asked_by: Option<AskedBy>,
    /// `workspace`: only there.
    pub workspace: Option<String>,
    /// `environment`: only in workspaces of this one.
    pub environment: Option<Environment>,
    /// `above_usd`: only for more than this, in whole micro-dollars: a limit, or all that is on top of one.
    pub above_usd_micros: Option<i64>,
    /// `decide`: what then.
    pub decide: Decide,
    /// `at_most`, `within`: only so often for one asker; what goes beyond is left to the next rule.
    pub at_most: Option<AtMost>,
}

/// How often a rule may let something happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AtMost {
    /// `at_most`: so many changes.
    pub count: u32,
    /// `within`: in so long.
    pub within: SignedDuration,
}

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AskedBy {
    /// A person with this role.
    Role(String),
    /// Steward itself proposes.
    Steward,
}

/// What a rule says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decide {
    /// `"at once"`: without approval.
    AtOnce,
    /// `"refuse"`: not at all.
    Refuse,
    /// `{ approvals = 1, … }`: after approvals.
    Approvals(Approvals),
}

/// Which approvals.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approvals {
    /// `approvals`: how many different people, at least 1.
    pub count: u32,
    /// `by`: who may give them. Never empty, never everybody.
    pub by: Vec<Approver>,
    /// `in_order`: one after the other, as `by` lists them.
    pub in_order: bool,
    /// `allow_self`: whether the one who asked may be one of them; `false` unless said otherwise.
    pub allow_self: bool,
}

/// Who may approve.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Approver {
    /// Whoever has this role, built in or custom.
    Role(String),
    /// `approvers`: those whom the change's workspace names.
    OfWorkspace,
    /// A group or a person.
    Subject(Subject),
}

impl PolicyRule {
    pub(super) fn read(section: &Section<'_>, catalogue: &Catalogue<'_>, roles: &[&str]) -> Option<Self> {
        let change = section.require("change", |it| value::one_of(it, "kind of change", catalogue.changes));
        let asked_by = section.read("asked_by", |it| asker(it, roles));
        let workspace = section.read("workspace", value::name);
        let environment = section.read("environment", environment);
        let above_usd_micros = section.read("above_usd", value::usd_micros);
        let decide = if section.has_table("decide") {
            section.within("decide", |it| Approvals::read(it, roles)).flatten().map(Decide::Approvals)
        } else {
            section.require("decide", in_a_word)
        };
        let (change, decide) = (change?, decide?);
        if decide == Decide::AtOnce && asked_by.is_none() {
            section.refuse_name("decide", "lets everybody do this at once: say in `asked_by` for whom it is meant");
        }
        let at_most = AtMost::read(section);
        if at_most.is_some() && decide != Decide::AtOnce {
            section.refuse_name("at_most", "goes with `decide = \"at once\"` only");
        }
        Some(Self { change, asked_by, workspace, environment, above_usd_micros, decide, at_most })
    }
}

impl AtMost {
    fn read(section: &Section<'_>) -> Option<Self> {
        let count = section.read("at_most", |it| value::whole(it, 1, 10_000));
        let within = section.read("within", value::span);
        if count.is_some() != within.is_some() {
            section.refuse_name("at_most", "and `within` go together: so many, in so long");
        }
        Some(Self { count: count?, within: within? })
    }
}

impl Approvals {
    fn read(section: &Section<'_>, roles: &[&str]) -> Option<Self> {
        let count = section.require("approvals", |it| value::whole(it, 1, MOST_APPROVALS));
        let by = section.list("by", |it| approver(it, roles));
        if by.is_none() {
            section.require("by", |_| Ok(()));
        }
        let in_order = section.read("in_order", value::flag).unwrap_or(false);
        let allow_self = section.read("allow_self", value::flag).unwrap_or(false);
        let (count, by) = (count?, by?);
        let people_only = by.iter().all(|it| matches!(it, Approver::Subject(Subject::Account(_))));
        if (people_only || in_order) && (count as usize) > by.len() {
            section.refuse_name("approvals", "must not be more than `by` names: they could never come together");
        }
        Some(Self { count, by, in_order, allow_self })
    }
}

fn in_a_word(it: &DeValue<'_>) -> Result<Decide, Wrong> {
    match it.as_str() {
        Some("at once") => Ok(Decide::AtOnce),
        Some("refuse") => Ok(Decide::Refuse),
        _ => wrong("must be `\"at once\"`, `\"refuse\"` or `{ approvals = 1, by = [\"admin\"] }`"),
    }
}

fn asker(it: &DeValue<'_>, roles: &[&str]) -> Result<AskedBy, Wrong> {
    if it.as_str() == Some("steward") {
        return Ok(AskedBy::Steward);
    }
    let known: Vec<&str> = roles.iter().copied().chain(["steward"]).collect();
    value::one_of(it, "role", &known).map(AskedBy::Role)
}

fn approver(it: &DeValue<'_>, roles: &[&str]) -> Result<Approver, Wrong> {
    match value::text(it)? {
        "approvers" => Ok(Approver::OfWorkspace),
        EVERYBODY => wrong("must not be a role that everybody has"),
        subject if subject.contains(':') => value::approver(it).map(Approver::Subject),
        _ => {
            let known: Vec<&str> = roles.iter().copied().filter(|&it| it != EVERYBODY).chain(["approvers"]).collect();
            value::one_of(it, "role", &known).map(Approver::Role)
        }
    }
}
