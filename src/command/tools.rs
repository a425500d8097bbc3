//! What commands work with. They look and propose; nothing here can change the organization.

use std::sync::Arc;

use crate::chat::Roster;
use crate::claude::Reader;
use crate::clock::Clock;
use crate::domain::LiveRules;
use crate::store::Store;

/// A command's tools.
#[derive(Clone)]
pub struct Tools {
    /// The directory, requests, links and the trail.
    pub store: Store,
    /// Looks at the organization itself, for what is shown in detail.
    pub reader: Reader,
    /// What the configuration decides.
    pub rules: Arc<LiveRules>,
    /// What the platforms say now of somebody who does not speak.
    pub roster: Arc<dyn Roster>,
    /// The time.
    pub clock: Clock,
}
