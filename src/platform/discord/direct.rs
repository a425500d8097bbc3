//! Conversations with one person each. Nobody is tried again and again who takes none.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::api::Api;
use super::markdown::is_id;
use super::page::Packed;
use super::payload::id;
use super::trouble::Trouble;

/// How long somebody who takes no direct messages is left alone: each try counts towards a ban.
const CLOSED: Duration = Duration::from_mins(10);
/// People that are remembered.
const MOST: usize = 20_000;

/// Sends direct messages. Clones share everything.
#[derive(Clone)]
pub(super) struct Direct(Arc<Inner>);

struct Inner {
    api: Api,
    channels: Mutex<HashMap<String, String>>,
    closed: Mutex<HashMap<String, (Instant, Trouble)>>,
}

impl Direct {
    pub(super) fn new(api: Api) -> Self {
        Self(Arc::new(Inner { api, channels: Mutex::default(), closed: Mutex::default() }))
    }

    /// Sends one message to `user`, in the conversation with exactly this person.
    pub(super) async fn send(&self, user: &str, packed: &Packed) -> Result<Value, Trouble> {
        if let Some(trouble) = self.closed(user) {
            return Err(trouble);
        }
        let sent = match self.channel(user).await {
            Ok(channel) => self.0.api.bot_message(Method::POST, format!("/channels/{channel}/messages"), packed).await,
            Err(trouble) => Err(trouble),
        };
        if let Err(trouble) = &sent
            && trouble.is_closed_conversation()
        {
            metrics::counter!("steward_discord_closed_conversations_total").increment(1);
            let mut closed = self.0.closed.lock().unwrap_or_else(PoisonError::into_inner);
            if closed.len() >= MOST {
                closed.retain(|_, (at, _)| at.elapsed() < CLOSED);
            }
            closed.insert(user.to_owned(), (Instant::now(), trouble.clone()));
        }
        sent
    }

    fn closed(&self, user: &str) -> Option<Trouble> {
        let closed = self.0.closed.lock().unwrap_or_else(PoisonError::into_inner);
        closed.get(user).filter(|(at, _)| at.elapsed() < CLOSED).map(|(_, trouble)| trouble.clone())
    }

    async fn channel(&self, user: &str) -> Result<String, Trouble> {
        if !is_id(user) {
            return Err(Trouble::Refused(10_013));
        }
        let known = self.0.channels.lock().unwrap_or_else(PoisonError::into_inner).get(user).cloned();
        if let Some(channel) = known {
            return Ok(channel);
        }
        let body = json!({ "recipient_id": user });
        let opened = self.0.api.bot(Method::POST, "/users/@me/channels".to_owned(), Some(&body)).await?;
        // A conversation with exactly this person, or none.
        let recipients = opened["recipients"].as_array().ok_or(Trouble::Malformed)?;
        let is_theirs = matches!(recipients.as_slice(), [one] if id(one, "/id").as_deref() == Some(user));
        let channel = id(&opened, "/id").filter(|_| is_theirs).ok_or(Trouble::Malformed)?;
        let mut channels = self.0.channels.lock().unwrap_or_else(PoisonError::into_inner);
        if channels.len() >= MOST {
            channels.clear();
        }
        channels.insert(user.to_owned(), channel.clone());
        Ok(channel)
    }
}
