//! Brings what happened to the app: over the gateway, or as a signed POST; three seconds to answer.

use std::time::{Duration, Instant};

use ed25519_dalek::{Signer, SigningKey};
use serde_json::Value;

use super::world::Interaction;
use super::{Discord, Fault, Mode, webhook};

const PATIENCE: Duration = Duration::from_secs(3);

/// The application's key; its public half goes into `DISCORD_PUBLIC_KEY`.
pub(crate) fn signing_key() -> SigningKey {
    SigningKey::from_bytes(&[9; 32])
}

/// Something that was brought.
#[derive(Clone, Debug)]
pub(crate) struct Delivered {
    pub(crate) id: String,
    pub(crate) payload: Value,
    /// The type of the first answer, if one came in time.
    pub(crate) answered: Option<u64>,
    /// What it said: a modal, suggestions.
    pub(crate) said: Value,
    pub(crate) after: Duration,
}

impl Delivered {
    #[track_caller]
    pub(crate) fn acknowledged(self) -> Self {
        assert!(self.answered.is_some(), "not answered: {}", self.payload);
        self
    }
}

impl Discord {
    /// Brings an interaction of `user`.
    pub(super) async fn deliver(
        &self,
        user: &str,
        channel: &str,
        source: Option<&str>,
        mut payload: Value,
    ) -> Delivered {
        let (id, token) = {
            let mut world = self.world();
            let id = world.id();
            let token = format!("aW50ZXJhY3Rpb24{id}.x_-");
            let interaction = Interaction {
                token: token.clone(),
                user: user.to_owned(),
                channel: channel.to_owned(),
                made: self.now(),
                brought: Instant::now(),
                answered: None,
                original: None,
                source: source.map(str::to_owned),
                is_loading: false,
                said: Value::Null,
                results: Vec::new(),
            };
            world.interactions.insert(id.clone(), interaction);
            (id, token)
        };
        payload["id"] = id.clone().into();
        payload["token"] = token.into();
        let fault = self.takes_fault("delivery");
        if let Some(Fault::Odd(field)) = fault {
            payload[field] = Value::from(7);
        }
        let delivered = self.brings(&id, payload, fault.as_ref()).await;
        if fault == Some(Fault::Twice) {
            self.redelivers(&delivered).await;
        }
        delivered
    }

    /// Brings the same interaction again.
    pub(crate) async fn redelivers(&self, it: &Delivered) -> Delivered {
        self.brings(&it.id, it.payload.clone(), None).await
    }

    async fn brings(&self, id: &str, payload: Value, fault: Option<&Fault>) -> Delivered {
        let began = Instant::now();
        match self.0.mode {
            Mode::Gateway => {
                self.dispatch("INTERACTION_CREATE", &payload, fault == Some(&Fault::Packed));
                while self.world().interactions[id].answered.is_none() && began.elapsed() < PATIENCE {
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
            }
            Mode::Http => {
                let (answer, status) = self.post_signed(&payload.to_string()).await;
                let is_first = self.world().interactions[id].answered.is_none();
                if status == 200
                    && is_first
                    && let Some(answer) = answer
                {
                    let _judged = webhook::answered(self, id, &answer, &[]);
                }
            }
        }
        let after = began.elapsed();
        let it = self.world().interactions[id].clone();
        Delivered { id: id.to_owned(), payload, answered: it.answered, said: it.said, after }
    }

    /// Posts a body with a good signature to the app.
    pub(crate) async fn post_signed(&self, body: &str) -> (Option<Value>, u16) {
        let stamp = (self.now() / 1000).to_string();
        let signature = signing_key().sign(format!("{stamp}{body}").as_bytes());
        self.post(&[("x-signature-timestamp", stamp), ("x-signature-ed25519", hex(&signature.to_bytes()))], body).await
    }

    /// Posts a body with these headers to the app.
    pub(crate) async fn post(&self, headers: &[(&str, String)], body: &str) -> (Option<Value>, u16) {
        let url = format!("{}/discord/interaction", self.world().base);
        let mut request = self.0.http.post(url).timeout(PATIENCE).header("content-type", "application/json");
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        let Ok(answer) = request.body(body.to_owned()).send().await else { return (None, 0) };
        let status = answer.status().as_u16();
        let text = answer.text().await.unwrap_or_default();
        (serde_json::from_str(&text).ok(), status)
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(bytes)
}
