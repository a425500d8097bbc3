//! The commands, told to Discord: all at once, and only if they are others than those that were told before.

use std::fmt::Write as _;
use std::sync::Arc;

use reqwest::Method;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::api::Api;
use super::trouble::Trouble;
use crate::chat::Memory;
use crate::command::manifest;
use crate::platform::fields::text;

/// Under which name it is remembered what was told.
const TOLD: &str = "discord commands";

/// Where commands are registered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// In every server of the app.
    Global,
    /// In one server, where they are there at once.
    Server(String),
}

impl Scope {
    fn path(&self, application: &str) -> String {
        match self {
            Self::Global => format!("/applications/{application}/commands"),
            Self::Server(id) => format!("/applications/{application}/guilds/{id}/commands"),
        }
    }

    fn name(&self) -> &str {
        match self {
            Self::Global => "global",
            Self::Server(id) => id,
        }
    }
}

/// Registers the commands, unless they are registered as they are. True if something was told.
///
/// # Errors
///
/// [`Trouble`]. Nothing was changed then, or all of it.
pub async fn register(api: &Api, memory: &Arc<dyn Memory>, root: &str, scope: &Scope) -> Result<bool, Trouble> {
    let wanted = registration(root, scope);
    let told = format!("{} {}", scope.name(), fingerprint(&wanted));
    let before = memory.recall(TOLD).await.unwrap_or_default();
    let path = scope.path(api.application());
    if before == told && missing(api, root, scope).await?.is_empty() {
        return Ok(false);
    }
    api.bot(Method::PUT, path, Some(&wanted)).await?;
    // What was registered elsewhere would stand beside it.
    let elsewhere = match before.split(' ').next().unwrap_or_default() {
        name if name.is_empty() || name == scope.name() => None,
        "global" => Some(Scope::Global),
        server => Some(Scope::Server(server.to_owned())),
    };
    if let Some(elsewhere) = elsewhere {
        let cleared = api.bot(Method::PUT, elsewhere.path(api.application()), Some(&json!([]))).await;
        cleared.map_or_else(|trouble| tracing::warn!(code = trouble.code(), "old commands were not taken away"), drop);
    }
    memory.remember(TOLD, &told).await;
    Ok(true)
}

/// The names of our commands that Discord does not know.
///
/// # Errors
///
/// [`Trouble`] if it could not be asked.
pub async fn missing(api: &Api, root: &str, scope: &Scope) -> Result<Vec<String>, Trouble> {
    let known = api.bot(Method::GET, scope.path(api.application()), None).await?;
    let known: Vec<&str> =
        known.as_array().ok_or(Trouble::Malformed)?.iter().filter_map(|it| text(it, "/name")).collect();
    let wanted = registration(root, scope);
    let names = wanted.as_array().into_iter().flatten().filter_map(|it| text(it, "/name"));
    Ok(names.filter(|it| !known.contains(it)).map(str::to_owned).collect())
}

/// The body: in one server, without what only counts for all of them.
fn registration(root: &str, scope: &Scope) -> Value {
    let mut all = manifest::discord(root);
    for command in all.as_array_mut().into_iter().flatten() {
        if let (Scope::Server(_), Some(fields)) = (scope, command.as_object_mut()) {
            fields.remove("contexts");
            fields.remove("integration_types");
        }
    }
    all
}

fn fingerprint(value: &Value) -> String {
    let digest = Sha256::digest(value.to_string().as_bytes());
    digest.iter().fold(String::new(), |mut told, byte| {
        let _infallible = write!(told, "{byte:02x}");
        told
    })
}
