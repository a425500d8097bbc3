//! Whoever an account was given to, or taken from, hears of it on every account that they have.

use crate::chat::{Account, Message, Target, Text, Tone};
use crate::clock::Moment;
use crate::domain::{LinkState, PersonId};
use crate::store::{self, Parcel, Store, Tx};

/// Tells a person, in the caller's transaction, on each active account but `except`.
pub(super) async fn tell_person(
    store: &Store,
    tx: &mut Tx<'_>,
    (person, except): (&PersonId, Option<&Account>),
    message: &Message,
    at: Moment,
) -> Result<(), store::Error> {
    for account in store.accounts_in(tx, person, LinkState::Active).await? {
        if except != Some(&account) {
            tell(store, tx, account, message, at).await?;
        }
    }
    Ok(())
}

/// Tells one account.
pub(super) async fn tell(
    store: &Store,
    tx: &mut Tx<'_>,
    account: Account,
    message: &Message,
    at: Moment,
) -> Result<(), store::Error> {
    let about = format!("link {account}");
    let parcel = Parcel::Message { to: Target::Direct(account), message: Box::new(message.clone()) };
    store.post(tx, &about, &parcel, at).await
}

/// An account is theirs now.
pub(super) fn joined(account: &Account, name: &str) -> Message {
    Message::new(
        Text::new()
            .mention(account)
            .then(" (")
            .code(account.to_string())
            .then(format!(") is linked to {name} now: it speaks for you, and what is yours can be seen from it.")),
    )
    .hint(
        Text::plain("If it is not your account, take it away at once with ")
            .command(format!("link --remove {account}"))
            .then(" and tell an admin."),
    )
    .tone(Tone::Warning)
}

/// An account is theirs no longer.
pub(super) fn parted(account: &Account, name: &str) -> Message {
    Message::new(
        Text::new()
            .mention(account)
            .then(" (")
            .code(account.to_string())
            .then(format!(") is no longer linked to {name}.")),
    )
    .hint("If you did not expect this, ask an admin.")
    .tone(Tone::Warning)
}
