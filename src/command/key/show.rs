//! `/claude key show <key>`: everything that is known of one key, but the key.
//!
//! - Reads: the directory. Leaves behind: nothing.

use super::access;
use super::named::{find, is_own, key_named, sees_all};
use crate::change::{Asker, Failure};
use crate::chat::{Acknowledgement, Button, ButtonStyle, Message, Text, grouped};
use crate::clock::moment;
use crate::command::{Outcome, Tools, listing};
use crate::domain::{KeyRhythm, spoken_name};
use crate::store::{ListedKey, Resource, UsageMark};

/// The rhythm of a key is that of its last four weeks.
const RHYTHM_MS: i64 = 28 * 86_400_000;

/// One API key.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
#[command(after_help = "key show ada-nightly-evals")]
pub struct Show {
    /// Name, id or hint.
    #[arg(value_name = "key", value_parser = key_named)]
    pub key: String,
}

impl Show {
    /// Shows it, with what the asker may do with it.
    ///
    /// # Errors
    ///
    /// [`Failure::Mistake`] if no key or several are meant.
    pub async fn run(self, tools: &Tools, asker: &Asker) -> Result<Outcome, Failure> {
        if let Some(message) = access::shown(tools, asker, &self.key).await? {
            return Ok(Outcome::says(message));
        }
        let found = find(tools, asker, &self.key).await?;
        let mut message = Message::plain(format!("The API key {} is {}.", spoken_name(&found.key.name), state(&found)));
        message = message.fields(fields(&found)).fields(traffic(tools, &found).await?);
        for button in offers(asker, &found) {
            message = message.button(button);
        }
        Ok(Outcome::says(message.hint(listing::as_of(tools, Resource::ApiKeys).await?)))
    }
}

fn state(it: &ListedKey) -> &str {
    if it.in_stock { "in the stock" } else { &it.key.status }
}

fn fields(it: &ListedKey) -> Vec<(&'static str, Text)> {
    let words = |it: &Option<String>, otherwise: &str| Text::plain(it.clone().unwrap_or_else(|| otherwise.to_owned()));
    let kind = match it.key.kind.as_str() {
        "personal" => "personal: it ends when its owner leaves",
        "service_account" => "a service account's",
        "workspace" => "the workspace's",
        _ => "another kind",
    };
    let mut fields = vec![
        ("Hint", words(&it.key.hint, "none")),
        ("Workspace", words(&it.workspace, "none: it reaches the whole organization")),
        ("Kind", Text::plain(kind)),
        ("Owner", words(&it.owner, "nobody asked Steward for it")),
        ("Made", Text::new().time(it.key.created_at)),
    ];
    if let Some(record) = &it.record {
        fields.extend(record.team.as_ref().map(|it| ("Team", Text::plain(it.clone()))));
        fields.push(("Purpose", Text::plain(record.purpose.clone())));
        fields.push(("Environment", Text::plain(record.environment.to_string())));
        if let Some(at) = record.rotate_at {
            fields.push(("Replace by", Text::new().time(at)));
        }
    }
    if let Some(at) = it.key.expires_at {
        fields.push(("Expires", Text::new().time(at)));
    }
    if spoken_name(&it.key.name) != it.key.name {
        fields.push(("In the Console", Text::plain(it.key.name.clone())));
    }
    fields.push(("Id", Text::new().code(it.key.id.clone())));
    fields
}

/// What is known of its use; nothing of a key that lies in the stock, or before any report was read.
async fn traffic(tools: &Tools, it: &ListedKey) -> Result<Vec<(&'static str, Text)>, Failure> {
    let known = tools.store.usage_mark(UsageMark::HoursTo).await?;
    if it.in_stock || known.is_none() {
        return Ok(Vec::new());
    }
    let Some(last) = it.used.last else {
        return Ok(vec![("Last used", Text::plain("never, as far as Anthropic reports"))]);
    };
    let month_ago = moment(tools.clock.now().as_millisecond() - RHYTHM_MS);
    let hours = tools.store.key_hours(&it.key.id, month_ago).await?;
    let rhythm = KeyRhythm::of(hours.into_iter().map(|(at, _)| at));
    let week = u64::try_from(it.used.week).unwrap_or(0);
    Ok(vec![
        ("Last used", Text::plain("in the hour from ").time(last)),
        ("Usually used", Text::plain(rhythm.words())),
        ("Last 7 days", Text::plain(format!("{} tokens", grouped(week)))),
    ])
}

fn offers(asker: &Asker, it: &ListedKey) -> Vec<Button> {
    let id = it.key.id.as_str();
    if it.in_stock || !(sees_all(asker) || is_own(asker, it)) {
        return Vec::new();
    }
    let revoke = Button::new("Revoke", &["key", "revoke", id])
        .style(ButtonStyle::Danger)
        .acknowledged(Acknowledgement::Open)
        .describes("Switch this key off for good");
    match it.key.status.as_str() {
        "active" => vec![
            Button::new("Switch off", &["key", "disable", id]).confirm(
                "Switch it off?",
                "Whatever uses this key fails from that moment. It can be switched on again.",
                "Switch off",
            ),
            revoke,
        ],
        "inactive" => vec![Button::new("Switch on", &["key", "enable", id]), revoke],
        _ => Vec::new(),
    }
}
