//! The settings of this process, read with the names that this version knows.

use std::path::Path;

use crate::domain::{Kind, Permission, Role};
use crate::settings::{Catalogue, Environment, Error, Settings};

/// Reads the settings. `named` is what `--config` names.
///
/// # Errors
///
/// [`Error`], with every mistake that was found.
pub fn load_settings(environment: &Environment, named: Option<&Path>) -> Result<Settings, Error> {
    with_catalogue(|catalogue| Settings::load(environment, named, catalogue))
}

/// Does something with the names that this version knows.
pub(super) fn with_catalogue<T>(work: impl FnOnce(&Catalogue<'_>) -> T) -> T {
    let changes: Vec<&str> = Kind::ALL.iter().map(|it| it.as_str()).collect();
    let permissions = Permission::ALL.map(Permission::as_str);
    let (admin, billing, member) = (Role::Admin, Role::Billing, Role::Member);
    let roles = [admin.as_str(), billing.as_str(), member.as_str()];
    work(&Catalogue { changes: &changes, permissions: &permissions, roles: &roles })
}
