//! Who has which role: custom roles, and the two maps from chat groups to roles and to workspaces.

use super::catalogue::Catalogue;
use super::document::Section;
use super::error::wrong;
use super::reference::Subject;
use super::value;

/// The built-in role that everybody linked has.
pub(super) const EVERYBODY: &str = "member";

/// Names that mean something else in a policy.
const RESERVED: [&str; 3] = ["steward", "stranger", "approvers"];

/// The roles that a person can be given in a workspace. Source: the Admin API's workspace member object; billing is
/// inherited and cannot be given.
const WORKSPACE_ROLES: [&str; 4] =
    ["workspace_user", "workspace_restricted_developer", "workspace_developer", "workspace_admin"];

/// A role of the operator's own, `[roles.NAME]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomRole {
    /// `permissions`: what it may do. Never empty, each one known.
    pub permissions: Vec<String>,
}

/// `[[role_map]]`: who has a role because of who they are in the chat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleMapping {
    /// `from`: the group or person.
    pub from: Subject,
    /// `role`: built in or custom.
    pub role: String,
    /// `workspace`: only there; everywhere without.
    pub workspace: Option<String>,
}

/// `[[workspace_map]]`: which chat group belongs into which workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkspaceMapping {
    /// `from`: the group or person.
    pub from: Subject,
    /// `workspace`: its name.
    pub workspace: String,
    /// `workspace_role`: as the Admin API has it.
    pub workspace_role: String,
}

impl CustomRole {
    pub(super) fn read(name: &str, section: &Section<'_>, catalogue: &Catalogue<'_>) -> Option<Self> {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-".contains(&byte);
        if !name.starts_with(|it: char| it.is_ascii_lowercase()) || !name.bytes().all(plain) || name.len() > 32 {
            section.refuse("must be named in small letters, digits, `-` and `_`, beginning with a letter");
        }
        if catalogue.roles.contains(&name) || RESERVED.contains(&name) {
            section.refuse("has a name that is taken already: the built-in roles cannot be changed");
        }
        let known = |it: &_| value::one_of(it, "permission", catalogue.permissions);
        let permissions = section.list("permissions", known);
        if permissions.is_none() {
            section.require("permissions", |_| Ok(()));
        }
        Some(Self { permissions: permissions? })
    }
}

impl RoleMapping {
    pub(super) fn read(section: &Section<'_>, roles: &[&str]) -> Option<Self> {
        let from = section.require("from", value::subject);
        let role = section.require("role", |it| value::one_of(it, "role", roles));
        let workspace = section.read("workspace", value::name);
        let (from, role) = (from?, role?);
        if from.is_everybody() && role != EVERYBODY {
            section.refuse_name("from", "is a role that everybody has: it may be mapped to `member` only");
        }
        Some(Self { from, role, workspace })
    }
}

impl WorkspaceMapping {
    pub(super) fn read(section: &Section<'_>) -> Option<Self> {
        let from = section.require("from", value::subject);
        let workspace = section.require("workspace", value::name);
        let role = section.require("workspace_role", |it| value::one_of(it, "workspace role", &WORKSPACE_ROLES));
        Some(Self { from: from?, workspace: workspace?, workspace_role: role? })
    }
}

/// Domains of mail providers where anybody gets an address. Whoever verified one of these would have let in the world.
const PUBLIC_MAIL: [&str; 14] = [
    "gmail.com",
    "googlemail.com",
    "outlook.com",
    "hotmail.com",
    "live.com",
    "yahoo.com",
    "icloud.com",
    "me.com",
    "aol.com",
    "gmx.de",
    "gmx.net",
    "web.de",
    "proton.me",
    "protonmail.com",
];

/// A domain whose addresses may link by themselves.
pub(super) fn domain(it: &toml::de::DeValue<'_>) -> Result<String, super::error::Wrong> {
    let text = value::text(it)?;
    let label = |label: &str| {
        let plain = label.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        plain && (1..=63).contains(&label.len()) && !label.starts_with('-') && !label.ends_with('-')
    };
    if !text.contains('.') || text.len() > 253 || !text.split('.').all(label) {
        return wrong("must be a mail domain in small letters, such as `example.com`, without `@` or `*`");
    }
    if PUBLIC_MAIL.contains(&text) {
        return wrong("must not be a public mail provider: anybody can have an address there");
    }
    Ok(text.to_owned())
}
