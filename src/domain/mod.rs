//! Our nouns, pure: no I/O, nothing waits.

mod activity;
mod amount;
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
mod kind;
mod leaver;
mod limit;
mod link_code;
mod period;
mod permission;
mod person;
mod place;
mod plan;
mod policy;
mod role;
mod rules;
mod spend;
mod sync;
mod tokens;
mod who;
mod workspace_name;

pub use activity::{Activity, FeedState, Unseen};
pub use amount::Amount;
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
pub use kind::Kind;
pub use leaver::{Leaver, LeaverSign, LeaverState};
pub use limit::{
    Brake, Limit, LimitId, LimitOrigin, LimitTerms, Pace, Raise, SLOW_AT, STOP_AT, Told, crossed, is_told, limit_words,
    raised, reaches, scope_words,
};
pub use link_code::{BadLinkCode, LinkCode};
pub use period::{Per, Period};
pub use permission::{Need, Permission, Right, Role, Toward};
pub use person::{Held, LinkState, Person, PersonId};
pub use place::{Environment, Issuer, Place};
pub use plan::{Digest, Fact, Plan, Step};
pub use policy::{Approvals, Asking, AtMost, Decision, PolicyRule, Ruled, decide, ruled};
pub use role::{BadRole, BadWorkspaceRole, InviteRole, WorkspaceRole};
pub use rules::{LiveRules, Rejected, Rules};
pub use spend::{BadScope, Basis, Dimension, Parts, Scope, SpendQuery, Spent, fits};
pub use sync::{MappedPerson, MappedPlace, Move, SyncLine, SyncPlan, WorkspaceMapEntry, move_of, plan_sync};
pub use tokens::Tokens;
pub use who::{BadWho, Who};
pub use workspace_name::{BadMembership, BadNewName, BadWorkspaceName, Membership, NewWorkspaceName, WorkspaceName};
