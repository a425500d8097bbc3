//! What Prometheus reads: counters that were counted on the way, and gauges read from the store when somebody asks.
//!
//! Names begin with `steward_`; no label is a text that a user wrote, so there is a bounded number of them.

use std::fmt::Write;
use std::sync::OnceLock;

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

use super::probe::Probe;
use crate::claude::Condition;
use crate::clock::{Clock, Moment};
use crate::domain::{FeedState, State};
use crate::store::{Error, Resource, Store, Trail, Way};

static COUNTED: OnceLock<PrometheusHandle> = OnceLock::new();

/// Counts from now on. The first call of a process matters, later ones change nothing.
pub fn record_metrics() {
    counted();
}

fn counted() -> &'static PrometheusHandle {
    COUNTED.get_or_init(|| {
        let recorder = PrometheusBuilder::new().build_recorder();
        let handle = recorder.handle();
        if metrics::set_global_recorder(recorder).is_err() {
            tracing::warn!("somebody else counts already: counters are missing from the metrics");
        }
        handle
    })
}

/// Everything, as text. Without a database, what was counted is still told.
pub(super) async fn scrape(probe: &Probe) -> String {
    let handle = counted();
    handle.run_upkeep();
    let mut text = handle.render();
    gauge(&mut text, "steward_build_info", "The version that runs.", &[(&[("version", env!("CARGO_PKG_VERSION"))], 1)]);
    connection(&mut text, probe.reader.condition());
    let gauges = gauges(&probe.store, &probe.clock).await;
    let up = i64::from(gauges.is_ok());
    gauge(&mut text, "steward_database_up", "Whether the database answers.", &[(&[], up)]);
    text.push_str(&gauges.unwrap_or_default());
    text
}

async fn gauges(store: &Store, clock: &Clock) -> Result<String, Error> {
    let mut text = String::new();
    let states = store.changes_by_state().await?;
    let in_state = |state: &State| states.iter().find(|(it, _)| it == state.as_str()).map_or(0, |(_, count)| *count);
    let labels: Vec<_> = State::ALL.iter().map(|it| ([("state", it.as_str())], in_state(it))).collect();
    let rows: Vec<Sample<'_>> = labels.iter().map(|(label, count)| (&label[..], *count)).collect();
    gauge(&mut text, "steward_changes", "Changes, by where they stand.", &rows);
    let (open, dead) = store.outbox_depth().await?;
    gauge(&mut text, "steward_outbox_open", "Messages that wait to be delivered.", &[(&[], open)]);
    gauge(&mut text, "steward_outbox_dead", "Messages that were given up.", &[(&[], dead)]);
    let (parked, sending) = store.unsettled_effects().await?;
    gauge(&mut text, "steward_effects_parked", "Calls that somebody has to look at.", &[(&[], parked)]);
    gauge(&mut text, "steward_effects_sending", "Calls that were begun and not seen to end.", &[(&[], sending)]);
    directory(&mut text, store, clock).await?;
    carried_out(&mut text, store, clock).await?;
    let newest = store.trail(&Trail { limit: 1, ..Trail::default() }).await?;
    let entries = newest.first().map_or(0, |it| it.seq);
    gauge(&mut text, "steward_audit_entries", "Entries of the audit trail.", &[(&[], entries)]);
    Ok(text)
}

/// The connection to the Admin API.
fn connection(text: &mut String, it: Condition) {
    let figure = |figure: usize| i64::try_from(figure).unwrap_or(i64::MAX);
    for (name, help, value) in [
        ("steward_claude_resting", "Whether calls rest because the Admin API is down.", i64::from(it.is_resting)),
        ("steward_claude_budget", "Requests a minute at most, fewer after a 429.", figure(it.budget_per_minute)),
        ("steward_claude_budget_full", "Requests a minute by the settings.", figure(it.full_budget_per_minute)),
        ("steward_claude_requests_last_minute", "Requests sent lately.", figure(it.sent_in_last_minute)),
    ] {
        gauge(text, name, help, &[(&[], value)]);
    }
}

async fn directory(text: &mut String, store: &Store, clock: &Clock) -> Result<(), Error> {
    let now_ms = clock.now().as_millisecond();
    let fresh = store.freshness().await?;
    let mut ages = Vec::new();
    for resource in Resource::ALL {
        let read = fresh.iter().find(|it| it.resource == resource.as_str()).and_then(|it| it.complete_at);
        if let Some(at) = read {
            ages.push(([("list", list(resource))], (now_ms - at.as_millisecond()).max(0) / 1_000));
        }
    }
    let rows: Vec<Sample<'_>> = ages.iter().map(|(label, age)| (&label[..], *age)).collect();
    gauge(text, "steward_directory_age_seconds", "Since a list was last read to its end.", &rows);
    let [members, invites, workspaces, keys] = store.directory_size().await?;
    let sizes: [Sample<'_>; 4] = [
        (&[("list", "members")], members),
        (&[("list", "invites")], invites),
        (&[("list", "workspaces")], workspaces),
        (&[("list", "api_keys")], keys),
    ];
    gauge(text, "steward_directory_rows", "Members, open invitations, workspaces and keys that are known.", &sizes);
    Ok(())
}

/// How far the audit trail was carried out of the database, and whether Anthropic's own record of the organization is read.
async fn carried_out(text: &mut String, store: &Store, clock: &Clock) -> Result<(), Error> {
    let now_ms = clock.now().as_millisecond();
    let (head, webhook) = (store.outlet(Way::Head).await?, store.outlet(Way::Webhook).await?);
    let age = |at: Option<Moment>| at.map_or(0, |at| (now_ms - at.as_millisecond()).max(0) / 1_000);
    let waits = [(&[][..], age(head.oldest_waiting))];
    gauge(text, "steward_audit_head_age_seconds", "Since the oldest entry that no signed head covers.", &waits);
    let sent = [(&[][..], head.carried)];
    gauge(text, "steward_audit_head_entry", "The last entry that a signed head covers.", &sent);
    let delivered = [(&[][..], webhook.carried)];
    gauge(text, "steward_audit_webhook_entry", "The last entry that the webhook took.", &delivered);
    if webhook.taken > 0 {
        let waits = [(&[][..], age(webhook.oldest_waiting))];
        let help = "Since the oldest entry that the webhook has not taken.";
        gauge(text, "steward_audit_webhook_age_seconds", help, &waits);
        let tries = store.webhook_trouble().await?.map_or(0, |(attempts, _)| attempts);
        gauge(text, "steward_audit_webhook_attempts", "How often the next delivery failed so far.", &[(&[], tries)]);
    }
    let ahead = i64::from(head.is_ahead() || webhook.is_ahead());
    gauge(text, "steward_audit_trail_cut", "Whether more was carried out than the trail holds.", &[(&[], ahead)]);
    let feed = store.feed().await?;
    let on = i64::from(feed.state == FeedState::On);
    gauge(text, "steward_activity_feed_up", "Whether Anthropic's activity feed answers.", &[(&[], on)]);
    if let Some(read_to) = feed.read_to.filter(|_| on == 1) {
        let behind = [(&[][..], age(Some(read_to)))];
        gauge(text, "steward_activity_feed_age_seconds", "Since the feed was read to its end.", &behind);
    }
    Ok(())
}

fn list(resource: Resource) -> &'static str {
    match resource {
        Resource::Members => "members",
        Resource::Invites => "invites",
        Resource::Workspaces => "workspaces",
        Resource::ApiKeys => "api_keys",
        Resource::Memberships => "workspace_memberships",
        Resource::KeyUsage => "key_usage",
        Resource::Costs => "costs",
    }
}

/// Labels and a value.
type Sample<'a> = (&'a [(&'static str, &'static str)], i64);

fn gauge(text: &mut String, name: &str, help: &str, samples: &[Sample<'_>]) {
    let mut lines = || -> std::fmt::Result {
        writeln!(text, "# HELP {name} {help}\n# TYPE {name} gauge")?;
        for (labels, value) in samples {
            let labels: Vec<String> = labels.iter().map(|(label, it)| format!("{label}=\"{it}\"")).collect();
            let labels = if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
            writeln!(text, "{name}{labels} {value}")?;
        }
        Ok(())
    };
    lines().expect("a text takes every line");
}
