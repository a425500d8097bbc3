//! The four traits through which the house reaches a chat, or a chat the house. Nothing else in this folder waits.

use futures_util::future::BoxFuture;
use secrecy::SecretString;

use super::{Account, Message, Receipt, SecretHandle, Standing, Target};
use crate::clock::Moment;

/// Why a message did not arrive; codes only, never a platform's own text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// Try again, not before this many milliseconds have passed.
    #[error("try again in {after_ms} ms ({code})")]
    Later {
        /// How long to wait.
        after_ms: u64,
        /// The platform's code.
        code: String,
    },
    /// The person or channel cannot be reached; trying again changes nothing.
    #[error("cannot be delivered ({code})")]
    Closed {
        /// The platform's code.
        code: String,
    },
}

/// What a send or an edit comes to.
pub type Answer<T> = Result<T, SendError>;

/// Sends messages that nobody waits for.
pub trait Messenger: Send + Sync {
    /// Sends `message`, once per call.
    fn send<'a>(&'a self, target: &'a Target, message: &'a Message) -> BoxFuture<'a, Answer<Receipt>>;

    /// Replaces the message at `receipt`.
    fn edit<'a>(&'a self, receipt: &'a Receipt, message: &'a Message) -> BoxFuture<'a, Answer<()>>;
}

/// What an attempt to take a lease came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeaseAnswer {
    /// Ours until the deadline; the fence grows with each change of holder.
    Held {
        /// Grows by one at each change of holder.
        fence: i64,
    },
    /// Somebody else's.
    Taken,
}

/// What a platform must remember across restarts and replicas. A failing store answers the careful way: seen, taken, nothing.
pub trait Memory: Send + Sync {
    /// True exactly once per `key`, whoever asks.
    fn first_seen<'a>(&'a self, key: &'a str) -> BoxFuture<'a, bool>;

    /// Takes or renews the lease `name` for `holder` until `until`.
    fn lease<'a>(&'a self, name: &'a str, holder: &'a str, until: Moment) -> BoxFuture<'a, LeaseAnswer>;

    /// Keeps `value` under `key`, replacing what was there. False if it could not be kept.
    fn remember<'a>(&'a self, key: &'a str, value: &'a str) -> BoxFuture<'a, bool>;

    /// What is kept under `key`.
    fn recall<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Option<String>>;
}

/// Why a secret stays closed. Says nothing about the secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// It is for somebody else.
    #[error("this is for somebody else")]
    NotYours,
    /// Its time is over, or it was erased.
    #[error("this is no longer available")]
    Gone,
    /// The store could not be asked.
    #[error("this cannot be opened at the moment")]
    Unavailable,
}

/// An opened secret. Has no `Debug`: it goes straight into one reply.
pub struct Revealed {
    /// The secret itself.
    pub secret: SecretString,
    /// Until when the same person may look again; none if this is the only time.
    pub until: Option<Moment>,
}

/// Opens sealed secrets for the one person each is for.
pub trait Vault: Send + Sync {
    /// Opens `handle` for `account`, if it is theirs and not too late.
    fn open<'a>(
        &'a self,
        handle: &'a SecretHandle,
        account: &'a Account,
    ) -> BoxFuture<'a, Result<Revealed, VaultError>>;
}

/// Asks a platform what it says of an account now, not a while ago.
pub trait Roster: Send + Sync {
    /// The account's standing; none if the platform could not say. None means no.
    fn standing<'a>(&'a self, account: &'a Account) -> BoxFuture<'a, Option<Standing>>;

    /// Everybody in a chat group, written as in the configuration; none if the platform cannot or does not say.
    fn members<'a>(&'a self, group: &'a str) -> BoxFuture<'a, Option<Vec<Account>>>;
}
