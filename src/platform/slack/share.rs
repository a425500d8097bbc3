//! Files: asked for an address, sent there, and then shown where a message stands.
//!
//! Slack shows a file to everybody who sees the conversation that it is shown in, so one for a single person goes into the
//! conversation with that person.

use serde_json::{Value, json};
use url::Url;

use super::api::{Api, Trouble};
use super::limits::ALT_TEXT;
use crate::chat::{Block, File, Message};
use crate::outgoing::{self, AllowedHosts, Outgoing};
use crate::platform::fields::owned;
use crate::platform::measure::shortened;
use crate::view;

/// Where a file is shown.
#[derive(Clone, Copy)]
pub(super) struct Spot<'a> {
    /// The conversation, by Slack's id.
    pub(super) channel: &'a str,
    /// The message below which it stands.
    pub(super) thread: Option<&'a str>,
}

/// Shows files.
#[derive(Clone)]
pub(super) struct Files {
    api: Api,
    /// None where no client can be set up on this machine.
    http: Option<Outgoing>,
}

impl Files {
    pub(super) fn new(api: Api) -> Self {
        let hosts = AllowedHosts::slack_files();
        let is_here =
            Url::parse(api.base()).is_ok_and(|it| matches!(it.host_str(), Some("127.0.0.1" | "localhost" | "[::1]")));
        let http = Outgoing::new(if is_here { hosts.and_loopback() } else { hosts }).ok();
        Self { api, http }
    }

    /// Shows one file. In three steps: nobody sees it before the last one.
    pub(super) async fn share(&self, spot: Spot<'_>, file: &File) -> Result<(), Trouble> {
        let bytes = view::file::bytes(file).filter(|it| !it.is_empty()).ok_or(Trouble::Malformed)?;
        let about = shortened(&file.about, ALT_TEXT);
        let length = bytes.len().to_string();
        let asked = [("filename", file.name()), ("length", length.as_str()), ("alt_txt", about.as_str())];
        let place = self.api.read("files.getUploadURLExternal", &asked).await?;
        let address = owned(&place, "/upload_url").ok_or(Trouble::Malformed)?;
        let id = owned(&place, "/file_id").ok_or(Trouble::Malformed)?;
        let http = self.http.as_ref().ok_or(Trouble::Unreachable)?;
        let answer = http.post_bytes(&address, bytes).await.map_err(|error| match error {
            outgoing::Error::TimedOut => Trouble::TimedOut,
            outgoing::Error::Unreachable | outgoing::Error::Broken => Trouble::Unreachable,
            _ => Trouble::Malformed,
        })?;
        if !answer.is_success() {
            return Err(Trouble::Status(answer.status));
        }
        let mut shown = json!({ "files": [{ "id": id, "title": file.name() }], "channel_id": spot.channel });
        if let Some(thread) = spot.thread {
            shown["thread_ts"] = thread.into();
        }
        self.api.call_patiently("files.completeUploadExternal", &shown).await.map(drop)
    }

    /// The conversation with a person, by Slack's id.
    pub(super) async fn conversation_with(&self, user: &str) -> Result<String, Trouble> {
        let opened: Value = self.api.call_patiently("conversations.open", &json!({ "users": user })).await?;
        owned(&opened, "/channel/id").ok_or(Trouble::Malformed)
    }
}

/// The files of a message.
pub(super) fn files(message: &Message) -> impl Iterator<Item = &File> {
    message.blocks.iter().filter_map(|block| if let Block::File(file) = block { Some(file) } else { None })
}

/// What is said where a file could not be shown.
pub(super) fn unshown(file: &File, trouble: &Trouble) -> Message {
    tracing::warn!(code = trouble.code(), "a file was not shown");
    metrics::counter!("steward_slack_files_failed_total").increment(1);
    let message = Message::plain(format!("The file {} could not be put here.", file.name()));
    message.hint(if trouble.code() == "missing_scope" {
        "The app may not: an admin of Slack can grant it the scope files:write. At the command line the same question gives the file."
    } else {
        "Nothing is lost: ask once more, or at the command line."
    })
}
