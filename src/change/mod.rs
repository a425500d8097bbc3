//! The one way through which anything changes: plan, policy, decision, ledger, apply, undo.
//!
//! Nothing outside this folder can make a change: it alone is handed the client's `Writer`, and each call spends a
//! [`Permit`] that only this folder can mint.
//!
//! ```compile_fail,E0451
//! let id: steward::domain::ChangeId = "C1-aaaa".parse().unwrap();
//! let forged = steward::change::Permit { change: id, position: 0 };
//! ```
//!
//! A command has no Writer among its tools, and no way to one:
//!
//! ```compile_fail,E0609
//! fn run(tools: &steward::command::Tools) {
//!     let writer = &tools.writer;
//! }
//! ```
//!
//! The pipeline keeps its own to itself:
//!
//! ```compile_fail,E0616
//! fn take(pipeline: &steward::change::Pipeline) {
//!     let writer = &pipeline.writer;
//! }
//! ```

mod address;
mod all_tokens;
mod applied;
mod applying;
mod appraising;
mod arriving;
mod asker;
mod books;
mod brake;
mod brake_reach;
mod braking;
mod checking;
mod close_workspace;
mod concerned;
mod deciding;
mod delegate;
mod delete_invite;
mod draft;
mod effect;
mod expected_spend;
mod expecting;
mod failure;
mod freeze;
mod grant_give;
mod grant_revoke;
mod grant_token;
mod hand_over;
mod heard;
mod house_vault;
mod invite;
mod invite_resend;
mod invite_withdraw;
mod join_workspace;
mod key_books;
mod key_by_hand;
mod key_issue;
mod key_owner;
mod key_rename;
mod key_status;
mod key_stock;
mod keys;
mod leaking;
mod leave_workspace;
mod ledger;
mod limit_books;
mod limit_raise;
mod limit_set;
mod link_account;
mod link_code;
mod link_news;
mod linking;
mod local;
mod look_again;
mod make_workspace;
mod member_remove;
mod member_role;
mod minting;
mod name_key;
mod name_workspace;
mod news;
mod park_key;
mod permit;
mod pipeline;
mod placing;
mod power;
mod proposal;
mod proposal_looks;
mod proposal_plan;
mod proposal_subject;
mod recording;
mod reflecting;
mod remove_user;
mod reporting;
mod revealing;
mod revoking;
mod rights;
mod send_invite;
mod set_key_status;
mod set_limits;
mod set_role;
mod set_workspace_role;
mod settling;
mod standing_in;
mod still_due;
mod switch_tokens;
mod sync;
mod talking;
mod timing;
mod token_issue;
mod token_right;
mod token_switch;
mod tokens;
mod tray;
mod undoing;
mod unlink_account;
mod weighing;
mod why;
mod workspace_archive;
mod workspace_create;
mod workspace_limits;
mod workspace_member;
mod workspace_rename;
mod world;

pub use applied::{Applied, Found};
pub use asker::Asker;
pub use brake::{Braking, ReleaseBrake, SlowDown, StopKeys};
pub use brake_reach::{BrakeKey, keys_of, lowered};
pub use braking::Releasing;
pub use deciding::Decided;
pub use delegate::{Delegate, Undelegate};
pub use draft::Draft;
pub use effect::Effect;
pub use expected_spend::ExpectSpend;
pub use expecting::{DriftRuling, no_such_drift, settled_already};
pub use failure::Failure;
pub use freeze::{Freeze, Thaw};
pub use grant_give::GiveGrant;
pub use grant_revoke::RevokeGrant;
pub use grant_token::GrantToken;
pub use house_vault::HouseVault;
pub use invite::Invite;
pub use invite_resend::ResendInvite;
pub use invite_withdraw::WithdrawInvite;
pub use join_workspace::Seat;
pub use key_books::{KeepKey, OwnKey};
pub use key_issue::{IssueKey, IssueTerms};
pub use key_rename::RenameKey;
pub use key_status::SwitchKey;
pub use key_stock::StockKeys;
pub use limit_books::LimitBook;
pub use limit_raise::{EndRaise, PinKey, RaiseLimit, SnoozeLimit};
pub use limit_set::{RemoveLimit, SetLimit};
pub use link_account::LinkAccount;
pub use linking::{Linked, Linking};
pub use local::{Local, OfferKey};
pub use member_remove::RemoveMember;
pub use member_role::SetMemberRole;
pub use minting::TOKEN_AUDIENCE;
pub use name_key::not_free;
pub use permit::Permit;
pub use pipeline::{Parts, Pipeline, Proposed, Request};
pub use proposal::Proposal;
pub use reporting::Reporting;
pub use revealing::Revealing;
pub use set_limits::LimitChange;
pub use standing_in::StandingIn;
pub use sync::{SyncMove, SyncWorkspaces};
pub use timing::Swept;
pub use token_switch::SwitchToken;
pub use undoing::Undoing;
pub use unlink_account::UnlinkAccount;
pub use why::{WhoAsks, Wonder};
pub use workspace_archive::ArchiveWorkspace;
pub use workspace_create::CreateWorkspace;
pub use workspace_limits::{GroupLimits, SetWorkspaceLimits};
pub use workspace_member::{AddToWorkspace, ChangeWorkspaceRole, RemoveFromWorkspace};
pub use workspace_rename::RenameWorkspace;
pub use world::{Looks, Seen, World};
