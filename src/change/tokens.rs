//! Access by tokens in Steward's own books: granted, switched.

use super::all_tokens::{AllTokens, SwitchTokens};
use super::applied::Applied;
use super::failure::Failure;
use super::grant_token::GrantToken;
use super::ledger::CallEnd;
use super::local::waits_for_a_rule;
use super::pipeline::Pipeline;
use super::token_switch::told;
use crate::chat::Target;
use crate::clock::moment;
use crate::domain::Change;
use crate::store::{Act, Parcel, TokenGrant, TokenRule, TokenState, Tx};
use crate::view;

impl Pipeline {
    /// A rule becomes somebody's, who is told how tokens are had. The inner error says how it ended instead.
    pub(super) async fn grant_token(
        &self,
        tx: &mut Tx<'_>,
        it: &GrantToken,
        change: &Change,
    ) -> Result<Result<Applied, CallEnd>, Failure> {
        let now = self.clock.now();
        let grant = TokenGrant {
            mark: it.mark.clone(),
            change: change.id.number(),
            owner: it.owner.id.clone(),
            name: it.name.clone(),
            purpose: it.purpose.clone(),
            environment: it.environment,
            at: now,
        };
        let Some(rule) = self.store.grant_token(tx, &it.workspace_id, &grant).await? else {
            // Somebody was faster with the last one.
            let why = format!("{}.", waits_for_a_rule(&it.workspace));
            return Ok(Err(CallEnd::Later(moment(now.as_millisecond() + 60_000), why)));
        };
        let lifetime_s = rule.lifetime_s.min(it.lifetime_s);
        let detail = serde_json::json!({
            "change": change.id.number(), "service_account": rule.account_id, "lifetime_s": lifetime_s,
        });
        self.note_token(tx, ("token.granted", "steward"), &rule, detail).await?;
        let to = Target::Direct(change.asked.asker_account.clone());
        let message = Box::new(view::token::granted((&rule.id, &it.name), &it.workspace, lifetime_s));
        self.store.post(tx, &format!("token {}", rule.id), &Parcel::Message { to, message }, now).await?;
        let done = format!("{} can get tokens of {} for {}", it.owner.name, it.name, it.workspace);
        Ok(Ok(Applied { id: rule.id, done, was: None }))
    }

    /// Somebody's access is switched. The inner error is a sentence; nothing was written then.
    pub(super) async fn switch_token(
        &self,
        tx: &mut Tx<'_>,
        (id, from, to): (&str, &str, &str),
        change: &Change,
    ) -> Result<Result<Applied, String>, Failure> {
        let gone = || Ok(Err("The access is not as it was any more.".to_owned()));
        let states = (TokenState::stored(from), TokenState::stored(to));
        let (Some(was), Some(state)) = states else { return gone() };
        let found = self.store.token_rule(id).await?.filter(|it| it.is_genuine && it.state == was);
        let Some(rule) = found else { return gone() };
        let ended_at = (state == TokenState::Revoked).then(|| self.clock.now());
        let rule = TokenRule { state, ended_at, ..rule };
        if !self.store.move_token_rule(tx, &rule, was).await? {
            return gone();
        }
        let detail = serde_json::json!({ "change": change.id.number() });
        let action = match state {
            TokenState::Granted => "token.switched_on",
            TokenState::Off => "token.switched_off",
            _ => "token.revoked",
        };
        self.note_token(tx, (action, "steward"), &rule, detail).await?;
        let live_on = view::token::live_on(rule.lifetime_s);
        let done = match state {
            TokenState::Granted => format!("the access {} is on again", rule.name()),
            _ => format!("the access {} is {}; {live_on}", rule.name(), told(to)),
        };
        Ok(Ok(Applied { id: rule.id, done, was: Some(from.to_owned()) }))
    }

    /// All access of somebody is switched at once, as far as it can be: what somebody else has switched meanwhile stays. Answers
    /// which it was, so that it can be taken back.
    pub(super) async fn switch_tokens(
        &self,
        tx: &mut Tx<'_>,
        it: &SwitchTokens,
        change: &Change,
    ) -> Result<Applied, Failure> {
        let mut switched = Vec::new();
        for rule in self.store.tokens_in(tx, &it.owner.id).await? {
            let was = rule.state;
            let (state, action) = match (it.to, was) {
                (AllTokens::Off, TokenState::Granted) => (TokenState::Off, "token.switched_off"),
                (AllTokens::Back, TokenState::Off) if it.only.contains(&rule.id) => {
                    (TokenState::Granted, "token.switched_on")
                }
                _ => continue,
            };
            let rule = TokenRule { state, ..rule };
            if self.store.move_token_rule(tx, &rule, was).await? {
                let detail = serde_json::json!({ "change": change.id.number() });
                self.note_token(tx, (action, "steward"), &rule, detail).await?;
                switched.push(rule.id);
            }
        }
        let end = match it.to {
            AllTokens::Off => "is off",
            AllTokens::Back => "is on again",
        };
        let done = format!("access by tokens of {} {end} ({})", it.owner.name, switched.len());
        Ok(Applied { id: it.owner.id.as_str().to_owned(), done, was: Some(switched.join(" ")) })
    }

    /// Writes a line about a rule into the trail. Never a token: ids, names and times.
    pub(super) async fn note_token(
        &self,
        tx: &mut Tx<'_>,
        (action, actor): (&str, &str),
        rule: &TokenRule,
        mut detail: serde_json::Value,
    ) -> Result<(), Failure> {
        detail["access"] = serde_json::json!(rule.id);
        self.store.append(tx, &Act { at: self.clock.now(), actor, action, about: rule.about(), detail }).await?;
        Ok(())
    }
}
