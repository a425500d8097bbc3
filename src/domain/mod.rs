//! Our nouns, pure: no I/O, nothing waits.

mod asked;
mod audit;
mod change;
mod email;
mod holding;
mod permission;
mod person;
mod place;
mod plan;
mod policy;
mod role;
mod rules;
mod who;
mod workspace_name;

pub use asked::{Asked, Change, Decided};
pub use audit::{AuditEntry, Broken, Checked};
pub use change::{BadChangeId, ChangeId, State, Verdict};
pub use email::{BadEmail, Email};
pub use holding::{Holding, Rights, RoleMap, RoleMapEntry, RoleMapFrom, Source};
pub use permission::{Need, Permission, Right, Role, Toward};
pub use person::{LinkState, Person, PersonId};
pub use place::{Environment, Place};
pub use plan::{Digest, Fact, Plan, Step};
pub use policy::{Approver, Asking, Decision, Kind, PolicyRule, decide};
pub use role::{BadRole, BadWorkspaceRole, InviteRole, WorkspaceRole};
pub use rules::Rules;
pub use who::{BadWho, Who};
pub use workspace_name::{BadMembership, BadWorkspaceName, Membership, WorkspaceName};
