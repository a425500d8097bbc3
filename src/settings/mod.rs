//! What the operator decides, read once at start: secrets and addresses from the environment or the secrets folder,
//! everything else from `steward.toml`.
//!
//! - [`Settings::load`] finds every mistake in one go and starts nothing if there is one.
//! - A mistake names the place and the setting, and never a value: any value may be a secret in the wrong line.
//! - What is absent closes rather than opens. A list that is there but empty is a mistake, never "everybody".

mod catalogue;
mod configuration;
mod connections;
mod difference;
mod document;
mod environment;
mod error;
mod load;
mod money;
mod people;
mod policy;
mod prices;
pub mod reference;
mod rules;
mod sandbox;
mod value;
mod workspace;

pub use catalogue::Catalogue;
pub use configuration::Configuration;
pub use connections::{Claude, Discord, DiscordMode, Listeners, Log, LogFormat, Slack, SlackMode};
pub use difference::Difference;
pub use environment::Environment;
pub use error::Error;
pub use load::{FileNow, Settings};
pub use money::{Audit, Limit, LimitScope, Money, Quotas};
pub use people::{CustomRole, RoleMapping, WorkspaceMapping};
pub use policy::{Approvals, Approver, AskedBy, AtMost, Decide, PolicyRule};
pub use prices::shipped_prices;
pub use sandbox::SandboxSettings;
pub use workspace::Workspace;
