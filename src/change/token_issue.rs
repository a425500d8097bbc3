//! Access by tokens for somebody: a rule that was prepared becomes theirs. Nothing is called; the tokens come later, one by one.

use super::draft::Draft;
use super::effect::Effect;
use super::grant_token::GrantToken;
use super::local::Local;
use crate::domain::{Fact, Plan, Step};
use crate::view;

/// What a request comes to in a workspace whose issuer is `token`.
pub(super) fn draft(grant: GrantToken) -> Draft {
    let GrantToken { owner, workspace, name, .. } = &grant;
    let (owner, lifetime) = (&owner.name, view::token::lifetime(grant.lifetime_s));
    let does = format!(
        "a rule that was prepared for {workspace} becomes {owner}'s, who alone gets tokens by it, each good for {lifetime} at most"
    );
    let plan = Plan {
        summary: format!("give {owner} access to {workspace} by tokens, for {}: {name}", grant.environment),
        steps: vec![Step { call: "Steward's own books".into(), does, exact: String::new() }],
        before: vec![Fact::new("Access", "none")],
        after: vec![
            Fact::new("Access", name.clone()),
            Fact::new("Purpose", grant.purpose.clone()),
            Fact::new("A token lives", format!("{lifetime} at most")),
        ],
        cost: None,
        undo: Some("revoke it; tokens that are out live on until their time is over".into()),
    };
    Draft { plan, effects: vec![Effect::Local(Local::GrantToken(grant))] }
}
