//! Messages that nobody waits for: sent, and changed by the receipt of the first sending.

use std::sync::Arc;

use data_encoding::BASE64URL_NOPAD;
use futures_util::future::BoxFuture;
use reqwest::Method;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::api::Api;
use super::direct::Direct;
use super::limits::{THREAD_NAME, read};
use super::markdown::is_id;
use super::page::{Packed, drawn};
use super::payload::id;
use super::render::pages;
use super::trouble::Trouble;
use crate::chat::{Answer, Block, Details, Message, Messenger, Platform, Receipt, SendError, Target};

/// Bytes of the fingerprint by which Discord knows a message that it has already.
const FINGERPRINT: usize = 15;

/// Sends through the REST API, not faster than Discord takes it.
#[derive(Clone)]
pub struct DiscordMessenger(Arc<Inner>);

struct Inner {
    api: Api,
    direct: Direct,
}

impl DiscordMessenger {
    /// A messenger to people and channels.
    #[must_use]
    pub fn new(api: Api) -> Self {
        Self(Arc::new(Inner { direct: Direct::new(api.clone()), api }))
    }

    async fn post(&self, target: &Target, message: &Message) -> Answer<Receipt> {
        self.0.api.notes().message(message);
        let mut first = None;
        for page in pages(&message.without_details(), 1) {
            let packed = drawn(page).await;
            let sent = self.one(target, packed).await;
            match (&first, sent) {
                (None, Ok(sent)) => first = Some(sent),
                (None, Err(trouble)) => return Err(trouble.to_send_error()),
                // The message itself is out and must not go out again.
                (Some(_), Err(trouble)) => tracing::warn!(code = trouble.code(), "a part of a message was not told"),
                (Some(_), Ok(_)) => {}
            }
        }
        let sent = first.unwrap_or_default();
        let malformed = || Trouble::Malformed.to_send_error();
        let receipt = Receipt {
            platform: Platform::Discord.as_str().into(),
            channel: id(&sent, "/channel_id").ok_or_else(malformed)?,
            message: id(&sent, "/id").ok_or_else(malformed)?,
        };
        for block in &message.blocks {
            if let Block::Details(details) = block {
                self.below(&receipt, target, details).await;
            }
        }
        Ok(receipt)
    }

    async fn one(&self, target: &Target, packed: Packed) -> Result<Value, Trouble> {
        let packed = marked(target, packed);
        match target {
            Target::Channel(channel) => {
                let channel =
                    channel.strip_prefix("discord:").filter(|it| is_id(it)).ok_or(Trouble::Refused(10_003))?;
                self.0.api.bot_message(Method::POST, format!("/channels/{channel}/messages"), &packed).await
            }
            Target::Direct(account) if account.platform() == Platform::Discord => {
                self.0.direct.send(account.id(), &packed).await
            }
            Target::Direct(_) => Err(Trouble::Refused(10_013)),
        }
    }

    /// Details, in a thread below the message, or below it where there are no threads. What does not arrive is told to the log.
    async fn below(&self, receipt: &Receipt, target: &Target, details: &Details) {
        let message = Message { blocks: details.blocks.clone(), ..Message::plain(details.title.clone()) };
        let Receipt { channel, message: above, .. } = receipt;
        let place = match target {
            Target::Direct(_) => channel.clone(),
            Target::Channel(_) => {
                let body = json!({ "name": read(&details.title, THREAD_NAME) });
                let path = format!("/channels/{channel}/messages/{above}/threads");
                let thread = self.0.api.bot(Method::POST, path, Some(&body)).await;
                thread.ok().and_then(|it| id(&it, "/id")).unwrap_or_else(|| channel.clone())
            }
        };
        for page in pages(&message, super::render::ANSWER_PAGES) {
            let packed = drawn(page).await;
            let path = format!("/channels/{place}/messages");
            if let Err(trouble) = self.0.api.bot_message(Method::POST, path, &packed).await {
                tracing::warn!(code = trouble.code(), "details of a message were not told");
            }
        }
    }

    async fn replace(&self, receipt: &Receipt, message: &Message) -> Answer<()> {
        let is_ours = receipt.platform == Platform::Discord.as_str();
        if !is_ours || !is_id(&receipt.channel) || !is_id(&receipt.message) {
            return Err(SendError::Closed { code: "discord_unknown_message".into() });
        }
        self.0.api.notes().message(message);
        let mut pages = pages(&message.without_details(), 1);
        if pages.len() > 1 {
            tracing::warn!("a message has more buttons than fit; those of the first sending stay below it");
        }
        let packed = drawn(pages.swap_remove(0)).await;
        let path = format!("/channels/{}/messages/{}", receipt.channel, receipt.message);
        let edited = self.0.api.bot_message(Method::PATCH, path, &packed).await;
        edited.map(drop).map_err(|trouble| trouble.to_send_error())
    }
}

/// With a fingerprint, so that one that was sent, but whose answer was lost, does not stand there twice.
fn marked(target: &Target, mut packed: Packed) -> Packed {
    let seen = format!("{target:?} {}", packed.body);
    let digest = Sha256::digest(seen.as_bytes());
    packed.body["nonce"] = BASE64URL_NOPAD.encode(&digest[..FINGERPRINT]).into();
    packed.body["enforce_nonce"] = true.into();
    packed
}

impl Messenger for DiscordMessenger {
    fn send<'a>(&'a self, target: &'a Target, message: &'a Message) -> BoxFuture<'a, Answer<Receipt>> {
        Box::pin(self.post(target, message))
    }

    fn edit<'a>(&'a self, receipt: &'a Receipt, message: &'a Message) -> BoxFuture<'a, Answer<()>> {
        Box::pin(self.replace(receipt, message))
    }
}
