//! Access by tokens, where keys are named, listed and shown.

use super::named::sees_all;
use crate::change::{Asker, Failure};
use crate::chat::{Acknowledgement, Block, Button, ButtonStyle, Message, Table, Text};
use crate::command::Tools;
use crate::domain::Environment;
use crate::store::{TokenRule, TokenState};
use crate::view;

/// Whose access is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Whose {
    /// The asker's own.
    Own,
    /// Everything that the asker may know of.
    Known,
}

/// The one access that `said` means, by name or id. What somebody may not know of is as if it were not there.
pub(super) async fn find(tools: &Tools, asker: &Asker, said: &str, whose: Whose) -> Result<Option<TokenRule>, Failure> {
    let mut found = known(tools, asker, whose).await?;
    let plain = said.to_lowercase();
    found.retain(|it| it.id == said || it.name().to_lowercase() == plain);
    if found.len() > 1 {
        let ids: Vec<&str> = found.iter().map(|it| it.id.as_str()).collect();
        return Err(Failure::mistake(
            format!("Several are called that: {}.", ids.join(", ")),
            "Nothing was changed. Name the one you mean by its id.",
        ));
    }
    Ok(found.pop())
}

async fn known(tools: &Tools, asker: &Asker, whose: Whose) -> Result<Vec<TokenRule>, Failure> {
    let own = asker.person.as_ref().filter(|_| asker.linked).map(|it| &it.id);
    match (own, whose == Whose::Known && sees_all(asker)) {
        (_, true) => Ok(tools.store.granted_tokens(None).await?),
        (Some(own), false) => Ok(tools.store.granted_tokens(Some(own)).await?),
        (None, false) => Ok(Vec::new()),
    }
}

/// An access, with the names behind it.
pub(super) struct Listed {
    rule: TokenRule,
    workspace: String,
    owner: String,
}

/// What belongs into a list of keys: of whom, of this workspace, and for where `fits` says.
pub(super) async fn listed(
    tools: &Tools,
    asker: &Asker,
    whose: Whose,
    workspace_id: Option<&str>,
    fits: impl Fn(Option<Environment>) -> bool,
) -> Result<Vec<Listed>, Failure> {
    let mut listed = Vec::new();
    for rule in known(tools, asker, whose).await? {
        let is_there = workspace_id.is_none_or(|it| it == rule.workspace_id);
        if is_there && fits(rule.grant.as_ref().map(|it| it.environment)) {
            listed.push(with_names(tools, rule).await?);
        }
    }
    Ok(listed)
}

async fn with_names(tools: &Tools, rule: TokenRule) -> Result<Listed, Failure> {
    let workspace = tools.store.workspace(&rule.workspace_id).await?.map_or_else(|| "none".into(), |it| it.name);
    let owner = match &rule.grant {
        Some(grant) => tools.store.person(&grant.owner).await?.map(|it| it.name),
        None => None,
    };
    Ok(Listed { rule, workspace, owner: owner.unwrap_or_else(|| "nobody".into()) })
}

/// The table below the keys; none where there is no such access.
pub(super) fn table(listed: &[Listed]) -> Option<Block> {
    let row = |it: &Listed| {
        let texts = [
            it.rule.name().to_owned(),
            it.workspace.clone(),
            it.owner.clone(),
            state(&it.rule).to_owned(),
            view::token::lifetime(it.rule.lifetime_s),
        ];
        texts.map(Text::plain).into()
    };
    let columns = ["Access by tokens", "Workspace", "Owner", "State", "A token lives"];
    (!listed.is_empty()).then(|| {
        Block::Table(Table {
            caption: "Access by tokens".into(),
            columns: columns.iter().map(ToString::to_string).collect(),
            rows: listed.iter().map(row).collect(),
        })
    })
}

/// The same for programs.
pub(super) fn as_json(it: &Listed) -> serde_json::Value {
    let grant = it.rule.grant.as_ref();
    serde_json::json!({
        "id": it.rule.id, "name": it.rule.name(), "kind": "token", "status": state(&it.rule), "workspace": it.workspace,
        "owner": it.owner, "purpose": grant.map(|it| &it.purpose), "environment": grant.map(|it| it.environment),
        "service_account_id": it.rule.account_id, "federation_rule_id": it.rule.rule_id,
        "token_lifetime_s": it.rule.lifetime_s,
    })
}

/// Everything that is known of one access; none if none goes by that.
pub(super) async fn shown(tools: &Tools, asker: &Asker, said: &str) -> Result<Option<Message>, Failure> {
    let Some(rule) = find(tools, asker, said, Whose::Known).await? else { return Ok(None) };
    let is_own = rule.grant.as_ref().map(|it| &it.owner) == asker.person.as_ref().map(|it| &it.id);
    let Listed { rule, workspace, owner } = with_names(tools, rule).await?;
    let code = |it: &Option<String>| it.as_ref().map_or_else(Text::new, |it| Text::new().code(it.clone()));
    let mut fields = vec![
        ("Workspace", Text::plain(workspace)),
        ("Owner", Text::plain(owner)),
        ("A token lives", Text::plain(view::token::lifetime(rule.lifetime_s))),
    ];
    if let Some(grant) = &rule.grant {
        fields.push(("Purpose", Text::plain(grant.purpose.clone())));
        fields.push(("Environment", Text::plain(grant.environment.to_string())));
        fields.push(("Since", Text::new().time(grant.at)));
    }
    fields.push(("Service account", code(&rule.account_id)));
    fields.push(("Rule", code(&rule.rule_id)));
    fields.push(("Id", Text::new().code(rule.id.clone())));
    let mut message =
        Message::plain(format!("The access {} is by tokens, and is {}.", rule.name(), state(&rule))).fields(fields);
    for button in offers(&rule, is_own) {
        message = message.button(button);
    }
    let live_on = view::token::live_on(rule.lifetime_s);
    Ok(Some(message.hint(format!("Switched off or revoked, no further token is made; {live_on}."))))
}

fn offers(rule: &TokenRule, is_own: bool) -> Vec<Button> {
    let id = rule.id.as_str();
    let revoke = Button::new("Revoke", &["key", "revoke", id])
        .style(ButtonStyle::Danger)
        .acknowledged(Acknowledgement::Open)
        .describes("End this access for good");
    let get = is_own.then(|| view::token::get(id));
    match rule.state {
        TokenState::Granted => {
            let off = Button::new("Switch off", &["key", "disable", id]).confirm(
                "Switch it off?",
                "No further token is made. Those that are out live on until their time is over.",
                "Switch off",
            );
            get.into_iter().chain([off, revoke]).collect()
        }
        TokenState::Off => vec![Button::new("Switch on", &["key", "enable", id]), revoke],
        _ => Vec::new(),
    }
}

fn state(rule: &TokenRule) -> &'static str {
    if rule.state == TokenState::Granted { "active" } else { "inactive" }
}
