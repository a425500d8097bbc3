//! Where a token lies between its making and the one reply that it goes into: in memory, for its owner's account, once, for two
//! minutes. It is in no database and in no message; whoever restarts loses it, and makes another one.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use secrecy::SecretString;

use crate::chat::Account;
use crate::clock::Moment;
use crate::domain::PersonId;

/// How long it lies there.
const KEPT_MS: i64 = 120_000;

/// Tokens that were made a moment ago. No `Debug`.
#[derive(Default)]
pub(super) struct Tray(Mutex<BTreeMap<String, Held>>);

struct Held {
    account: Account,
    owner: PersonId,
    token: SecretString,
    at_ms: i64,
}

impl Tray {
    /// Lays a token down for `account`, which is `owner`'s, to be had by `handle`.
    pub(super) fn put(&self, handle: &str, (account, owner): (&Account, &PersonId), token: SecretString, now: Moment) {
        self.forget(now);
        let held = Held { account: account.clone(), owner: owner.clone(), token, at_ms: now.as_millisecond() };
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(handle.to_owned(), held);
    }

    /// Hands it out, once, to the account that it was made for, as long as that is its owner's: `person`, whom it speaks for now.
    /// Somebody else's attempt leaves it where it is.
    pub(super) fn take(&self, handle: &str, (account, person): (&Account, Option<&PersonId>), now: Moment) -> Taken {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match held.get(handle) {
            None => Taken::Gone,
            Some(it) if it.account != *account || Some(&it.owner) != person => Taken::NotYours,
            Some(_) => match held.remove(handle) {
                Some(it) if now.as_millisecond() - it.at_ms < KEPT_MS => Taken::Here(it.token),
                _ => Taken::Gone,
            },
        }
    }

    /// Forgets what nobody took in time.
    pub(super) fn forget(&self, now: Moment) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.retain(|_, it| now.as_millisecond() - it.at_ms < KEPT_MS);
    }
}

/// What reaching into the tray comes to.
pub(super) enum Taken {
    /// Here it is.
    Here(SecretString),
    /// It is for somebody else.
    NotYours,
    /// It was taken, or its time is over.
    Gone,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::moment;

    #[test]
    fn a_token_is_had_once_by_one_in_time() {
        let (ada, bo) = (Account::browser("ada"), Account::browser("bo"));
        let (her, him) = (PersonId("ada".into()), PersonId("bo".into()));
        let (of_ada, of_bo) = ((&ada, Some(&her)), (&bo, Some(&him)));
        let tray = Tray::default();
        let put = |handle: &str, at: i64| tray.put(handle, (&ada, &her), "token".into(), moment(at));
        put("a", 0);
        assert!(matches!(tray.take("a", of_bo, moment(1)), Taken::NotYours));
        assert!(matches!(tray.take("a", (&ada, None), moment(1)), Taken::NotYours), "her account is held back");
        assert!(matches!(tray.take("a", of_ada, moment(1)), Taken::Here(_)));
        assert!(matches!(tray.take("a", of_ada, moment(1)), Taken::Gone), "once");
        put("b", 0);
        assert!(matches!(tray.take("b", of_ada, moment(KEPT_MS)), Taken::Gone), "in time");
        put("c", 0);
        tray.forget(moment(KEPT_MS - 1));
        assert_eq!(tray.0.lock().unwrap().len(), 1);
        tray.forget(moment(KEPT_MS));
        assert_eq!(tray.0.lock().unwrap().len(), 0, "what nobody took is forgotten");
    }
}
