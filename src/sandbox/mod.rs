//! A simulated Claude organization, over HTTP: its Admin API, its Console, its mail.
//!
//! It is the demo, the manual test bench and the judge of the tests, so it shares nothing with the client that talks to
//! it: `claude` is never imported here, and a wrong shape cannot agree with itself. What the vendor does not document is
//! decided in one place, next to the code, with the word *undocumented*.

mod admin_api;
mod answer;
mod assertion;
mod bill;
mod billing;
mod books;
mod cast;
mod console;
mod credentials;
mod desk;
mod exchange;
mod faults;
mod federation;
mod feed;
mod feed_record;
mod feed_switch;
mod fields;
mod fill;
mod gate;
mod ids;
mod limits;
mod login;
mod mail;
mod meridian;
mod messages;
mod meter;
mod nouns;
mod organization;
mod pace;
mod page;
mod persist;
mod price;
mod seats;
mod seed;
mod seen;
mod state;
mod throttle;
mod tools;
mod traffic;
mod trusted;
mod workload;

pub use cast::Player;
pub use console::{KeyOrder, MadeKey, Refused};
pub use faults::{Fault, UnknownFault};
pub use federation::{FederationIssuer, FederationRule};
pub use limits::OwnLimit;
pub use meter::{Meter, Metered, More, Other, Surface};
pub use nouns::{
    Invite, InviteStatus, Key, KeyKind, KeyStatus, Mail, Member, Role, ServiceAccount, Workspace, WorkspaceMember,
    WorkspaceRole,
};
pub use organization::Organization;
pub use persist::LoadError;
pub use seats::Seat;
pub use seen::Seen;
pub use workload::{Rhythm, Workload};
