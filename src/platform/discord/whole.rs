//! Discord's platform as a whole: what it is made from, and the two ways in.

use std::sync::Arc;

use axum::Router;
use tokio_util::sync::CancellationToken;

use super::api::Api;
use super::budget::Budget;
use super::conversation::Conversation;
use super::direct::Direct;
use super::gateway::{Connection, Gateway, Patience};
use super::http;
use super::lease::Lease;
use super::listen::Intake;
use super::parts::Parts;
use super::reveal::Reveal;
use super::signature::Verifier;
use crate::chat::Memory;
use crate::clock::Clock;
use crate::outgoing::{self, AllowedHosts};
use crate::random::Random;

/// Discord's platform.
pub struct Discord {
    intake: Intake,
    api: Api,
    memory: Arc<dyn Memory>,
    clock: Clock,
    connection: Connection,
}

impl Discord {
    /// The platform, wired to `parts`. `hosts` are those of the API, for what is sent there without the crate.
    ///
    /// # Errors
    ///
    /// [`outgoing::Error`] if no HTTP client can be set up on this machine.
    pub fn new(api: Api, hosts: AllowedHosts, parts: Parts) -> Result<Self, outgoing::Error> {
        let (memory, clock) = (Arc::clone(&parts.memory), parts.clock.clone());
        let conversation = Conversation {
            direct: Direct::new(api.clone()),
            reveal: Reveal::new(api.base(), api.application(), hosts)?,
            api: api.clone(),
            parts,
        };
        Ok(Self { intake: Intake::new(conversation), api, memory, clock, connection: Connection::default() })
    }

    /// The paths of HTTP mode; none if the public key is no key.
    #[must_use]
    pub fn router(&self, public_key: &[u8; 32]) -> Option<Router> {
        Some(http::router(self.intake.clone(), Verifier::new(public_key)?, self.clock.clone()))
    }

    /// Keeps the gateway's connection until `stop`.
    pub async fn listen(&self, patience: Patience, random: &Random, stop: CancellationToken) {
        let (memory, clock) = (Arc::clone(&self.memory), self.clock.clone());
        let gateway = Gateway {
            api: self.api.clone(),
            intake: self.intake.clone(),
            budget: Budget::new(Arc::clone(&memory), clock.clone()),
            lease: Lease { memory, clock, holder: random.id("gateway") },
            connection: self.connection.clone(),
            patience,
        };
        gateway.keep(stop).await;
    }

    /// What is known of the gateway's connection.
    #[must_use]
    pub fn connection(&self) -> Connection {
        self.connection.clone()
    }

    /// Waits until everything that was begun is finished, but not for ever.
    pub async fn finish(&self) {
        self.intake.finish().await;
    }
}
