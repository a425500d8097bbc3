//! What the keys used: one row for each key, model and minute. Usage and cost reports read it.

use crate::clock::{Moment, moment};
use serde::{Deserialize, Serialize};

const MINUTE_MS: i64 = 60_000;

/// What one key used of one model in one minute.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Metered {
    /// The key that authenticated, `apikey_…`; the service account (`svac_…`) where it was a token of its.
    pub key_id: String,
    /// The workspace it was used in, `wrkspc_…`.
    pub workspace_id: String,
    /// The model, as the request named it.
    pub model: String,
    /// The beginning of the minute, UTC.
    pub minute: Moment,
    /// How many requests.
    pub requests: i64,
    /// Uncached input tokens.
    pub input_tokens: i64,
    /// Output tokens.
    pub output_tokens: i64,
    /// What else is to be said of it. Files of earlier versions say nothing.
    #[serde(default)]
    pub more: More,
}

/// What is to be said of some use beyond plain tokens by a key.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct More {
    /// Tokens read from a cache.
    pub cache_read: i64,
    /// Tokens written to a cache for five minutes.
    pub cache_5m: i64,
    /// Tokens written to a cache for an hour.
    pub cache_1h: i64,
    /// Searches on the web.
    pub searches: i64,
    /// True for batches, at half the price.
    pub batch: bool,
    /// True if it was worked on in the US only, which costs a tenth more.
    pub us: bool,
    /// Where it came from.
    pub surface: Surface,
    /// Who was signed in, `user_…`, where it was no key.
    pub account: Option<String>,
    /// What is paid for beside tokens, and how many microcents that costs.
    pub other: Option<(Other, i64)>,
}

/// Where some use came from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Surface {
    /// The Messages API.
    #[default]
    Api,
    /// The Console's playground.
    Console,
    /// Claude Code.
    ClaudeCode,
    /// Managed agents.
    Agents,
}

/// What is paid for and has no tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Other {
    /// Hours of containers.
    CodeExecution,
    /// Hours of managed agents.
    SessionUsage,
}

/// All that was used so far, oldest minute first.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Meter {
    /// The rows, in the order of their minutes as long as the clock only moves forward.
    pub rows: Vec<Metered>,
}

impl Meter {
    /// Adds `used` to the row of its minute; `used.minute` may be any moment within it.
    pub fn add(&mut self, mut used: Metered) {
        used.minute = start_of_minute(used.minute);
        let same = self.rows.iter_mut().rev().take_while(|row| row.minute == used.minute).find(|row| {
            let alike = row.more == More::default() && used.more == More::default();
            alike && row.key_id == used.key_id && row.workspace_id == used.workspace_id && row.model == used.model
        });
        match same {
            Some(row) => {
                row.requests += used.requests;
                row.input_tokens += used.input_tokens;
                row.output_tokens += used.output_tokens;
            }
            None => self.rows.push(used),
        }
    }

    /// How many requests came to one workspace for any of these models, in the minute of `now` so far.
    pub(super) fn requests_this_minute(&self, workspace_id: &str, models: &[&str], now: Moment) -> i64 {
        let minute = start_of_minute(now);
        let same = self.rows.iter().rev().take_while(|row| row.minute == minute);
        let here = same.filter(|row| row.workspace_id == workspace_id && models.contains(&row.model.as_str()));
        here.map(|row| row.requests).sum()
    }

    /// How many requests a key made, ever.
    #[must_use]
    pub fn requests_of(&self, key_id: &str) -> i64 {
        self.rows.iter().filter(|row| row.key_id == key_id).map(|row| row.requests).sum()
    }
}

fn start_of_minute(at: Moment) -> Moment {
    let ms = at.as_millisecond();
    moment(ms - ms.rem_euclid(MINUTE_MS))
}
