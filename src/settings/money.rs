//! Quotas, money, limits, and where the audit trail is told of.

use std::path::PathBuf;

use jiff::SignedDuration;
use toml::de::DeValue;
use url::Url;

use super::document::Section;
use super::error::{Wrong, wrong};
use super::reference::ChannelRef;
use super::value;
use crate::domain::{Brake, Per};
use crate::outgoing::AllowedHosts;

/// `[quotas]`: how much one person may have open at a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quotas {
    /// `pending_per_person`: undecided requests; 5.
    pub pending_per_person: u32,
    /// `keys_per_person`: active keys; 3.
    pub keys_per_person: u32,
}

/// `[money]`: how spending is reckoned and watched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Money {
    /// `prices`: a file that overrides the shipped price table; relative to the configuration file.
    pub prices: Option<PathBuf>,
    /// `thresholds`: at which parts of a limit to warn, in percent, rising; 50, 80 and 100.
    pub thresholds: Vec<u32>,
    /// `raw_retention`: how long unsummed usage is kept; 400 days.
    pub raw_retention: SignedDuration,
    /// `[[money.tags]]`: a name, and the pattern (with `*`) that the names of its keys fit.
    pub tags: Vec<(String, String)>,
}

/// `[[limits]]`: a limit that cannot be changed in chat, because it stands in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limit {
    /// `scope`: whose spending.
    pub scope: LimitScope,
    /// `amount_usd`, in whole micro-dollars, above 0.
    pub amount_usd_micros: i64,
    /// `per`: the calendar period, in the organization's time zone.
    pub per: Per,
    /// `brake`; `soft` unless said otherwise.
    pub brake: Brake,
}

/// Whose spending a limit is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LimitScope {
    /// `org`.
    Organization,
    /// `workspace:NAME`.
    Workspace(String),
    /// `person:…`.
    Person(String),
    /// `key:…`.
    Key(String),
    /// `model:…`.
    Model(String),
    /// `tag:…`.
    Tag(String),
}

/// `[audit]`: where the head of the audit trail is told, so that nobody can rewrite it unseen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Audit {
    /// `head_channel`.
    pub head_channel: Option<ChannelRef>,
    /// `webhook`: https on port 443.
    pub webhook: Option<Url>,
}

impl Default for Quotas {
    fn default() -> Self {
        Self { pending_per_person: 5, keys_per_person: 3 }
    }
}

impl Default for Money {
    fn default() -> Self {
        Self {
            prices: None,
            thresholds: vec![50, 80, 100],
            raw_retention: SignedDuration::from_hours(400 * 24),
            tags: Vec::new(),
        }
    }
}

impl Quotas {
    pub(super) fn read(section: &Section<'_>) -> Self {
        let default = Self::default();
        let read = |name| section.read(name, |it| value::whole(it, 0, 1_000));
        Self {
            pending_per_person: read("pending_per_person").unwrap_or(default.pending_per_person),
            keys_per_person: read("keys_per_person").unwrap_or(default.keys_per_person),
        }
    }
}

impl Money {
    pub(super) fn read(section: &Section<'_>) -> Self {
        let default = Self::default();
        let thresholds = section.list("thresholds", |it| value::whole(it, 1, 1_000)).unwrap_or(default.thresholds);
        if !thresholds.is_sorted_by(|one, next| one < next) {
            section.refuse_name("thresholds", "must rise from one to the next");
        }
        Self {
            prices: section.read("prices", value::path),
            thresholds,
            raw_retention: section.read("raw_retention", value::span).unwrap_or(default.raw_retention),
            tags: section.each("tags", |tag| {
                let (name, keys) = (tag.require("name", value::name), tag.require("keys", value::name));
                Some((name?, keys?))
            }),
        }
    }
}

impl Limit {
    pub(super) fn read(section: &Section<'_>) -> Option<Self> {
        let scope = section.require("scope", scope);
        let amount = section.require("amount_usd", value::usd_micros);
        let per = section.require("per", |it| value::choice(it, &Per::ALL.map(|it| (it.as_str(), it))));
        let brakes = [Brake::Soft, Brake::Hard].map(|it| (it.as_str(), it));
        let brake = section.read("brake", |it| value::choice(it, &brakes)).unwrap_or(Brake::Soft);
        Some(Self { scope: scope?, amount_usd_micros: amount?, per: per?, brake })
    }
}

fn scope(it: &DeValue<'_>) -> Result<LimitScope, Wrong> {
    let (kind, of) = value::text(it)?.split_once(':').unwrap_or((value::text(it)?, ""));
    let of = of.trim().to_owned();
    match (kind, of.is_empty()) {
        ("org", true) => Ok(LimitScope::Organization),
        ("workspace", false) => Ok(LimitScope::Workspace(of)),
        ("person", false) => Ok(LimitScope::Person(of)),
        ("key", false) => Ok(LimitScope::Key(of)),
        ("model", false) => Ok(LimitScope::Model(of)),
        ("tag", false) => Ok(LimitScope::Tag(of)),
        _ => wrong("must be `org`, `workspace:NAME`, `person:…`, `key:…`, `model:…` or `tag:…`"),
    }
}

impl Audit {
    pub(super) fn read(section: &Section<'_>) -> Self {
        Self { head_channel: section.read("head_channel", value::channel), webhook: section.read("webhook", webhook) }
    }

    /// Whom the webhook's client may speak to: the webhook, and nobody without one.
    #[must_use]
    pub fn webhook_hosts(&self) -> AllowedHosts {
        self.webhook.as_ref().map_or_else(AllowedHosts::none, hosts_of)
    }
}

/// An address that our own client would go to.
fn webhook(it: &DeValue<'_>) -> Result<Url, Wrong> {
    let text = value::text(it)?;
    let checked = Url::parse(text).ok().and_then(|url| hosts_of(&url).check(text).ok());
    checked.map_or_else(
        || wrong("must be an https address of a host by its name, on port 443, without user or password"),
        Ok,
    )
}

fn hosts_of(url: &Url) -> AllowedHosts {
    let hosts = AllowedHosts::none();
    if value::is_loopback(url) { hosts.and_loopback() } else { hosts.and(url.host_str().unwrap_or_default()) }
}
