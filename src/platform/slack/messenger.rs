//! Messages that nobody waits for: sent, and changed by the receipt of the first sending.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use serde_json::{Value, json};

use super::api::{Api, Trouble};
use super::pace::Pace;
use super::render::{self, Surface};
use super::share::{Files, Spot, files, unshown};
use crate::chat::{Answer, Block, Message, Messenger, Platform, Receipt, SendError, Target};
use crate::clock::Clock;
use crate::platform::fields::owned;

/// Sends through the Web API, not faster than Slack takes it.
#[derive(Clone)]
pub struct SlackMessenger(Arc<Inner>);

struct Inner {
    api: Api,
    team: String,
    clock: Clock,
    pace: Pace,
    files: Files,
}

impl SlackMessenger {
    /// A messenger to the people and channels of `team`.
    #[must_use]
    pub fn new(api: Api, team: &str, clock: Clock) -> Self {
        let files = Files::new(api.clone());
        Self(Arc::new(Inner { files, api, team: team.to_owned(), clock, pace: Pace::default() }))
    }

    /// Slack's own name of where `target` means. A person's id stands for the conversation with them: Slack opens it for
    /// exactly this person, each time.
    fn place(&self, target: &Target) -> Answer<String> {
        let closed = |code: &str| SendError::Closed { code: code.into() };
        match target {
            Target::Channel(channel) => {
                let id = channel.strip_prefix("slack:").filter(|id| !id.contains('/'));
                id.map(str::to_owned).ok_or_else(|| closed("channel_not_found"))
            }
            Target::Direct(account) if account.platform() == Platform::Slack => {
                let ours = account.team() == Some(self.0.team.as_str());
                if ours { Ok(account.id().to_owned()) } else { Err(closed("user_not_found")) }
            }
            Target::Direct(_) => Err(closed("user_not_found")),
        }
    }

    async fn post(&self, target: &Target, message: &Message) -> Answer<Receipt> {
        let channel = self.place(target)?;
        let now = self.0.clock.now();
        let code = || "paced".to_owned();
        self.0.pace.take(&channel, now).map_err(|after_ms| SendError::Later { after_ms, code: code() })?;
        let posted = self.laid_out("chat.postMessage", &json!({ "channel": channel }), message).await;
        let answer = posted.map_err(|trouble| {
            if let Trouble::Busy(after) = &trouble {
                let after_ms = i64::try_from(after.as_millis()).unwrap_or(i64::MAX / 2);
                self.0.pace.rest(&channel, now.as_millisecond() + after_ms);
            }
            trouble.to_send_error()
        })?;
        let malformed = || Trouble::Malformed.to_send_error();
        let receipt = Receipt {
            platform: Platform::Slack.as_str().into(),
            channel: owned(&answer, "/channel").ok_or_else(malformed)?,
            message: owned(&answer, "/ts").ok_or_else(malformed)?,
        };
        self.post_below(&receipt, message).await;
        Ok(receipt)
    }

    /// Details and files, in a thread below the message. The message itself is out and must not go out again, so what does not
    /// arrive here is told and not repeated.
    async fn post_below(&self, receipt: &Receipt, message: &Message) {
        let at = json!({ "channel": receipt.channel, "thread_ts": receipt.message });
        for details in message.blocks.iter().filter_map(|it| if let Block::Details(it) = it { Some(it) } else { None })
        {
            let below = Message { blocks: details.blocks.clone(), ..Message::plain(details.title.clone()) };
            if let Err(trouble) = self.laid_out("chat.postMessage", &at, &below).await {
                tracing::warn!(code = trouble.code(), "details of a message were not told");
            }
        }
        for file in files(message) {
            let spot = Spot { channel: &receipt.channel, thread: Some(&receipt.message) };
            if let Err(trouble) = self.0.files.share(spot, file).await
                && let Err(trouble) = self.laid_out("chat.postMessage", &at, &unshown(file, &trouble)).await
            {
                tracing::warn!(code = trouble.code(), "it could not be told that a file is missing");
            }
        }
    }

    async fn replace(&self, receipt: &Receipt, message: &Message) -> Answer<()> {
        if receipt.platform != Platform::Slack.as_str() {
            return Err(SendError::Closed { code: "message_not_found".into() });
        }
        let at = json!({ "channel": receipt.channel, "ts": receipt.message });
        self.laid_out("chat.update", &at, message).await.map(drop).map_err(|trouble| trouble.to_send_error())
    }

    /// Calls `method` with the message laid out; once more and plainer if Slack does not take the layout.
    async fn laid_out(&self, method: &str, at: &Value, message: &Message) -> Result<Value, Trouble> {
        let message = &message.without_details();
        match self.0.api.call(method, &merged(at, render::message(message, Surface::Message))).await {
            Err(trouble) if trouble.is_layout() => {
                tracing::warn!(method, code = trouble.code(), "Slack did not take a layout, a plainer one is sent");
                self.0.api.call(method, &merged(at, render::message(message, Surface::PlainMessage))).await
            }
            answer => answer,
        }
    }
}

/// The fields of both.
pub(super) fn merged(one: &Value, mut other: Value) -> Value {
    for (name, value) in one.as_object().into_iter().flatten() {
        other[name] = value.clone();
    }
    other
}

impl Messenger for SlackMessenger {
    fn send<'a>(&'a self, target: &'a Target, message: &'a Message) -> BoxFuture<'a, Answer<Receipt>> {
        Box::pin(self.post(target, message))
    }

    fn edit<'a>(&'a self, receipt: &'a Receipt, message: &'a Message) -> BoxFuture<'a, Answer<()>> {
        Box::pin(self.replace(receipt, message))
    }
}
