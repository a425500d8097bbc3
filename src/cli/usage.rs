//! `steward usage backfill`: reads what was used and billed back to a day, month by month.
//!
//! Every share is written as a whole, so that it can be cut off anywhere and goes on there the next time.

use std::io::{IsTerminal, Write, stderr};
use std::sync::Arc;

use anyhow::anyhow;
use jiff::tz::TimeZone;

use super::alone::house_alone;
use super::arguments::UsageBackfillArgs;
use super::database;
use super::exit::{Exit, Misuse};
use super::output::{remark, say};
use crate::clock::{Clock, Moment};
use crate::domain::Day;
use crate::job::{Backfilled, SpendSync};
use crate::settings::Settings;

/// A month, as the report is read.
const MONTH_MS: i64 = 31 * 86_400_000;
/// Signs that a whole bar has.
const WIDTH: i64 = 30;

/// Reads back to the day that is named.
///
/// # Errors
///
/// [`Misuse`] for a day to come; or whatever stopped it. What was read before is kept.
pub async fn usage_backfill(args: UsageBackfillArgs, settings: Settings) -> anyhow::Result<Exit> {
    let clock = Clock::system();
    let from = Day::beginning(args.from, &TimeZone::UTC).filter(|it| it.at < clock.now());
    let from = from.ok_or_else(|| Misuse("--from must be a day that has been.".to_owned()))?.at;
    let store = database::open(&settings).await?;
    let house = house_alone(store, &settings, &clock).await?;
    let failed = |failure: crate::change::Failure| anyhow!("{}", failure.told("").text.to_plain());
    let shows = stderr().is_terminal();
    let months = (clock.now().as_millisecond() - from.as_millisecond() + MONTH_MS - 1) / MONTH_MS;
    let (mut tokens, mut bills) = (0, 0);
    let done = async {
        house.check_organization().await?;
        let sync = SpendSync::new(house.store.clone(), &house.reader, clock.clone(), Arc::clone(&house.rules));
        let told = |step: Backfilled| {
            match step {
                Backfilled::Tokens => tokens += 1,
                Backfilled::Bills => bills += 1,
            }
            bar(shows, (tokens, bills), months);
        };
        sync.backfill(from, told).await
    };
    let done = done.await;
    if shows {
        remark("");
    }
    house.finish().await;
    done.map_err(failed)?;
    say(format_args!("What was used and billed since {} is read, as far back as Anthropic tells it.", shown(from)))?;
    Ok(Exit::Done)
}

fn shown(from: Moment) -> String {
    TimeZone::UTC.to_datetime(from).date().to_string()
}

/// One line that is written over. How many shares of bills there are is not known before.
fn bar(shows: bool, (tokens, bills): (i64, i64), months: i64) {
    if !shows {
        return;
    }
    let filled = (tokens * WIDTH / months.max(1)).clamp(0, WIDTH);
    let signs: String = (0..WIDTH).map(|at| if at < filled { '#' } else { '.' }).collect();
    let _unseen = write!(stderr(), "\r[{signs}] bills ({bills}), then {tokens} of about {months} months of usage");
}
