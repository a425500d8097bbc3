//! What Discord says of a token and of places, for `init` and `doctor`.

use reqwest::Method;

use super::api::Api;
use super::markdown::is_id;
use super::payload::number;
use super::trouble::Trouble;

/// What is left of the connections that may be begun today, as Discord counts them: left, and in all.
///
/// # Errors
///
/// [`Trouble`].
pub async fn identifies(api: &Api) -> Result<(u64, u64), Trouble> {
    let told = api.bot(Method::GET, "/gateway/bot".to_owned(), None).await?;
    let of = |name: &str| number(&told, &format!("/session_start_limit/{name}")).ok_or(Trouble::Malformed);
    Ok((of("remaining")?, of("total")?))
}

/// Whether the bot sees a channel, written as in the configuration.
///
/// # Errors
///
/// [`Trouble`], such as that it does not.
pub async fn sees(api: &Api, channel: &str) -> Result<(), Trouble> {
    let id = channel.strip_prefix("discord:").filter(|it| is_id(it)).ok_or(Trouble::Refused(10_003))?;
    api.bot(Method::GET, format!("/channels/{id}"), None).await.map(drop)
}

/// A link that adds the app to a server: its commands, and a bot that may write, attach files, and open threads.
#[must_use]
pub fn invite_link(application: &str) -> String {
    /// View channels, send messages, embed links, attach files, create public threads, send in threads.
    const PERMISSIONS: u64 = (1 << 10) | (1 << 11) | (1 << 14) | (1 << 15) | (1 << 35) | (1 << 38);
    format!(
        "https://discord.com/oauth2/authorize?client_id={application}&scope=bot%20applications.commands&permissions={PERMISSIONS}"
    )
}
