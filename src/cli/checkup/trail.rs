//! How far the audit trail was carried out of the database, and whether what was carried out agrees with it.

use super::finding::Finding;
use crate::cli::outside::head_file;
use crate::clock::{Clock, Moment};
use crate::domain::{FeedState, HeadVerdict};
use crate::settings::Settings;
use crate::store::{Error, Outlet, Store, Way};
use crate::view;

/// A head that is due every ten minutes, and an entry that is due at once, must not be older than this.
const LATE_MS: i64 = 30 * 60_000;
/// So many of the newest heads are compared; `audit verify` compares all.
const COMPARED: usize = 50;

/// What lies outside, and how it fits.
pub(in crate::cli) async fn trail(settings: &Settings, store: &Store, clock: &Clock) -> Vec<Finding> {
    let now = clock.now();
    let looked = async {
        let mut findings = vec![channel(settings, &store.outlet(Way::Head).await?, now)];
        findings.push(file(settings, store).await?);
        findings.extend(webhook(settings, store, now).await?);
        findings.extend(feed(store, now).await?);
        Ok::<_, Error>(findings)
    };
    // What is wrong with the database itself was told above.
    looked.await.unwrap_or_default()
}

fn channel(settings: &Settings, outlet: &Outlet, now: Moment) -> Finding {
    let check = "audit heads";
    let Some(channel) = &settings.configuration.audit.head_channel else {
        let todo =
            "Set `head_channel` in [audit]: a channel that nobody can edit proves what a file on this machine cannot.";
        return Finding::warning(check, "signed heads go to a file on this machine only", todo);
    };
    match late(outlet, now) {
        Some(late) => Finding::warning(
            check,
            format!("{} entries are under no signed head yet, the oldest since {late}", outlet.waiting()),
            "`steward run` signs every ten minutes: does it run, and what does its log say?",
        ),
        None => Finding::ok(check, format!("go to {channel}, up to entry {} of {}", outlet.carried, outlet.newest)),
    }
}

/// Since when the oldest entry waits, if that is too long.
fn late(outlet: &Outlet, now: Moment) -> Option<String> {
    let at = outlet.oldest_waiting?;
    let waited_ms = now.as_millisecond() - at.as_millisecond();
    (waited_ms > LATE_MS).then(|| view::span(waited_ms / 1_000))
}

async fn file(settings: &Settings, store: &Store) -> Result<Finding, Error> {
    let check = "audit heads";
    let file = head_file(settings);
    let shown = file.path().display().to_string();
    let heads = match file.read() {
        Ok(heads) => heads.read,
        Err(error) => {
            let todo = "Let this user read it.";
            return Ok(Finding::warning(check, format!("{shown} cannot be read: {}", error.kind()), todo));
        }
    };
    for head in heads.iter().rev().take(COMPARED) {
        match store.compare(head).await? {
            HeadVerdict::Agrees => {}
            HeadVerdict::NotOurs => {
                let todo = "Was the master key replaced? If not, somebody has written into that file.";
                return Ok(Finding::warning(check, format!("{shown} holds a head of another signer"), todo));
            }
            verdict => {
                let found = view::head::said(head.head.seq, verdict);
                let todo = "The trail was cut or rewritten, or an older copy was put back. Keep the database as it is; \
                            `steward audit verify` says more.";
                return Ok(Finding::failure(check, found, todo));
            }
        }
    }
    Ok(Finding::ok(
        check,
        match heads.last() {
            Some(newest) => format!("{shown} agrees, its newest is for entry {}", newest.head.seq),
            None => format!("{shown} holds none yet"),
        },
    ))
}

async fn webhook(settings: &Settings, store: &Store, now: Moment) -> Result<Option<Finding>, Error> {
    let check = "audit webhook";
    let outlet = store.outlet(Way::Webhook).await?;
    if outlet.is_ahead() {
        let found = format!("it took entry {}, and the trail ends at {}", outlet.carried, outlet.newest);
        let todo = "The trail was cut, or an older copy was put back. The receiver holds what is missing here.";
        return Ok(Some(Finding::failure(check, found, todo)));
    }
    let Some(url) = &settings.configuration.audit.webhook else { return Ok(None) };
    let host = url.host_str().unwrap_or("its host");
    let trouble = store.webhook_trouble().await?;
    Ok(Some(match (late(&outlet, now), trouble) {
        (Some(late), trouble) => {
            let why = trouble.map(|(tries, code)| format!(" ({code}, tried {tries} times)")).unwrap_or_default();
            let found = format!("{host} has not taken {} entries, the oldest since {late}{why}", outlet.waiting());
            Finding::warning(check, found, "Look at the receiver. Nothing is lost: it gets them all once it answers.")
        }
        (None, _) => Finding::ok(check, format!("{host} has entry {} of {}", outlet.carried, outlet.newest)),
    }))
}

async fn feed(store: &Store, now: Moment) -> Result<Option<Finding>, Error> {
    let check = "activity feed";
    let feed = store.feed().await?;
    Ok(match feed.state {
        FeedState::Unknown => None,
        FeedState::On => {
            let read = feed.read_to.map_or_else(|| "never".to_owned(), |at| view::age(at, now));
            Some(Finding::ok(check, format!("answers, read {read}")))
        }
        FeedState::Off => Some(Finding::warning(
            check,
            "Anthropic's record of what is done past Steward is not to be had",
            "Switch the Compliance API on in the Claude Console, under Settings, Security; an admin key that is older than \
             that does not see it. Without it, what is done outside is found by comparing.",
        )),
    })
}
