//! What the gateway brings, as the crate reads it; and as it came, where the crate cannot read it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::Value;
use serenity::all::{Context, Event, Interaction, RawEventHandler};

use super::api::Api;
use super::listen::Intake;
use super::payload::id;
use crate::platform::fields::owned;

/// Hands interactions over.
pub(super) struct Events {
    intake: Intake,
    api: Api,
    readies: Arc<AtomicU64>,
}

impl Events {
    pub(super) fn new(intake: Intake, api: Api) -> Self {
        Self { intake, api, readies: Arc::default() }
    }

    /// How often the gateway greeted a connection that was begun.
    pub(super) fn readies(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.readies)
    }

    /// One interaction: answered first, then worked on. One that Discord does not take the answer of is left alone: whoever
    /// acted is told that nothing happened, by Discord or, where it may have taken the answer after all, by us.
    async fn interaction(&self, payload: Value) {
        let Some(taken) = self.intake.take(&payload).await else { return };
        let (Some(interaction), Some(token)) = (id(&payload, "/id"), owned(&payload, "/token")) else { return };
        match self.api.respond(&interaction, &token, &taken.answer).await {
            Ok(()) => {
                if let Some(then) = taken.then {
                    self.intake.go_on(then);
                }
            }
            Err(trouble) => {
                metrics::counter!("steward_discord_unacknowledged_total", "why" => trouble.code()).increment(1);
                tracing::warn!(code = trouble.code(), "Discord did not take the first answer; nothing was done");
                if let (true, Some(then)) = (trouble.is_unclear(), taken.then) {
                    self.intake.give_up(then);
                }
            }
        }
    }
}

#[serenity::async_trait]
impl RawEventHandler for Events {
    async fn raw_event(&self, _: Context, event: Event) {
        match event {
            Event::Ready(_) => {
                self.readies.fetch_add(1, Ordering::SeqCst);
            }
            Event::InteractionCreate(event) => {
                if let Some(payload) = payload_of(&event.interaction) {
                    self.interaction(payload).await;
                }
            }
            // Something in it is not as the crate expects: it is ours to read all the same.
            Event::Unknown(unknown) if unknown.kind == "INTERACTION_CREATE" => {
                metrics::counter!("steward_discord_unread_total").increment(1);
                self.interaction(unknown.value).await;
            }
            _ => {}
        }
    }
}

/// The interaction as JSON again. The crate leaves out of which type it is.
fn payload_of(interaction: &Interaction) -> Option<Value> {
    let kind = match interaction {
        Interaction::Ping(_) => 1,
        Interaction::Command(_) => 2,
        Interaction::Component(_) => 3,
        Interaction::Autocomplete(_) => 4,
        Interaction::Modal(_) => 5,
        _ => return None,
    };
    let mut payload = serde_json::to_value(interaction).ok()?;
    payload["type"] = kind.into();
    Some(payload)
}
