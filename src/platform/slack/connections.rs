//! Socket Mode: two connections, each opened again when it ends, not faster than is good for Slack.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::api::Api;
use super::listen::Intake;
use super::socket::{Connection, End, Patience};
use crate::random::Random;

/// How many are kept open. While one is renewed, the other one hears.
pub const CONNECTIONS: u64 = 2;
/// The first pause after a connection that broke; it doubles up to the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// A connection that lived this long was a good one: the next pause is the first again.
const GOOD: Duration = Duration::from_secs(30);
/// The pause where a person has to mend something first.
const MENDING_PAUSE: Duration = Duration::from_mins(1);

/// What is known of the connections. Clones share it.
#[derive(Clone, Default)]
pub struct Connections(Arc<Counts>);

#[derive(Default)]
struct Counts {
    open: AtomicU64,
    of_this_app: AtomicU64,
}

impl Connections {
    /// How many of ours are open and were greeted.
    #[must_use]
    pub fn open(&self) -> u64 {
        self.0.open.load(Ordering::SeqCst)
    }

    /// How many Slack counts for this app, as it said last. More than ours are somebody else's, who takes clicks away.
    #[must_use]
    pub fn of_this_app(&self) -> u64 {
        self.0.of_this_app.load(Ordering::SeqCst)
    }

    fn opened(&self, of_this_app: u64) {
        let open = self.0.open.fetch_add(1, Ordering::SeqCst) + 1;
        self.0.of_this_app.store(of_this_app, Ordering::SeqCst);
        self.export(open);
        if of_this_app > CONNECTIONS {
            tracing::warn!(
                of_this_app,
                "Slack counts more connections of this app than this process opens: another one takes part of what people do"
            );
        }
    }

    fn closed(&self) {
        let open = self.0.open.fetch_sub(1, Ordering::SeqCst) - 1;
        self.export(open);
    }

    #[expect(clippy::cast_precision_loss, reason = "there are ten at most")]
    fn export(&self, open: u64) {
        metrics::gauge!("steward_slack_connections").set(open as f64);
        metrics::gauge!("steward_slack_connections_of_app").set(self.of_this_app() as f64);
    }

    /// Keeps the connections open until `stop`, then closes them cleanly.
    pub(super) async fn keep(&self, api: Api, intake: Intake, how: How, stop: CancellationToken) {
        let each = (0..CONNECTIONS).map(|_| self.keep_one(&api, &intake, &how, &stop));
        futures_util::future::join_all(each).await;
    }

    async fn keep_one(&self, api: &Api, intake: &Intake, how: &How, stop: &CancellationToken) {
        let mut pause = FIRST_PAUSE;
        while !stop.is_cancelled() {
            let began = tokio::time::Instant::now();
            let end = self.one(api, intake, how.patience, stop).await;
            if began.elapsed() >= GOOD {
                pause = FIRST_PAUSE;
            }
            let rest = match end {
                End::Stopped => return,
                End::Renewed => continue,
                End::TooMany => {
                    tracing::warn!("Slack says that too many connections of this app are open");
                    LONGEST_PAUSE
                }
                End::SwitchedOff => {
                    tracing::error!("Socket Mode is switched off for this app: nothing comes in until it is on again");
                    MENDING_PAUSE
                }
                End::NoAddress(trouble) => {
                    tracing::warn!(code = trouble.code(), "Slack gave no address to connect to");
                    pause
                }
                End::Broken(why) => {
                    tracing::warn!(why, "a connection to Slack ended");
                    pause
                }
            };
            metrics::counter!("steward_slack_reconnects_total").increment(1);
            tokio::select! {
                () = stop.cancelled() => return,
                () = sleep(jittered(rest, &how.random)) => {}
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    async fn one(&self, api: &Api, intake: &Intake, patience: Patience, stop: &CancellationToken) -> End {
        let opening = tokio::select! {
            opening = Connection::open(api, patience) => opening,
            () = stop.cancelled() => return End::Stopped,
        };
        let connection = match opening {
            Ok(connection) => connection,
            Err(end) => return end,
        };
        self.opened(connection.of_this_app);
        let end = connection.serve(intake, stop).await;
        self.closed();
        end
    }
}

/// How connections are kept.
pub(super) struct How {
    pub(super) patience: Patience,
    pub(super) random: Random,
}

/// Up to a quarter more, so that not everybody comes back at the same moment.
fn jittered(pause: Duration, random: &Random) -> Duration {
    let quarter = u64::try_from(pause.as_millis() / 4).unwrap_or(u64::MAX);
    pause + Duration::from_millis(random.below(quarter.max(1)))
}
