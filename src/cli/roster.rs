//! Several platforms' people, each asked where they are.

use std::sync::Arc;

use futures_util::future::BoxFuture;

use crate::chat::{Account, Platform, Roster, Standing};

/// The people of every platform that is wired.
#[derive(Default)]
pub(super) struct Rosters(Vec<(Platform, Arc<dyn Roster>)>);

impl Rosters {
    /// The same, with one more platform.
    pub(super) fn with(mut self, platform: Platform, roster: Arc<dyn Roster>) -> Self {
        self.0.push((platform, roster));
        self
    }

    fn of(&self, platform: &str) -> Option<&dyn Roster> {
        self.0.iter().find(|(it, _)| it.as_str() == platform).map(|(_, roster)| &**roster)
    }
}

impl Roster for Rosters {
    fn standing<'a>(&'a self, account: &'a Account) -> BoxFuture<'a, Option<Standing>> {
        match self.of(account.platform().as_str()) {
            Some(roster) => roster.standing(account),
            // Nobody can say: that means no.
            None => Box::pin(std::future::ready(None)),
        }
    }

    fn members<'a>(&'a self, group: &'a str) -> BoxFuture<'a, Option<Vec<Account>>> {
        match group.split('-').next().and_then(|it| self.of(it)) {
            Some(roster) => roster.members(group),
            None => Box::pin(std::future::ready(None)),
        }
    }
}
