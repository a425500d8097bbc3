//! The house for a short command beside a bot that runs: no platform, nobody to ask, nothing delivered. What needs an answer of a chat
//! waits for the bot.

use std::sync::Arc;

use futures_util::future::BoxFuture;

use super::house::{House, Outside, Plan};
use super::time::ClockTime;
use crate::chat::{Account, Roster, Standing};
use crate::claude;
use crate::clock::Clock;
use crate::job::Messengers;
use crate::random::Random;
use crate::settings::Settings;
use crate::store::Store;

/// A house on this database, with nobody in front.
pub(super) async fn house_alone(store: Store, settings: &Settings, clock: &Clock) -> anyhow::Result<House> {
    let mut claude = claude::Settings::new(settings.admin_key()?.clone(), Random::system().below(u64::MAX));
    claude.base_url = settings.claude.base_url.to_string();
    House::build(Plan {
        store,
        claude,
        time: Arc::new(ClockTime(clock.clone())),
        rules: settings.rules()?,
        roster: Arc::new(NobodyElse),
        messengers: Messengers::default(),
        outside: Outside::default(),
        clock: clock.clone(),
        random: Random::system(),
    })
    .await
}

/// The command line knows nobody's chat. What depends on somebody else's standing waits for the bot, which does.
struct NobodyElse;

impl Roster for NobodyElse {
    fn standing<'a>(&'a self, _: &'a Account) -> BoxFuture<'a, Option<Standing>> {
        Box::pin(std::future::ready(None))
    }

    fn members<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Option<Vec<Account>>> {
        Box::pin(std::future::ready(None))
    }
}

/// Who the operating system says this is, in letters that an account may have.
pub(super) fn os_user() -> String {
    let name = ["USER", "LOGNAME", "USERNAME"].iter().find_map(|it| std::env::var(it).ok()).unwrap_or_default();
    let name: String = name.chars().filter(|it| it.is_ascii_alphanumeric() || "._-".contains(*it)).take(64).collect();
    match name.as_str() {
        "" => "unknown".into(),
        // A service is often run by a user of its own name; what it does by hand is not what Steward does by itself.
        "steward" | "leak-hook" => format!("os-{name}"),
        _ => name,
    }
}
