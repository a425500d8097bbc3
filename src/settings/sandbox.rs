//! The settings of an organization in a box: built in, so that nothing of the real one can slip in.

use std::net::{Ipv4Addr, SocketAddr};

use jiff::tz::TimeZone;
use secrecy::SecretString;
use url::Url;

use super::configuration::Configuration;
use super::connections::{Claude, Listeners, Log, LogFormat};
use super::load::Settings;
use super::people::{RoleMapping, WorkspaceMapping};
use super::policy::{Approvals, Approver, AskedBy, Decide, PolicyRule};
use super::reference::{AccountRef, ChannelRef, GroupRef, Platform, Subject};
use super::workspace::Workspace;
use crate::domain::{Environment, Issuer, Kind};
use crate::seal::MasterKey;

/// The groups of the chat page, and the role that each gives.
const GROUPS: [(&str, &str); 3] = [("admins", "admin"), ("finance", "billing"), ("everyone", "member")];

/// The workspaces of the simulated organization, what each is for, and how its keys are issued. The others are guarded like
/// production.
const WORKSPACES: [(&str, Environment, Issuer); 5] = [
    ("research", Environment::Dev, Issuer::Stock),
    ("evals", Environment::Staging, Issuer::Claim),
    ("production", Environment::Production, Issuer::Stock),
    ("support-bot", Environment::Production, Issuer::Claim),
    ("data-platform", Environment::Staging, Issuer::Token),
];

/// Which groups of the chat page belong into which workspaces. They disagree with who is there, so that there is something to see.
const WORKSPACE_MAP: [(&str, &str, &str); 4] = [
    ("research", "research", "workspace_developer"),
    ("evals", "evals", "workspace_developer"),
    ("platform", "data-platform", "workspace_admin"),
    ("data", "data-platform", "workspace_restricted_developer"),
];

/// What differs from one sandbox to the next.
pub struct SandboxSettings {
    /// The one listener.
    pub listen: SocketAddr,
    /// SQLite, in the sandbox's own folder.
    pub database_url: SecretString,
    /// Where the simulated Admin API answers.
    pub base_url: Url,
    /// The simulated organization's admin key.
    pub admin_key: SecretString,
    /// Made for this sandbox.
    pub master_key: MasterKey,
    /// Who begins as an admin.
    pub first_admins: Vec<AccountRef>,
    /// Where cards go.
    pub approvers_channel: ChannelRef,
    /// The time zone of its calendar.
    pub time_zone: TimeZone,
}

impl Settings {
    /// The sandbox's settings. No file and no variable is looked at: whatever tokens lie around stay untouched.
    #[must_use]
    pub fn for_sandbox(sandbox: SandboxSettings) -> Self {
        let configuration = Configuration {
            time_zone: sandbox.time_zone,
            verified_domains: vec!["example.com".to_owned()],
            first_admins: sandbox.first_admins,
            approvers_channel: Some(sandbox.approvers_channel),
            role_map: GROUPS.map(|(group, role)| mapping(group, role)).into(),
            policy: vec![two_for_production()],
            workspace_map: WORKSPACE_MAP.map(belonging).into(),
            workspaces: WORKSPACES
                .map(|(name, environment, issuer)| (name.to_owned(), kept_as(environment, issuer)))
                .into(),
            ..Configuration::default()
        };
        Self {
            config_path: None,
            configuration,
            database_url: sandbox.database_url,
            master_key: Some(sandbox.master_key),
            listeners: Listeners { webhooks: sandbox.listen, ops: (Ipv4Addr::LOCALHOST, 0).into() },
            log: Log { filter: "info".to_owned(), format: LogFormat::Text },
            claude: Claude { base_url: sandbox.base_url, admin_key: Some(sandbox.admin_key) },
            slack: None,
            discord: None,
            leak_secret: None,
            exposed_secrets: Vec::new(),
        }
    }
}

/// Whoever wants to work in production needs both admins: a rule with two approvals, to be looked at.
fn two_for_production() -> PolicyRule {
    let by = vec![Approver::Role("admin".to_owned())];
    PolicyRule {
        change: Kind::WorkspaceMember.as_str().to_owned(),
        asked_by: Some(AskedBy::Role("member".to_owned())),
        workspace: Some("production".to_owned()),
        environment: None,
        above_usd_micros: None,
        decide: Decide::Approvals(Approvals { count: 2, by, in_order: false, allow_self: false }),
        at_most: None,
    }
}

fn belonging((group, workspace, role): (&str, &str, &str)) -> WorkspaceMapping {
    WorkspaceMapping { from: of_group(group), workspace: workspace.to_owned(), workspace_role: role.to_owned() }
}

fn kept_as(environment: Environment, issuer: Issuer) -> Workspace {
    Workspace { environment, issuer, ..Workspace::default() }
}

fn mapping(group: &str, role: &str) -> RoleMapping {
    RoleMapping { from: of_group(group), role: role.to_owned(), workspace: None }
}

fn of_group(group: &str) -> Subject {
    Subject::Group(GroupRef { platform: Platform::Browser, id: group.to_owned() })
}
