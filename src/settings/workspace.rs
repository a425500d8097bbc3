//! What holds for one workspace, `[workspaces.NAME]`.

use jiff::SignedDuration;

use super::document::Section;
use super::reference::{ChannelRef, Subject};
use super::value;
use crate::domain::{BadNamePattern, Environment, Issuer, NamePattern};

/// One workspace. A workspace that the file does not name has the [`Default`], the most careful one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Workspace {
    /// `environment`; `production` unless said otherwise, so that what was forgotten is guarded.
    pub environment: Environment,
    /// `issuer`; `claim` unless said otherwise, which needs neither stock nor federation.
    pub issuer: Issuer,
    /// `approvers`: who may decide here besides the roles that the policy names. Empty: nobody besides them.
    pub approvers: Vec<Subject>,
    /// `approvers_channel`: where cards go; without, the organization's.
    pub approvers_channel: Option<ChannelRef>,
    /// `low_stock`: at this many keys left the admins are told; 5.
    pub low_stock: u32,
    /// `rotate_every`: how old a key may get; 90 days.
    pub rotate_every: SignedDuration,
    /// `silent_for`: how long nothing may have used a replaced key before it is switched off; 24 hours.
    pub silent_for: SignedDuration,
    /// `key_name`: what keys that are asked for are called; whatever somebody likes, without.
    pub key_name: Option<NamePattern>,
    /// `token_lifetime`: how long a token lives where they are the issuer; 1 hour, 24 hours at most. What is out cannot be called back.
    pub token_lifetime: SignedDuration,
}

impl Default for Workspace {
    fn default() -> Self {
        Self {
            environment: Environment::Production,
            issuer: Issuer::Claim,
            approvers: Vec::new(),
            approvers_channel: None,
            low_stock: 5,
            rotate_every: SignedDuration::from_hours(90 * 24),
            silent_for: SignedDuration::from_hours(24),
            key_name: None,
            token_lifetime: SignedDuration::from_hours(1),
        }
    }
}

impl Workspace {
    pub(super) fn read(section: &Section<'_>) -> Self {
        let default = Self::default();
        Self {
            environment: section.read("environment", environment).unwrap_or(default.environment),
            issuer: section.read("issuer", issuer).unwrap_or(default.issuer),
            approvers: section.list("approvers", value::approver).unwrap_or_default(),
            approvers_channel: section.read("approvers_channel", value::channel),
            low_stock: section.read("low_stock", |it| value::whole(it, 0, 10_000)).unwrap_or(default.low_stock),
            rotate_every: section.read("rotate_every", value::span).unwrap_or(default.rotate_every),
            silent_for: section.read("silent_for", value::span).unwrap_or(default.silent_for),
            key_name: section.read("key_name", key_name),
            token_lifetime: section.read("token_lifetime", lifetime).unwrap_or(default.token_lifetime),
        }
    }
}

pub(super) fn environment(it: &toml::de::DeValue<'_>) -> Result<Environment, super::error::Wrong> {
    use Environment::{Dev, Production, Staging};
    value::choice(it, &[("dev", Dev), ("staging", Staging), ("production", Production)])
}

fn issuer(it: &toml::de::DeValue<'_>) -> Result<Issuer, super::error::Wrong> {
    value::choice(it, &[("stock", Issuer::Stock), ("token", Issuer::Token), ("claim", Issuer::Claim)])
}

fn key_name(it: &toml::de::DeValue<'_>) -> Result<NamePattern, super::error::Wrong> {
    value::text(it)?.parse().or_else(|why: BadNamePattern| super::error::wrong(why.to_string()))
}

/// Anthropic makes no token that lives longer than a day.
fn lifetime(it: &toml::de::DeValue<'_>) -> Result<SignedDuration, super::error::Wrong> {
    let span = value::span(it)?;
    if span > SignedDuration::from_hours(24) { super::error::wrong("must be at most `24h`") } else { Ok(span) }
}
