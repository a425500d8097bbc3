//! `/claude key disable/enable/revoke/rename <key>`: what becomes of a key.
//!
//! - Needs: the key to be one's own, or [`crate::domain::Permission::KeyManage`]. Reads: the directory.
//! - Proposes: [`SwitchKey`], [`SwitchToken`], [`RenameKey`]. Leaves behind: nothing of its own.

use super::access;
use super::named::{find, found, key_named, new_name};
use crate::change::{Asker, Failure, Proposal, RenameKey, SwitchKey, SwitchToken};
use crate::command::ask::Ask;
use crate::command::{Outcome, Tools};

/// Switch a key off.
///
/// Whatever uses it fails from that moment. It can be switched on again.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
#[command(
    after_help = "key disable ada-nightly-evals\nkey disable sk-ant-api03-R2D...igAA --reason \"no longer needed\""
)]
pub struct Disable {
    /// Name, id or hint.
    #[arg(value_name = "key", value_parser = key_named)]
    pub key: String,
    /// How it is asked for.
    #[command(flatten)]
    pub ask: Ask,
}

/// Switch a key on again.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
#[command(after_help = "key enable ada-nightly-evals")]
pub struct Enable {
    /// Name, id or hint.
    #[arg(value_name = "key", value_parser = key_named)]
    pub key: String,
    /// How it is asked for.
    #[command(flatten)]
    pub ask: Ask,
}

/// Switch a key off for good.
///
/// Nothing brings it back. You are asked to type its name first.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
#[command(after_help = "key revoke ada-nightly-evals --reason \"it was leaked\"")]
pub struct Revoke {
    /// Name, id or hint.
    #[arg(value_name = "key", value_parser = key_named)]
    pub key: String,
    /// How it is asked for.
    #[command(flatten)]
    pub ask: Ask,
}

/// Give a key another name.
///
/// The mark of its request stays behind its name in the Console, so that it can be told whose it is.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
#[command(after_help = "key rename ada-nightly-evals evals-nightly")]
pub struct Rename {
    /// Name, id or hint.
    #[arg(value_name = "key", value_parser = key_named)]
    pub key: String,
    /// What it is called from now on.
    #[arg(value_name = "name", value_parser = new_name)]
    pub name: String,
    /// How it is asked for.
    #[command(flatten)]
    pub ask: Ask,
}

async fn switch(tools: &Tools, asker: &Asker, (key, to): (&str, &str), ask: Ask) -> Result<Outcome, Failure> {
    let Some(access) = access::find(tools, asker, key, access::Whose::Known).await? else {
        return Ok(Outcome::proposes(
            ask.request(Proposal::KeyStatus(SwitchKey::to(find(tools, asker, key).await?.key.id, to))),
        ));
    };
    // What is named by its id is meant, whatever else is called that.
    if access.id != key
        && let Some(found) = found(tools, asker, key).await?
    {
        return Err(both(&access.id, &found.key.id));
    }
    let to = match to {
        "inactive" => "off",
        "active" => "granted",
        _ => "revoked",
    };
    Ok(Outcome::proposes(ask.request(Proposal::TokenSwitch(SwitchToken { id: access.id, to: to.to_owned() }))))
}

fn both(access: &str, key: &str) -> Failure {
    Failure::mistake(
        format!("An API key ({key}) and an access by tokens ({access}) are called that."),
        "Nothing was changed. Name the one you mean by its id.",
    )
}

impl Disable {
    /// Proposes it.
    ///
    /// # Errors
    ///
    /// [`Failure::Mistake`] if no key or several are meant.
    pub async fn run(self, tools: &Tools, asker: &Asker) -> Result<Outcome, Failure> {
        switch(tools, asker, (&self.key, "inactive"), self.ask).await
    }
}

impl Enable {
    /// Proposes it.
    ///
    /// # Errors
    ///
    /// [`Failure::Mistake`] if no key or several are meant.
    pub async fn run(self, tools: &Tools, asker: &Asker) -> Result<Outcome, Failure> {
        switch(tools, asker, (&self.key, "active"), self.ask).await
    }
}

impl Revoke {
    /// Proposes it.
    ///
    /// # Errors
    ///
    /// [`Failure::Mistake`] if no key or several are meant.
    pub async fn run(self, tools: &Tools, asker: &Asker) -> Result<Outcome, Failure> {
        switch(tools, asker, (&self.key, "archived"), self.ask).await
    }
}

impl Rename {
    /// Proposes it.
    ///
    /// # Errors
    ///
    /// [`Failure::Mistake`] if no key or several are meant.
    pub async fn run(self, tools: &Tools, asker: &Asker) -> Result<Outcome, Failure> {
        let key_id = find(tools, asker, &self.key).await?.key.id;
        Ok(Outcome::proposes(self.ask.request(Proposal::KeyRename(RenameKey { key_id, name: self.name }))))
    }
}
