//! `POST /v1/oauth/token`: an assertion becomes a token. Needs no credential; a denial never says why.

use super::answer::{Answer, Refusal};
use super::assertion::Assertion;
use super::federation::{FederationRule, Minted};
use super::fields::Fields;
use super::ids;
use super::organization::Organization;
use super::state::State;
use crate::clock::{Moment, moment};
use axum::body::Bytes;
use axum::http::HeaderMap;
use axum::{Extension, Json};
use serde_json::json;

const GRANT: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const KNOWN: [&str; 6] =
    ["grant_type", "assertion", "federation_rule_id", "organization_id", "service_account_id", "workspace_id"];
/// However little of an assertion's life is left, a token lives so long, in seconds.
const SHORTEST_S: i64 = 60;

pub(super) async fn token(Extension(org): Extension<Organization>, headers: HeaderMap, body: Bytes) -> Answer {
    let fields = Fields::read(&headers, &body, &KNOWN)?;
    if fields.required("grant_type")? != GRANT {
        return Err(Refusal::bad(format!("grant_type: Input should be '{GRANT}'")));
    }
    let order = Order {
        assertion: fields.required("assertion")?,
        rule_id: fields.required("federation_rule_id")?,
        organization_id: fields.required("organization_id")?,
        service_account_id: fields.required("service_account_id")?,
        workspace_id: fields.text("workspace_id")?,
    };
    org.change(|state, tools| {
        let Some(granted) = order.granted(state, tools.now) else {
            return Err(Refusal::unauthenticated("The token exchange was denied"));
        };
        let secret = ids::token_secret(tools.random);
        let federated = &mut state.federated;
        federated.minted.retain(|it| it.expires_at > tools.now);
        federated.taken.retain(|_, until| *until > tools.now.as_second());
        if let Some((name, until)) = granted.taken {
            federated.taken.insert(name, until);
        }
        federated.minted.push(Minted {
            hash: ids::hash(&secret),
            service_account_id: order.service_account_id.to_owned(),
            workspace_id: granted.workspace_id,
            expires_at: moment(tools.now.as_millisecond() + granted.lives_s * 1_000),
        });
        Ok(Json(json!({
            "access_token": secret, "token_type": "Bearer", "expires_in": granted.lives_s, "scope": granted.scope,
        })))
    })
}

/// What is asked for.
struct Order<'a> {
    assertion: &'a str,
    rule_id: &'a str,
    organization_id: &'a str,
    service_account_id: &'a str,
    workspace_id: Option<&'a str>,
}

/// What comes of it.
struct Granted {
    workspace_id: String,
    lives_s: i64,
    scope: String,
    /// The assertion, and until when it is remembered, where each is taken once.
    taken: Option<(String, i64)>,
}

impl Order<'_> {
    fn granted(&self, state: &State, now: Moment) -> Option<Granted> {
        let rule = state.federated.rules.iter().find(|it| it.id == self.rule_id && it.archived_at.is_none())?;
        let issuer = state.federated.issuer(&rule.issuer_id)?;
        let account = state.service_account(&rule.service_account_id).filter(|it| it.archived_at.is_none())?;
        if self.organization_id != state.id || self.service_account_id != account.id {
            return None;
        }
        let assertion = Assertion::read(self.assertion, issuer, now).filter(|it| it.meets(rule))?;
        let workspace_id = self.workspace(state, rule)?;
        if !state.seats_account(&workspace_id, &account.id) {
            return None;
        }
        let expires = assertion.expires()?;
        // Only those that have a name are taken once.
        let named = assertion.jti().filter(|_| issuer.check_jti);
        let taken = named.map(|jti| (format!("{} {jti}", issuer.id), expires));
        if taken.as_ref().is_some_and(|(name, _)| state.federated.taken.contains_key(name)) {
            return None;
        }
        let left_s = expires - now.as_second();
        let lives_s = rule.token_lifetime_seconds.min(2 * left_s).max(SHORTEST_S);
        Some(Granted { workspace_id, lives_s, scope: rule.oauth_scope.clone(), taken })
    }

    /// The one workspace that the token is to work in, if the rule is enabled there.
    fn workspace(&self, state: &State, rule: &FederationRule) -> Option<String> {
        let named = match self.workspace_id {
            Some("default") => state.workspaces.iter().find(|it| it.is_default)?.id.clone(),
            Some(id) => id.to_owned(),
            None if rule.workspace_ids.len() == 1 => rule.workspace_ids[0].clone(),
            None => return None,
        };
        let is_enabled = rule.applies_to_all_workspaces || rule.workspace_ids.contains(&named);
        let is_open = state.workspace(&named).is_some_and(|it| it.archived_at.is_none());
        (is_enabled && is_open).then_some(named)
    }
}
