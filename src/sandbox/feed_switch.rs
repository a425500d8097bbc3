//! What can be done to the activity feed: in the Console, and by a test that wants it late or with gaps.

use super::feed::Actor;
use super::ids;
use super::organization::{Organization, Tools};
use super::state::State;
use serde_json::json;
use std::convert::Infallible;

impl Organization {
    /// Switches the Compliance API, and with it the activity feed, on or off, as an admin does in the Console.
    pub fn switch_activity_feed(&self, on: bool) {
        self.act(|state, tools| {
            let Some(admin) = state.members.first().map(Actor::user) else { return };
            state.feed.on |= on;
            let more = json!({ "compliance_api_enabled": on, "compliance_api_logging_enabled": on });
            state.feed.leave(tools, &admin, "org_compliance_api_settings_updated", more);
            state.feed.on = on;
        });
    }

    /// Whether the feed is on.
    #[must_use]
    pub fn has_activity_feed(&self) -> bool {
        self.read(|state| state.feed.on)
    }

    /// From now on an activity can be read only so long after it happened.
    pub fn delay_activities(&self, lag_ms: i64) {
        self.act(|state, _| state.feed.lag_ms = lag_ms);
    }

    /// The next activities, so many, are not recorded, as if somebody had kept them out.
    pub fn lose_activities(&self, count: u32) {
        self.act(|state, _| state.feed.to_lose = count);
    }

    /// Makes a further Admin key in the Console. It opens nothing but this simulation.
    #[must_use]
    pub fn make_admin_key(&self) -> String {
        self.act(|state, tools| {
            let secret = ids::admin_secret(tools.random);
            let id = ids::id(tools.random, "apikey");
            state.feed.admin_keys.push((id.clone(), ids::hash(&secret)));
            if let Some(admin) = state.members.first().map(Actor::user) {
                state.feed.leave(
                    tools,
                    &admin,
                    "admin_api_key_created",
                    json!({ "admin_api_key_id": id, "scopes": [] }),
                );
            }
            secret
        })
    }

    fn act<T>(&self, act: impl FnOnce(&mut State, &Tools<'_>) -> T) -> T {
        let Ok(done) = self.change(|state, tools| Ok::<_, Infallible>(act(state, tools)));
        done
    }
}
