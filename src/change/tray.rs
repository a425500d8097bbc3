//! Where a token lies between its making and the one reply that it goes into: in memory, for its owner's account, once, for two
//! minutes. It is in no database and in no message; whoever restarts loses it, and makes another one.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use secrecy::SecretString;

use crate::chat::Account;
use crate::clock::Moment;

/// How long it lies there.
const KEPT_MS: i64 = 120_000;

/// Tokens that were made a moment ago. No `Debug`.
#[derive(Default)]
pub(super) struct Tray(Mutex<BTreeMap<String, Held>>);

struct Held {
    account: Account,
    token: SecretString,
    at_ms: i64,
}

impl Tray {
    /// Lays a token down for `account`, to be had by `handle`.
    pub(super) fn put(&self, handle: &str, account: &Account, token: SecretString, now: Moment) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at_ms = now.as_millisecond();
        held.retain(|_, it| at_ms - it.at_ms < KEPT_MS);
        held.insert(handle.to_owned(), Held { account: account.clone(), token, at_ms });
    }

    /// Hands it out, once, to the account that it was made for. Somebody else's attempt leaves it where it is.
    pub(super) fn take(&self, handle: &str, account: &Account, now: Moment) -> Taken {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match held.get(handle) {
            None => Taken::Gone,
            Some(it) if it.account != *account => Taken::NotYours,
            Some(_) => match held.remove(handle) {
                Some(it) if now.as_millisecond() - it.at_ms < KEPT_MS => Taken::Here(it.token),
                _ => Taken::Gone,
            },
        }
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
        let tray = Tray::default();
        tray.put("a", &ada, "token".into(), moment(0));
        assert!(matches!(tray.take("a", &bo, moment(1)), Taken::NotYours));
        assert!(matches!(tray.take("a", &ada, moment(1)), Taken::Here(_)));
        assert!(matches!(tray.take("a", &ada, moment(1)), Taken::Gone), "once");
        tray.put("b", &ada, "token".into(), moment(0));
        assert!(matches!(tray.take("b", &ada, moment(KEPT_MS)), Taken::Gone), "in time");
        tray.put("c", &ada, "token".into(), moment(0));
        tray.put("d", &ada, "token".into(), moment(KEPT_MS));
        assert_eq!(tray.0.lock().unwrap().len(), 1, "what nobody took is forgotten");
    }
}
