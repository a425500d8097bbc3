//! A workspace as the configuration speaks of it.

use super::Approver;

/// What a workspace is for. It decides how careful Steward is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Environment {
    /// For trying things.
    Dev,
    /// For rehearsing.
    Staging,
    /// For customers.
    Production,
}

impl Environment {
    /// The name in the configuration.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Dev => "dev",
            Self::Staging => "staging",
            Self::Production => "production",
        }
    }
}

/// A workspace and what the configuration says of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its name.
    pub name: String,
    /// What it is for; production if the configuration does not say, so that what was forgotten is guarded.
    pub environment: Environment,
    /// Who may decide about it, besides the roles that a policy names.
    pub approvers: Vec<Approver>,
    /// Where its cards go; none: where all cards go.
    pub approvers_channel: Option<String>,
}

impl Place {
    /// A workspace that the configuration does not name.
    #[must_use]
    pub fn unnamed(name: &str) -> Self {
        Self { name: name.into(), environment: Environment::Production, approvers: Vec::new(), approvers_channel: None }
    }
}
