//! Which roles somebody holds, and where each comes from.

use std::collections::{BTreeMap, BTreeSet};

use super::{Grant, Permission, Right, Role, Toward};
use crate::chat::{Account, Kind, Platform, Standing};

/// Where a role comes from, for `whoami`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// `first_admins` of the configuration names this account.
    FirstAdmin(Account),
    /// The role map names a group that this account is in, as written there.
    Group(String),
    /// The role map names this account.
    Named(Account),
    /// The role map names the role that the linked member has in the Claude organization.
    ClaudeRole(String),
    /// The account is linked to a member of the organization.
    Link,
    /// The command line's operator.
    Operator,
}

/// One role and its source; for one workspace only, if it names one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holding {
    /// The role.
    pub role: Role,
    /// Where it comes from.
    pub source: Source,
    /// The only workspace it counts in, by name; none: the whole organization.
    pub workspace: Option<String>,
}

impl Holding {
    /// True if it counts everywhere, or in this workspace.
    fn counts_in(&self, workspace: Option<&str>) -> bool {
        let here = |own: &String| workspace.is_some_and(|it| it.eq_ignore_ascii_case(own));
        self.workspace.as_ref().is_none_or(here)
    }
}

/// Everything somebody may, at this moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rights {
    /// The roles they hold.
    pub holdings: Vec<Holding>,
    /// What custom roles of the configuration contain.
    custom: BTreeMap<String, BTreeSet<Permission>>,
    /// The command line may ask for everything and decide nothing.
    operator: bool,
    /// What somebody gave them beyond their roles.
    grants: Vec<Grant>,
}

/// What a right comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Because<'a> {
    /// A role.
    Role(&'a Holding),
    /// A grant.
    Grant(&'a Grant),
}

impl Rights {
    /// No right at all.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// The command line's: an admin's, without any decision.
    #[must_use]
    pub fn operator() -> Self {
        let holding = Holding { role: Role::Admin, source: Source::Operator, workspace: None };
        Self { holdings: vec![holding], operator: true, ..Self::default() }
    }

    /// How far `permission` goes toward something, by the strongest role that counts organization-wide.
    #[must_use]
    pub fn of(&self, permission: Permission, toward: Toward) -> Right {
        self.within(None, permission, toward)
    }

    /// How far it goes in the workspace where it goes farthest.
    #[must_use]
    pub fn somewhere(&self, permission: Permission, toward: Toward) -> Right {
        let places = self.holdings.iter().map(|it| it.workspace.as_deref());
        places.map(|it| self.within(it, permission, toward)).max().unwrap_or(Right::No)
    }

    /// The same in one workspace, by name: roles that count there alone count, too.
    #[must_use]
    pub fn within(&self, workspace: Option<&str>, permission: Permission, toward: Toward) -> Right {
        if self.operator && matches!(permission, Permission::Approve | Permission::Admin) {
            return Right::No;
        }
        if permission.is_ones_own() && toward != Toward::Oneself {
            return Right::No;
        }
        if self.is_granted(workspace, permission) {
            return Right::Do;
        }
        let rights =
            self.holdings.iter().filter(|it| it.counts_in(workspace)).map(|it| self.by(it, permission, toward));
        rights.max().unwrap_or(Right::No)
    }

    /// How far one of the roles goes.
    fn by(&self, holding: &Holding, permission: Permission, toward: Toward) -> Right {
        match &holding.role {
            Role::Custom(name) if self.custom.get(name).is_some_and(|set| set.contains(&permission)) => Right::Do,
            role => role.right(permission, toward),
        }
    }

    /// The same with what was granted.
    #[must_use]
    pub fn with_grants(self, grants: Vec<Grant>) -> Self {
        Self { grants, ..self }
    }

    /// What was granted.
    #[must_use]
    pub fn grants(&self) -> &[Grant] {
        &self.grants
    }

    /// True if `permission` was granted, everywhere or in this workspace, by name.
    #[must_use]
    pub fn is_granted(&self, workspace: Option<&str>, permission: Permission) -> bool {
        self.grants.iter().any(|it| it.gives(permission, workspace))
    }

    /// Everything that makes a right go as far as [`Rights::within`] says.
    #[must_use]
    pub fn because(&self, workspace: Option<&str>, permission: Permission, toward: Toward) -> Vec<Because<'_>> {
        let right = self.within(workspace, permission, toward);
        if right == Right::No {
            return Vec::new();
        }
        let here = self.holdings.iter().filter(|it| it.counts_in(workspace));
        let roles = here.filter(|it| self.by(it, permission, toward) == right).map(Because::Role);
        roles.chain(self.grants.iter().filter(|it| it.gives(permission, workspace)).map(Because::Grant)).collect()
    }

    /// True if one of the roles is `role`, organization-wide.
    #[must_use]
    pub fn has(&self, role: &Role) -> bool {
        self.holdings.iter().any(|it| it.workspace.is_none() && it.role == *role)
    }

    /// True if one of the roles that count in this workspace, by name, is `role`.
    #[must_use]
    pub fn has_within(&self, workspace: Option<&str>, role: &Role) -> bool {
        self.holdings.iter().any(|it| it.counts_in(workspace) && it.role == *role)
    }

    /// True for whoever holds any role: linked people, first admins, those the role map names.
    #[must_use]
    pub fn any(&self) -> bool {
        !self.holdings.is_empty()
    }

    /// The role that policies go by: admin before billing before member before custom ones.
    #[must_use]
    pub fn strongest(&self) -> Option<&Role> {
        self.holdings.iter().filter(|it| it.workspace.is_none()).map(|it| &it.role).min()
    }
}

/// What a line of the role map starts from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RoleMapFrom {
    /// A chat group, written as in the configuration.
    Group(String),
    /// One account.
    Account(Account),
    /// A role in the Claude organization, of the linked member.
    ClaudeRole(String),
}

/// One line of the role map.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleMapEntry {
    /// Whom it is about.
    pub from: RoleMapFrom,
    /// What they get.
    pub role: Role,
    /// For one workspace only, by name.
    pub workspace: Option<String>,
}

/// How accounts come to roles.
#[derive(Clone, Debug, Default)]
pub struct RoleMap {
    /// Accounts that the configuration makes admins.
    pub first_admins: Vec<Account>,
    /// Its lines.
    pub entries: Vec<RoleMapEntry>,
    /// What each custom role contains.
    pub custom: BTreeMap<String, BTreeSet<Permission>>,
}

impl RoleMap {
    /// Everything that `account` may.
    ///
    /// `linked` says whether the account has an active link; `claude_role` is the role of the member it leads to. An account
    /// that the platform does not clearly call a person of one's own company has no right, whatever else names it.
    #[must_use]
    pub fn rights(&self, account: &Account, standing: &Standing, linked: bool, claude_role: Option<&str>) -> Rights {
        if account.platform() == Platform::Operator {
            return Rights::operator();
        }
        if standing.kind != Kind::Person {
            return Rights::none();
        }
        let everywhere = |role, source| Holding { role, source, workspace: None };
        let mut holdings = Vec::new();
        if self.first_admins.contains(account) {
            holdings.push(everywhere(Role::Admin, Source::FirstAdmin(account.clone())));
        }
        for entry in &self.entries {
            let source = match &entry.from {
                RoleMapFrom::Group(group) if standing.groups.contains(group) => Source::Group(group.clone()),
                RoleMapFrom::Account(named) if named == account => Source::Named(named.clone()),
                RoleMapFrom::ClaudeRole(role) if linked && claude_role == Some(role) => {
                    Source::ClaudeRole(role.clone())
                }
                _ => continue,
            };
            holdings.push(Holding { role: entry.role.clone(), source, workspace: entry.workspace.clone() });
        }
        if linked {
            holdings.push(everywhere(Role::Member, Source::Link));
        }
        Rights { holdings, custom: self.custom.clone(), operator: false, grants: Vec::new() }
    }
}
