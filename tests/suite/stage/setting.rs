//! What differs from one stage to the next, and the rules that all have.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use steward::chat::Account;
use steward::cli::house::Outside;
use steward::domain::{MoneyRules, PolicyRule, Role, RoleMap, RoleMapEntry, RoleMapFrom, Rules};
use steward::sandbox::Organization;

use crate::bench::Engine;

/// What differs from one stage to the next.
pub(crate) struct Setting {
    /// The database.
    pub(crate) engine: Engine,
    /// Policies of the configuration.
    pub(crate) policies: Vec<PolicyRule>,
    /// Where cards go.
    pub(crate) approvers_channel: Option<String>,
    /// The organization; the seeded one if none is given.
    pub(crate) organization: Option<Organization>,
    /// The admin key; the organization's own if none is given.
    pub(crate) key: Option<String>,
    /// How many requests of one person may wait.
    pub(crate) most_waiting: i64,
    /// How many keys one person may have.
    pub(crate) most_keys: i64,
    /// More entries of the role map.
    pub(crate) roles: Vec<RoleMapEntry>,
    /// Where the audit trail is told outside the database.
    pub(crate) outside: Outside,
    /// The workspace map.
    pub(crate) workspace_map: Vec<steward::domain::WorkspaceMapEntry>,
    /// Workspaces of the configuration.
    pub(crate) workspaces: Vec<steward::domain::Place>,
    /// Has it read what was used before, from a year ago on, or of the day itself alone? Most stories need none of it, and
    /// reading takes as long as they do.
    pub(crate) whole_usage: bool,
}

impl Setting {
    /// The usual one.
    pub(crate) fn on(engine: Engine) -> Self {
        Self {
            engine,
            policies: Vec::new(),
            approvers_channel: Some("browser:approvals".into()),
            organization: None,
            key: None,
            most_waiting: 100_000,
            most_keys: 3,
            roles: Vec::new(),
            outside: Outside::default(),
            workspace_map: Vec::new(),
            workspaces: Vec::new(),
            whole_usage: false,
        }
    }
}

/// The rules of a story.
pub(crate) fn rules(policies: Vec<PolicyRule>, approvers_channel: Option<String>) -> Rules {
    let group = |group: &str, role| RoleMapEntry {
        from: RoleMapFrom::Group(format!("browser-group:{group}")),
        role,
        workspace: None,
    };
    Rules {
        command: "/claude".into(),
        time_zone: "UTC".into(),
        verified_domains: vec!["example.com".into()],
        role_map: RoleMap {
            first_admins: vec![Account::browser("ada")],
            entries: vec![group("admins", Role::Admin), group("finance", Role::Billing)],
            custom: BTreeMap::new(),
        },
        policies,
        workspace_map: Vec::new(),
        workspaces: Vec::new(),
        approvers_channel,
        remind_after: Duration::from_hours(2),
        expire_after: Duration::from_hours(72),
        pending_per_person: 100_000,
        keys_per_person: 3,
        thresholds: vec![50, 80, 100],
        limits: Vec::new(),
        money: money(),
    }
}

/// The shipped prices; hours are kept for a year and a bit.
fn money() -> MoneyRules {
    MoneyRules {
        prices: Arc::new(steward::settings::shipped_prices()),
        tags: Vec::new(),
        raw_retention: Duration::from_hours(400 * 24),
    }
}
