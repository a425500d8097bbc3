//! The questions about Slack, each answer tried on Slack itself.

use anyhow::{anyhow, bail};
use secrecy::{ExposeSecret, SecretString};

use super::interview::{Interview, Question};
use crate::cli::exit::Misuse;
use crate::cli::output::remark;
use crate::cli::slack::refused;
use crate::command::manifest::slack_link;
use crate::outgoing::AllowedHosts;
use crate::platform::slack::{SCOPES, Trouble, check_app_token, inspect};

const BOT_TOKEN: &str = "Slack bot token (xoxb-…), or Enter for no Slack yet (not shown):";
const APP_TOKEN: &str =
    "Slack app-level token with connections:write (xapp-…), or Enter for HTTP mode, where Slack calls you (not shown):";
const SIGNING_SECRET: &str = "Slack signing secret (Basic Information, App Credentials; not shown):";

/// Where Slack's API is, usually.
const OFFICIAL: &str = "https://slack.com/api";

/// What was answered about Slack.
pub(in crate::cli) struct SlackAnswers {
    pub(in crate::cli) bot_token: SecretString,
    /// The app-level token, or the signing secret, with the name of its file.
    pub(in crate::cli) way_in: (&'static str, SecretString),
    /// None for the usual one.
    pub(in crate::cli) api_url: Option<String>,
}

/// Asks for Slack's tokens; none if there is no Slack yet.
pub(in crate::cli) async fn slack(
    interview: &mut Interview,
    api_url: Option<&str>,
) -> anyhow::Result<Option<SlackAnswers>> {
    remark("Slack: make the app from its manifest, install it, and copy two tokens. This link fills the manifest in:");
    remark(slack_link("/claude", None));
    let api = api_url.unwrap_or(OFFICIAL);
    let question = Question { text: BOT_TOKEN, default: Some(""), is_secret: true };
    let accept = async |token: SecretString| {
        if token.expose_secret().is_empty() {
            return Ok(None);
        }
        check_bot_token(api, &token).await?;
        Ok(Some(token))
    };
    let Some(bot_token) = interview.ask(&question, accept).await? else { return Ok(None) };
    let way_in = way_in(interview, api).await?;
    Ok(Some(SlackAnswers { bot_token, way_in, api_url: api_url.map(str::to_owned) }))
}

async fn check_bot_token(api: &str, token: &SecretString) -> anyhow::Result<()> {
    if !["xoxb-", "xoxe.xoxb-"].iter().any(|it| token.expose_secret().starts_with(it)) {
        bail!(Misuse("A bot token begins with `xoxb-`.".to_owned()));
    }
    let inspection = inspect(api, token, hosts(api)?).await.map_err(|trouble| match trouble {
        Trouble::Refused(code) => anyhow!("{}", refused(&code)),
        trouble => anyhow!("Slack cannot be asked: {trouble}. Check the network of this machine."),
    })?;
    remark(format_args!("This token is of the Slack workspace {:?}.", inspection.team.name));
    let names: Vec<&str> = SCOPES.iter().map(|(name, _)| *name).collect();
    let missing = inspection.missing(&names);
    if !missing.is_empty() {
        let missing = missing.join(", ");
        bail!(Misuse(format!(
            "The app lacks these scopes: {missing}. Add them, install it again, and copy the new token."
        )));
    }
    Ok(())
}

async fn way_in(interview: &mut Interview, api: &str) -> anyhow::Result<(&'static str, SecretString)> {
    let question = Question { text: APP_TOKEN, default: Some(""), is_secret: true };
    let accept = async |token: SecretString| {
        let text = token.expose_secret();
        if text.is_empty() {
            return Ok(None);
        }
        if !["xapp-", "xoxe.xapp-"].iter().any(|it| text.starts_with(it)) {
            bail!(Misuse("An app-level token begins with `xapp-`.".to_owned()));
        }
        check_app_token(api, &token).await.map_err(|trouble| {
            anyhow!("Slack opens no connection with it: {trouble}. It needs the scope connections:write, and Socket Mode on.")
        })?;
        Ok(Some(token))
    };
    if let Some(token) = interview.ask(&question, accept).await? {
        return Ok(("slack_app_token", token));
    }
    let question = Question { text: SIGNING_SECRET, default: None, is_secret: true };
    let accept = async |secret: SecretString| {
        let text = secret.expose_secret();
        if text.len() < 16 || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            bail!(Misuse("A signing secret is at least 16 characters, without spaces.".to_owned()));
        }
        Ok(secret)
    };
    Ok(("slack_signing_secret", interview.ask(&question, accept).await?))
}

/// Slack's own host, or this machine where it is simulated. A token goes nowhere else.
fn hosts(api: &str) -> anyhow::Result<AllowedHosts> {
    let url: url::Url = api.parse().map_err(|_| Misuse("SLACK_API_URL is no address.".to_owned()))?;
    let host = url.host_str().unwrap_or_default();
    let here = matches!(host, "127.0.0.1" | "localhost" | "[::1]");
    Ok(if here { AllowedHosts::none().and_loopback() } else { AllowedHosts::none().and(host) })
}
