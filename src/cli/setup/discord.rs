//! The questions about Discord, each answer tried on Discord itself.

use anyhow::{anyhow, bail};
use secrecy::{ExposeSecret, SecretString};

use super::interview::{Interview, Question};
use crate::cli::discord::refused;
use crate::cli::exit::Misuse;
use crate::cli::output::remark;
use crate::platform::discord::{Api, NoServer, Server, Trouble, invite_link, server};

const APPLICATION: &str =
    "Discord application id (Developer Portal, General Information), or Enter for no Discord yet:";
const TOKEN: &str = "Discord bot token (Bot, Reset Token; not shown):";
const PUBLIC_KEY: &str = "Discord public key for HTTP mode, where Discord calls you, or Enter for the gateway:";

/// Where Discord is, usually.
const OFFICIAL: &str = "https://discord.com";

/// What was answered about Discord.
pub(in crate::cli) struct DiscordAnswers {
    pub(in crate::cli) application_id: String,
    pub(in crate::cli) token: SecretString,
    pub(in crate::cli) guild_id: String,
    /// Of HTTP mode.
    pub(in crate::cli) public_key: Option<String>,
    /// None for the usual one.
    pub(in crate::cli) api_url: Option<String>,
}

/// Asks for Discord's application and token; none if there is no Discord yet.
pub(in crate::cli) async fn discord(
    interview: &mut Interview,
    api_url: Option<&str>,
) -> anyhow::Result<Option<DiscordAnswers>> {
    if !interview.has_more() {
        return Ok(None);
    }
    remark("Discord: make an application at https://discord.com/developers/applications, and switch Public Bot off.");
    let question = Question { text: APPLICATION, default: Some(""), is_secret: false };
    let accept = async |answer: SecretString| match answer.expose_secret() {
        "" => Ok(None),
        id if id.len() >= 17 && id.parse::<u64>().is_ok() => Ok(id.parse::<u64>().ok()),
        _ => bail!(Misuse("An application id is a number of 17 digits or more.".to_owned())),
    };
    let Some(application) = interview.ask(&question, accept).await? else { return Ok(None) };
    remark("Add the bot to the company's server with this link, before you go on:");
    remark(invite_link(&application.to_string()));
    let base = api_url.unwrap_or(OFFICIAL);
    let question = Question { text: TOKEN, default: None, is_secret: true };
    let accept = async |token: SecretString| {
        let server = check(base, &token, application).await?;
        remark(format_args!("The company's server is {:?}.", server.name));
        Ok((token, server.id))
    };
    let (token, guild_id) = interview.ask(&question, accept).await?;
    let public_key = if interview.has_more() { public_key(interview).await? } else { None };
    let (application_id, api_url) = (application.to_string(), api_url.map(str::to_owned));
    Ok(Some(DiscordAnswers { application_id, token, guild_id, public_key, api_url }))
}

async fn check(base: &str, token: &SecretString, application: u64) -> anyhow::Result<Server> {
    if !token.expose_secret().bytes().all(|it| it.is_ascii_graphic()) {
        bail!(Misuse("A token has no spaces.".to_owned()));
    }
    let unasked = |trouble: &Trouble| anyhow!("Discord cannot be asked: {trouble}. Check the network of this machine.");
    let api = Api::new(base, token, application).map_err(|trouble| unasked(&trouble))?;
    server(&api, None).await.map_err(|why| match why {
        NoServer::Trouble(trouble) if trouble != Trouble::Unauthorized => unasked(&trouble),
        why => anyhow!("{}", refused(&why)),
    })
}

async fn public_key(interview: &mut Interview) -> anyhow::Result<Option<String>> {
    let question = Question { text: PUBLIC_KEY, default: Some(""), is_secret: false };
    let accept = async |answer: SecretString| {
        let text = answer.expose_secret();
        let is_key = text.len() == 64 && text.bytes().all(|it| it.is_ascii_hexdigit());
        match text {
            "" => Ok(None),
            _ if is_key => Ok(Some(text.to_owned())),
            _ => bail!(Misuse("A public key is 64 hexadecimal digits.".to_owned())),
        }
    };
    interview.ask(&question, accept).await
}
