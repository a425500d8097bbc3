//! Our nouns, pure: no I/O, nothing waits.

mod activity;
mod approver;
mod asked;
mod audit;
mod change;
mod email;
mod head;
mod holding;
mod link_code;
mod permission;
mod person;
mod place;
mod plan;
mod policy;
mod role;
mod rules;
mod who;
mod workspace_name;

pub use activity::{Activity, FeedState, Unseen};
pub use approver::Approver;
pub use asked::{Approval, Asked, Change, Decided, Question};
pub use audit::{AuditEntry, Broken, Checked};
pub use change::{BadChangeId, ChangeId, State, Verdict};
pub use email::{BadEmail, Email};
pub use head::{Head, HeadVerdict, Heads, SignedHead, Witnessed, read_heads};
pub use holding::{Holding, Rights, RoleMap, RoleMapEntry, RoleMapFrom, Source};
pub use link_code::{BadLinkCode, LinkCode};
pub use permission::{Need, Permission, Right, Role, Toward};
pub use person::{Held, LinkState, Person, PersonId};
pub use place::{Environment, Place};
pub use plan::{Digest, Fact, Plan, Step};
pub use policy::{Approvals, Asking, AtMost, Decision, Kind, PolicyRule, Ruled, decide, ruled};
pub use role::{BadRole, BadWorkspaceRole, InviteRole, WorkspaceRole};
pub use rules::{LiveRules, Rules};
pub use who::{BadWho, Who};
pub use workspace_name::{BadMembership, BadWorkspaceName, Membership, WorkspaceName};
