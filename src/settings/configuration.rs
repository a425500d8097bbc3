//! What `steward.toml` says, or would say.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::SignedDuration;
use jiff::tz::TimeZone;

use super::catalogue::Catalogue;
use super::document::Section;
use super::error::{Wrong, wrong};
use super::money::{Audit, Limit, Money, Quotas};
use super::people::{CustomRole, RoleMapping, WorkspaceMapping, domain};
use super::policy::PolicyRule;
use super::reference::{AccountRef, ChannelRef};
use super::value;
use super::workspace::Workspace;

/// The configuration file, each part with its default.
#[derive(Clone, Debug, PartialEq)]
pub struct Configuration {
    /// `command`: the root command, with its slash; `/claude`.
    pub command: String,
    /// `time_zone`: of calendar periods and digests; UTC.
    pub time_zone: TimeZone,
    /// `verified_domains`: whose addresses may link by themselves, to `member` at most; none.
    pub verified_domains: Vec<String>,
    /// `first_admins`: who is an admin before anybody could make one; none.
    pub first_admins: Vec<AccountRef>,
    /// `approvers_channel`: where cards go, unless their workspace has a channel of its own; nowhere but to the approvers.
    pub approvers_channel: Option<ChannelRef>,
    /// `remind_after`: when an undecided request goes to its approvers by DM; 2 hours.
    pub remind_after: SignedDuration,
    /// `expire_after`: when an undecided request lapses; 72 hours.
    pub expire_after: SignedDuration,
    /// `[roles.NAME]`.
    pub roles: BTreeMap<String, CustomRole>,
    /// `[[role_map]]`.
    pub role_map: Vec<RoleMapping>,
    /// `[[workspace_map]]`.
    pub workspace_map: Vec<WorkspaceMapping>,
    /// `[workspaces.NAME]`; ask [`Configuration::workspace`].
    pub workspaces: BTreeMap<String, Workspace>,
    /// `[[policy]]`, first match first.
    pub policy: Vec<PolicyRule>,
    /// `[quotas]`.
    pub quotas: Quotas,
    /// `[money]`.
    pub money: Money,
    /// `[[limits]]`.
    pub limits: Vec<Limit>,
    /// `[audit]`.
    pub audit: Audit,
}

impl Default for Configuration {
    fn default() -> Self {
        Self {
            command: "/claude".to_owned(),
            time_zone: TimeZone::UTC,
            verified_domains: Vec::new(),
            first_admins: Vec::new(),
            approvers_channel: None,
            remind_after: SignedDuration::from_hours(2),
            expire_after: SignedDuration::from_hours(72),
            roles: BTreeMap::new(),
            role_map: Vec::new(),
            workspace_map: Vec::new(),
            workspaces: BTreeMap::new(),
            policy: Vec::new(),
            quotas: Quotas::default(),
            money: Money::default(),
            limits: Vec::new(),
            audit: Audit::default(),
        }
    }
}

impl Configuration {
    /// What holds for the workspace called `name`: the file's word, or the careful default.
    #[must_use]
    pub fn workspace(&self, name: &str) -> Workspace {
        self.workspaces.get(name).cloned().unwrap_or_default()
    }

    pub(super) fn read(file: &Section<'_>, catalogue: &Catalogue<'_>) -> Self {
        let default = Self::default();
        let roles: Vec<&str> = catalogue.roles.iter().copied().chain(file.names_in("roles")).collect();
        let read = Self {
            command: file.read("command", command).unwrap_or(default.command),
            time_zone: file.read("time_zone", value::time_zone).unwrap_or(default.time_zone),
            verified_domains: file.list("verified_domains", domain).unwrap_or_default(),
            first_admins: file.list("first_admins", value::account).unwrap_or_default(),
            approvers_channel: file.read("approvers_channel", value::channel),
            remind_after: file.read("remind_after", value::span).unwrap_or(default.remind_after),
            expire_after: file.read("expire_after", value::span).unwrap_or(default.expire_after),
            roles: file.named("roles", |name, it| CustomRole::read(name, it, catalogue)),
            role_map: file.each("role_map", |it| RoleMapping::read(it, &roles)),
            workspace_map: file.each("workspace_map", WorkspaceMapping::read),
            workspaces: file.named("workspaces", |_, it| Some(Workspace::read(it))),
            policy: file.each("policy", |it| PolicyRule::read(it, catalogue, &roles)),
            quotas: file.within("quotas", Quotas::read).unwrap_or_default(),
            money: file.within("money", Money::read).unwrap_or_default(),
            limits: file.each("limits", Limit::read),
            audit: file.within("audit", Audit::read).unwrap_or_default(),
        };
        if read.remind_after >= read.expire_after {
            file.refuse_name("remind_after", "must be shorter than `expire_after`");
        }
        read
    }

    /// Paths in the file are meant from where the file lies.
    pub(super) fn resolve_paths(&mut self, folder: &Path) {
        self.money.prices = self.money.prices.take().map(|prices| folder.join(prices));
    }
}

/// A slash command that Slack and Discord both take.
fn command(it: &toml::de::DeValue<'_>) -> Result<String, Wrong> {
    let text = value::text(it)?;
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-".contains(&byte);
    match text.strip_prefix('/') {
        Some(word) if (1..=31).contains(&word.len()) && word.bytes().all(plain) => Ok(text.to_owned()),
        _ => wrong("must be a slash and up to 31 small letters, digits, `-` and `_`, such as `/claude`"),
    }
}
