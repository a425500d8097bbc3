//! Slack: over a socket that we open (Socket Mode), or over signed HTTP.
//!
//! The same four files as the other platforms. `listen` takes in (`connections` and `socket` over Socket Mode, `http` with
//! `signature` over HTTP), `inbound` translates (`payload` reads, `people` says who is who), `render` lays out (`blocks`,
//! `grids`, `modal`, `mrkdwn`, `limits`), `messenger` sends (`api` calls, `pace` waits; `converse` answers an act, `telling` puts
//! the answer where it belongs, `reveal` shows secrets, `share` files).

mod api;
mod blocks;
mod checks;
mod connections;
mod conversation;
mod converse;
mod grids;
mod http;
mod inbound;
mod layout;
mod limits;
mod listen;
mod messenger;
mod modal;
mod mrkdwn;
mod pace;
mod pages;
mod parts;
mod payload;
mod people;
mod render;
mod reveal;
mod share;
mod signature;
mod socket;
mod team;
mod telling;
mod way;
mod whole;

pub use api::{Api, Trouble};
pub use checks::{GROUP_SCOPE, Inspection, SCOPES, check_app_token, inspect};
pub use connections::{CONNECTIONS, Connections};
pub use layout::{dialog_view, form_view, home_view, laid_out, laid_out_plainly, loading_view};
pub use listen::Intake;
pub use messenger::SlackMessenger;
pub use parts::Parts;
pub use people::People;

pub use socket::Patience;
pub use team::{Team, team};
pub use whole::{Address, Slack};
