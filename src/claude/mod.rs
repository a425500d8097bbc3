//! The client of Anthropic's Admin API: a guest in this house, who could move out.
//!
//! It imports nothing of ours; the time comes to it through its own [`Time`]. [`connect()`] hands out a [`Reader`], which
//! can only look, and a [`Writer`], which can only change; both draw on one budget of requests. Nothing else makes a
//! `Writer`. What an Admin key is refused, service accounts and federation, is reached by a [`Federation`], which somebody's token lets
//! in; an [`Exchange`] shows no credential at all. Lenient in what is read (unknown fields, new enum values, both shapes of what changed its shape), exact in
//! what is sent, and never silent: a row that cannot be understood fails the call.

mod activities;
mod analytics;
mod answer;
mod api_keys;
mod breaker;
mod budget;
mod call;
mod claude_code;
mod condition;
mod connect;
mod costs;
mod error;
mod exchange;
mod federation;
mod federation_issuers;
mod federation_rules;
mod http;
mod invites;
mod key_holder;
mod open;
mod organization;
mod page;
mod rate_limits;
mod reader;
mod removal;
mod row;
mod service_accounts;
mod time;
mod usage;
mod users;
mod workspace_members;
mod workspaces;
mod writer;

pub use activities::{Activity, ActivityFilter, Actor, ActorKind};
pub use analytics::{Analytics, AnalyticsActor, AnalyticsAsk, AnalyticsGroup, BilledAmount, BilledCost, UsedTokens};
pub use api_keys::{ApiKey, KeyFilter, KeyStatus};
pub use claude_code::{ClaudeCodeDay, ClaudeCodeModel};
pub use condition::Condition;
pub use connect::{API_VERSION, OFFICIAL_BASE_URL, Settings, connect};
pub use costs::{Cost, CostBucket};
pub use error::{Error, Refusal};
pub use exchange::{Exchange, Minted, TokenOrder};
pub use federation::Federation;
pub use federation_issuers::{FederationIssuer, NewIssuer};
pub use federation_rules::{FederationRule, NewRule, RuleMatch};
pub use http::UpstreamDate;
pub use invites::{Invite, InviteFilter, InviteStatus};
pub use key_holder::{Maker, MakerKind, Principal, Scope};
pub use organization::Organization;
pub use page::{Page, Pages};
pub use rate_limits::{
    Limit, LimitKind, LimitSetting, LimitSource, ModelGroup, RateLimit, WorkspaceLimit, WorkspaceRateLimit,
};
pub use reader::Reader;
pub use removal::Removal;
pub use service_accounts::{ServiceAccount, ServiceAccountSeat};
pub use time::Time;
pub use usage::{TokenClasses, UsageBucket, UsageRow, UsageWidth};
pub use users::{Role, User, UserFilter};
pub use workspace_members::{WorkspaceMember, WorkspaceRole};
pub use workspaces::{Workspace, WorkspaceFilter};
pub use writer::Writer;
