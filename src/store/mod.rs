//! All SQL. One text for both databases, chosen by `DATABASE_URL`: SQLite by default, PostgreSQL for several replicas.
//!
//! Columns are `TEXT` and `BIGINT`; times are `…_ms`, UTC; truth is 0 or 1. A lookup answers `Option`, a race answers `bool`.

mod activity;
mod audit;
mod audit_check;
mod change;
mod change_query;
mod change_row;
mod directory;
mod directory_search;
mod directory_sync;
mod effect;
mod error;
mod from_claude;
mod invariants;
mod invocation;
mod lease;
mod lock;
mod membership;
mod memory;
mod outbox;
mod outlet;
mod person;
mod pool;
mod press;
mod question;
mod schedule;
mod schema;
mod standing;
mod trail;
mod workspace;

pub use activity::{BegunCall, Feed};
pub use audit::Act;
pub use change::{Hold, Move};
pub use change_query::RequestFilter;
pub use directory::{ApiKeyRow, InviteRow, MemberRow, MembershipRow, WorkspaceRow};
pub use directory_search::{MemberFilter, Page};
pub use directory_sync::{Freshness, Pass, Resource};
pub use effect::{EffectRow, EffectState};
pub use error::Error;
pub use invariants::Violation;
pub use invocation::{Heard, NewInvocation};
pub use lock::Lock;
pub use membership::WorkspaceMemberRow;
pub use memory::StoreMemory;
pub use outbox::{OutboxRow, Parcel, Sent};
pub use outlet::{Outlet, Way};
pub use person::{Known, LinkRow};
pub use pool::{Engine, Store, Tx};
pub use schedule::Due;
pub use schema::Schema;
pub use trail::{Link, MOST_NAMES, Trail};
pub use workspace::{KeysOf, ListedWorkspace, WorkspaceKeyRow};
