//! Discord's limits, as its answers tell them: per route, for everything, and for calls that are refused.
//!
//! The crate's own limiter works for discord.com alone, waits without an end, and keeps an entry for every interaction for ever.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// Routes that are remembered; those that may be called again are forgotten first.
const ROUTES: usize = 2_000;
/// Discord bans an address after 10,000 refused calls in 10 minutes. <https://docs.discord.com/developers/topics/rate-limits>
const MOST_REFUSED: u32 = 2_000;
const REFUSED_WITHIN: Duration = Duration::from_mins(10);
/// How long a token that was not accepted is not presented again.
const UNAUTHORIZED: Duration = Duration::from_mins(5);

/// When what may be called.
#[derive(Default)]
pub(super) struct Pace(Mutex<State>);

#[derive(Default)]
struct State {
    routes: HashMap<String, Route>,
    all: Option<Instant>,
    refused: u32,
    refused_since: Option<Instant>,
    unauthorized: Option<Instant>,
}

struct Route {
    left: u32,
    reset: Instant,
    /// How many calls there are again after the reset, and until when; none if that was never told.
    whole: Option<(u32, Duration)>,
}

/// What an answer says of the limits.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Told {
    /// Calls that are left on this route, and until when that counts.
    pub(super) left: Option<(u32, Duration)>,
    /// How many there are after that.
    pub(super) most: Option<u32>,
    /// The pause that a 429 asks for, and whether it is for everything.
    pub(super) pause: Option<(Duration, bool)>,
}

impl Pace {
    /// Takes a place for one call of `route`; else how long to wait before asking again.
    ///
    /// What is called under an interaction's token is not held up by the pause for everything: Discord exempts it from that, and
    /// gives three seconds. <https://docs.discord.com/developers/topics/rate-limits#global-rate-limit>
    pub(super) fn take(&self, route: &str, as_bot: bool) -> Result<(), Duration> {
        let now = Instant::now();
        let mut state = self.state();
        if let Some(wait) = state.all.filter(|_| as_bot).and_then(|it| left(it, now)) {
            return Err(wait);
        }
        if state.refused >= MOST_REFUSED
            && let Some(wait) = state.refused_since.and_then(|it| left(it + REFUSED_WITHIN, now))
        {
            return Err(wait);
        }
        if let Some(known) = state.routes.get_mut(route) {
            match left(known.reset, now) {
                Some(wait) if known.left == 0 => return Err(wait),
                Some(_) => known.left -= 1,
                // Whoever waited goes on now, but not all at once.
                None => match known.whole.filter(|(most, _)| *most > 0) {
                    Some((most, within)) => (known.left, known.reset) = (most - 1, now + within),
                    None => drop(state.routes.remove(route)),
                },
            }
        }
        Ok(())
    }

    /// Heeds what an answer said.
    pub(super) fn heed(&self, route: &str, told: Told) {
        let now = Instant::now();
        let mut state = self.state();
        if state.routes.len() >= ROUTES {
            state.routes.retain(|_, it| it.reset > now);
        }
        match (told.pause, told.left) {
            (Some((pause, true)), _) => state.all = Some(now + pause),
            (Some((pause, false)), _) => {
                let whole = state.routes.get(route).and_then(|it| it.whole);
                state.routes.insert(route.to_owned(), Route { left: 0, reset: now + pause, whole });
            }
            // What is on its way still was not counted by Discord yet: the smaller number is the safe one.
            (None, Some((count, after))) if state.routes.len() < ROUTES => {
                let known = state.routes.get(route);
                let within = known.and_then(|it| it.whole).map_or(after, |(_, within)| within.max(after));
                let left = known.filter(|it| it.reset > now).map_or(count, |known| known.left.min(count));
                let whole = told.most.map(|most| (most, within));
                state.routes.insert(route.to_owned(), Route { left, reset: now + after, whole });
            }
            (None, _) => {}
        }
    }

    /// Counts a call that was refused: with 401, 403 or 429.
    pub(super) fn refused(&self) {
        let now = Instant::now();
        let mut state = self.state();
        if state.refused_since.is_none_or(|it| now > it + REFUSED_WITHIN) {
            (state.refused, state.refused_since) = (0, Some(now));
        }
        state.refused += 1;
    }

    /// The bot token was not accepted.
    pub(super) fn unauthorized(&self) {
        self.state().unauthorized = Some(Instant::now() + UNAUTHORIZED);
    }

    /// Whether the token was not accepted a while ago.
    pub(super) fn is_unauthorized(&self) -> bool {
        self.state().unauthorized.is_some_and(|it| it > Instant::now())
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn left(until: Instant, now: Instant) -> Option<Duration> {
    until.checked_duration_since(now).filter(|it| !it.is_zero())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_route_rests_when_nothing_is_left_and_others_go_on() {
        let pace = Pace::default();
        let minute = Duration::from_mins(1);
        pace.heed("a", Told { left: Some((1, minute)), ..Told::default() });
        assert!(pace.take("a", true).is_ok() && pace.take("a", true).is_err() && pace.take("b", true).is_ok());
        pace.heed("a", Told { left: Some((5, minute)), ..Told::default() });
        assert!(pace.take("a", true).is_err(), "an answer from before does not open it again");
        pace.heed("b", Told { pause: Some((minute, true)), ..Told::default() });
        assert!(pace.take("c", true).is_err_and(|it| it > Duration::from_secs(50)));
        assert!(
            pace.take("POST /interactions/1/t/callback", false).is_ok(),
            "an acknowledgement does not wait for that"
        );
    }

    #[test]
    fn after_a_rest_as_many_go_on_as_there_are_places() {
        let (pace, moment) = (Pace::default(), Duration::from_millis(20));
        pace.heed("a", Told { left: Some((4, moment)), most: Some(5), pause: None });
        pace.heed("a", Told { pause: Some((moment, false)), ..Told::default() });
        assert!(pace.take("a", true).is_err());
        std::thread::sleep(2 * moment);
        assert_eq!((0..20).filter(|_| pace.take("a", true).is_ok()).count(), 5);
    }

    #[test]
    fn refusals_stop_long_before_discord_bans() {
        let pace = Pace::default();
        (0..MOST_REFUSED).for_each(|_| pace.refused());
        assert!(pace.take("a", true).is_err() && pace.take("a", false).is_err());
        pace.unauthorized();
        assert!(pace.is_unauthorized());
    }
}
