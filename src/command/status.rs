//! `/claude status` tells how Steward itself is doing.

use super::{Outcome, Tools, listing};
use crate::change::Failure;
use crate::chat::{Block, Message, Table, Text, Tone, grouped};
use crate::clock::moment;
use crate::view;

/// How Steward is doing.
///
/// How old its copy of the organization is, what waits to be sent, and whether Claude's API answers.
#[derive(Clone, Debug, Default, PartialEq, Eq, clap::Args)]
#[command(after_help = "status")]
pub struct Status {
    /// Answer in JSON, at the command line.
    #[arg(long, hide = true)]
    pub json: bool,
}

/// Models without a price are told of for so long.
const UNPRICED_MS: i64 = 30 * 86_400_000;

/// Which models have no price, and what to do about it.
fn without(models: &[(String, i64)]) -> Text {
    let named: Vec<String> = models
        .iter()
        .map(|(model, tokens)| format!("{model}: {} tokens", grouped(u64::try_from(*tokens).unwrap_or(0))))
        .collect();
    Text::plain(format!(
        "{}, until they are billed. The operator can name one in a price table, under [money] prices.",
        named.join(", ")
    ))
}

impl Status {
    /// Tells how old everything is and what waits.
    ///
    /// # Errors
    ///
    /// [`Failure::Internal`] if the database could not be asked.
    pub async fn run(self, tools: &Tools) -> Result<Outcome, Failure> {
        let now = tools.clock.now();
        let lists = tools.store.freshness().await?;
        let (open, dead) = tools.store.outbox_depth().await?;
        let (parked, sending) = tools.store.unsettled_effects().await?;
        let [members, invites, workspaces, keys] = tools.store.directory_size().await?;
        let states = tools.store.changes_by_state().await?;
        if self.json {
            let lists: Vec<_> = lists.iter().map(|it| serde_json::json!({ "list": it.resource, "complete_at": it.complete_at, "trouble": it.trouble })).collect();
            return Ok(Outcome::says(listing::json(&serde_json::json!({
                "version": env!("CARGO_PKG_VERSION"), "lists": lists, "members": members, "open_invites": invites, "workspaces": workspaces, "api_keys": keys,
                "messages_waiting": open, "messages_undeliverable": dead, "calls_parked": parked, "calls_unsettled": sending,
                "configuration_mistakes": tools.rules.rejected().map_or_else(Vec::new, |it| it.mistakes.clone()),
                "requests": states.iter().cloned().collect::<std::collections::BTreeMap<_, _>>(),
            }))));
        }
        let rejected = tools.rules.rejected();
        let well = rejected.is_none() && parked == 0 && lists.iter().all(|it| it.trouble.is_none());
        let age = |it: &crate::store::Freshness| {
            let read = it
                .complete_at
                .map_or_else(|| "never read to its end".to_owned(), |at| format!("read {}", view::age(at, now)));
            let trouble = it.trouble.as_ref().map(|code| format!("; the last try failed: {code}")).unwrap_or_default();
            vec![Text::plain(it.resource.clone()), Text::plain(format!("{read}{trouble}"))]
        };
        let table = Table {
            caption: "The local copy".into(),
            columns: vec!["List".into(), "Age".into()],
            rows: lists.iter().map(age).collect(),
        };
        let requests: Vec<String> = states.iter().map(|(state, count)| format!("{count} {state}")).collect();
        let message = Message::plain(if well { "All is well." } else { "Something needs a look." })
            .tone(if well { Tone::Good } else { Tone::Warning })
            .fields([
                (
                    "The organization",
                    Text::plain(format!(
                        "{members} members, {invites} open invitations, {workspaces} workspaces, {keys} API keys"
                    )),
                ),
                ("Requests", Text::plain(if requests.is_empty() { "none yet".into() } else { requests.join(", ") })),
                ("Messages", Text::plain(format!("{open} waiting, {dead} undeliverable"))),
                ("Calls to Anthropic", Text::plain(format!("{parked} to be looked at, {sending} under way"))),
                ("Version", Text::plain(env!("CARGO_PKG_VERSION"))),
            ])
            .block(Block::Table(table));
        let unpriced = tools.store.unpriced_models(moment(now.as_millisecond() - UNPRICED_MS)).await?;
        let message =
            if unpriced.is_empty() { message } else { message.fields([("Without a price", without(&unpriced))]) };
        let message = match rejected {
            Some(rejected) => message.fields([("Configuration", view::configuration::standing(&rejected))]),
            None => message,
        };
        Ok(Outcome::says(message))
    }
}
