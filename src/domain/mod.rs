//! Our nouns, pure: no I/O, nothing waits.

mod activity;
mod approver;
mod asked;
mod audit;
mod change;
mod drift;
mod email;
mod explanation;
mod grant;
mod head;
mod holding;
mod key;
mod key_rhythm;
mod leaver;
mod limit;
mod link_code;
mod money;
mod period;
mod permission;
mod person;
mod place;
mod plan;
mod policy;
mod role;
mod rules;
mod sync;
mod who;
mod workspace_name;

pub use activity::{Activity, FeedState, Unseen};
pub use approver::Approver;
pub use asked::{Approval, Asked, Change, Decided, OnBehalf, Question};
pub use audit::{AuditEntry, Broken, Checked};
pub use change::{BadChangeId, ChangeId, State, Verdict};
pub use drift::{Compared, Difference, Drift, DriftKind, DriftState, Observed, Thing, compare};
pub use email::{BadEmail, Email};
pub use explanation::{ExplainedApprovers, ExplainedCase, ExplainedQuota, Explanation};
pub use grant::{Called, Day, Delegation, DelegationTerms, Grant, GrantTerms, Within, numbered};
pub use head::{Head, HeadVerdict, Heads, SignedHead, Witnessed, read_heads};
pub use holding::{Because, Holding, Rights, RoleMap, RoleMapEntry, RoleMapFrom, Source};
pub use key::{is_hint_of, marked_name, renamed, spoken_name};
pub use key_rhythm::{KeyRhythm, StillNeeded, still_needed};
pub use leaver::{Leaver, LeaverSign, LeaverState};
pub use limit::{
    Brake, Limit, LimitId, LimitOrigin, LimitTerms, Pace, Raise, SLOW_AT, STOP_AT, Told, crossed, is_told, limit_words,
    percent_of, raised, reaches, scope_words,
};
pub use link_code::{BadLinkCode, LinkCode};
pub use money::{Amount, Basis, Scope};
pub use period::{Per, Period};
pub use permission::{Need, Permission, Right, Role, Toward};
pub use person::{Held, LinkState, Person, PersonId};
pub use place::{Environment, Issuer, Place};
pub use plan::{Digest, Fact, Plan, Step};
pub use policy::{Approvals, Asking, AtMost, Decision, Kind, PolicyRule, Ruled, decide, ruled};
pub use role::{BadRole, BadWorkspaceRole, InviteRole, WorkspaceRole};
pub use rules::{LiveRules, Rejected, Rules};
pub use sync::{MappedPerson, MappedPlace, Move, SyncLine, SyncPlan, WorkspaceMapEntry, move_of, plan_sync};
pub use who::{BadWho, Who};
pub use workspace_name::{BadMembership, BadNewName, BadWorkspaceName, Membership, NewWorkspaceName, WorkspaceName};
