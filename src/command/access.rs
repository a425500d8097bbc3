//! Access by tokens of one person, where everything of theirs is shown: what they have, and which tokens are out.

use super::Tools;
use crate::change::Failure;
use crate::chat::Text;
use crate::clock::Moment;
use crate::domain::PersonId;
use crate::store::{TokenRule, TokenState};

/// What somebody has, or had, by tokens.
#[derive(Default)]
pub(super) struct Access {
    /// What is not over, each with the workspace's name.
    has: Vec<(TokenRule, String)>,
    /// When each token that is out ends, earliest first: also those of access that is over.
    out: Vec<Moment>,
}

/// All of it.
pub(super) async fn of(tools: &Tools, person: &PersonId) -> Result<Access, Failure> {
    let (store, now) = (&tools.store, tools.clock.now());
    let mut access = Access::default();
    for rule in store.token_rules().await? {
        if rule.grant.as_ref().is_none_or(|it| it.owner != *person) {
            continue;
        }
        access.out.extend(store.tokens_out(&rule, now).await?);
        if rule.is_genuine && matches!(rule.state, TokenState::Granted | TokenState::Off) {
            let workspace = store.workspace(&rule.workspace_id).await?.map_or_else(|| "none".into(), |it| it.name);
            access.has.push((rule, workspace));
        }
    }
    access.out.sort_unstable();
    Ok(access)
}

impl Access {
    /// A field for each; none for whoever has none. `name` is what access is called there.
    pub(super) fn fields(&self, name: &str) -> Vec<(String, Text)> {
        let mut fields = Vec::new();
        if !self.has.is_empty() {
            let one =
                |(rule, workspace): &(TokenRule, String)| format!("{} in {workspace} ({})", rule.name(), state(rule));
            let all: Vec<String> = self.has.iter().map(one).collect();
            fields.push((name.to_owned(), Text::plain(all.join("; "))));
        }
        if let Some(last) = self.out.last() {
            let text = Text::plain(format!("{}, which nobody can call back; the last one ends ", self.out.len()));
            fields.push(("Tokens that are out".to_owned(), text.time(*last)));
        }
        fields
    }

    /// What is not over, for programs.
    pub(super) fn as_json(&self) -> serde_json::Value {
        let one = |(rule, workspace): &(TokenRule, String)| {
            let status = state(rule);
            serde_json::json!({ "id": rule.id, "name": rule.name(), "status": status, "workspace": workspace })
        };
        self.has.iter().map(one).collect()
    }

    /// When each token that is out ends, for programs.
    pub(super) fn out_as_json(&self) -> serde_json::Value {
        self.out.iter().map(|it| serde_json::json!(it)).collect()
    }
}

fn state(rule: &TokenRule) -> &'static str {
    if rule.state == TokenState::Granted { "active" } else { "inactive" }
}
