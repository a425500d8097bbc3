//! Signing in with the scope `org:admin`, as `ant auth login --scope org:admin` does: a token that acts as the admin who signed in.
//!
//! How long it lives is undocumented ("short-lived"); here it is an hour.

use super::console::{Refused, refused, who};
use super::federation::Login;
use super::ids;
use super::nouns::Role;
use super::organization::Organization;
use super::state::State;
use crate::clock::{Moment, moment};
use secrecy::SecretString;

const LIFE_MS: i64 = 3_600_000;

impl Organization {
    /// Signs somebody in: a member's id, address, or the name before the `@`. The token is answered here and never again.
    ///
    /// # Errors
    ///
    /// [`Refused`] if they are no admin.
    pub fn sign_in(&self, by: &str) -> Result<SecretString, Refused> {
        self.change(|state, tools| {
            let member = who(state, by)?;
            if member.role != Role::Admin {
                return Err(refused(403, format!("{} is no admin and cannot have the scope org:admin.", member.name)));
            }
            let token = ids::token_secret(tools.random);
            let expires_at = moment(tools.now.as_millisecond() + LIFE_MS);
            let login = Login { hash: ids::hash(&token), user_id: member.id.clone(), expires_at };
            state.federated.logins.retain(|it| it.expires_at > tools.now);
            state.federated.logins.push(login);
            Ok(token.into())
        })
    }
}

impl State {
    /// The admin whose token this is, as long as it lives and they are one.
    pub(super) fn signed_in(&self, hash: &str, now: Moment) -> Option<&super::nouns::Member> {
        let login = self.federated.logins.iter().find(|it| it.hash == hash && it.expires_at > now)?;
        self.member(&login.user_id).filter(|it| it.role == Role::Admin)
    }
}
