//! Changes of Steward's own books: who is linked, granted, delegated. They go the same way as every other change, but end in a
//! transaction instead of a call, so that there is never a doubt whether one was made.

use serde::{Deserialize, Serialize};

use super::all_tokens::SwitchTokens;
use super::applied::{Applied, Ready};
use super::books::Books;
use super::grant_token::GrantToken;
use super::key_books::KeyBook;
use super::limit_books::LimitBook;
use super::link_news::{joined, parted, tell, tell_person};
use crate::chat::Account;
use crate::clock::Moment;
use crate::domain::{Called, Change, DelegationTerms, Environment, GrantTerms, Kind, Person, PersonId};
use crate::store::{self, Act, Joining, Store, Tx};

/// One change of the books.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "local", rename_all = "snake_case")]
pub enum Local {
    /// Holds every chat account of somebody back: no right, from any of them.
    SuspendLinks {
        /// Whose.
        person: PersonId,
        /// How people call them.
        name: String,
    },
    /// Gives them back.
    RestoreLinks {
        /// Whose.
        person: PersonId,
        /// How people call them.
        name: String,
    },
    /// Grants somebody a permission.
    GiveGrant {
        /// What to whom.
        terms: GrantTerms,
    },
    /// Ends a grant.
    RevokeGrant {
        /// Its number.
        number: i64,
        /// What it gives to whom.
        terms: GrantTerms,
    },
    /// Has somebody stand in for an approver.
    Delegate {
        /// Who for whom.
        terms: DelegationTerms,
    },
    /// Ends that.
    Undelegate {
        /// Its number.
        number: i64,
        /// Who for whom.
        terms: DelegationTerms,
    },
    /// Gives a chat account to a member.
    LinkAccount {
        /// The account.
        account: Account,
        /// The member.
        member_id: String,
        /// How people call them.
        name: String,
        /// The address that proves it, if that is what does.
        email: Option<String>,
        /// What proves it.
        how: String,
        /// The id of the person, should there be none yet.
        new_person: PersonId,
    },
    /// Takes a key of a workspace's stock for somebody.
    ClaimKey {
        /// `wrkspc_…`.
        workspace_id: String,
        /// What people call it.
        workspace: String,
        /// Whom it is for.
        owner: Called,
        /// The request's mark.
        mark: String,
    },
    /// Offers a key to its owner, who can reveal it from then on.
    OfferKey(OfferKey),
    /// A line about a key.
    Key(KeyBook),
    /// A line about a limit.
    Limit(LimitBook),
    /// Has somebody make a key in the Console, and looks for it.
    AwaitKey(OfferKey),
    /// Takes the key that was recognized for whoever asked for it.
    TakeKey(OfferKey),
    /// Gives somebody access by tokens.
    GrantToken(GrantToken),
    /// Switches somebody's access by tokens.
    SwitchToken {
        /// Our id of its rule.
        id: String,
        /// What people call it.
        name: String,
        /// Its state before.
        from: String,
        /// Its state after.
        to: String,
        /// How long tokens that are out may live on, in seconds.
        lifetime_s: i64,
    },
    /// Switches all of somebody's access by tokens.
    SwitchTokens(SwitchTokens),
    /// Takes a chat account away from a member.
    UnlinkAccount {
        /// The account.
        account: Account,
        /// The member.
        member_id: String,
        /// How people call them.
        name: String,
        /// Whether it is held back from then on.
        hold: bool,
        /// The id of the stranger that it becomes.
        stranger: PersonId,
    },
}

/// A key that is offered to its owner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfferKey {
    /// Whose it is.
    pub owner: Called,
    /// The workspace that it works in.
    pub workspace: String,
    /// The same by its id.
    #[serde(default)]
    pub workspace_id: String,
    /// What it is called.
    pub name: String,
    /// What it is for.
    pub purpose: String,
    /// The team that it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team: Option<String>,
    /// Where it is used.
    pub environment: Environment,
    /// The request's mark.
    pub mark: String,
    /// How many days old it may get.
    pub rotate_days: i64,
    /// The key in whose place it is issued.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaces: Option<String>,
}

impl Local {
    /// Can it be made now?
    pub(super) async fn ready(self, store: &Store, now: Moment) -> Result<Ready<Self>, store::Error> {
        match &self {
            Self::ClaimKey { workspace_id, workspace, .. } if store.free_stock(workspace_id).await? == 0 => {
                Ok(Ready::NotYet(format!("It waits for a key in the stock of {workspace}, which an admin loads")))
            }
            Self::TakeKey(it) => Ok(match store.key_claim(&it.mark).await? {
                None => Ready::Never("The key is not looked for any more.".into()),
                Some(claim) if claim.key_id.is_some() => Ready::Now(self),
                Some(claim) if claim.until <= now => {
                    Ready::Never(format!("Nobody has made the key {} in the Console in time.", claim.name))
                }
                // Whatever recognizes the key ends the pause.
                Some(claim) => Ready::NotBefore(
                    claim.until,
                    format!(
                        "It waits for somebody to make the key {} in {} in the Claude Console.",
                        claim.name, it.workspace
                    ),
                ),
            }),
            Self::GrantToken(it) if store.free_tokens(&it.workspace_id).await? == 0 => {
                Ok(Ready::NotYet(waits_for_a_rule(&it.workspace)))
            }
            _ => Ok(Ready::Now(self)),
        }
    }

    /// Makes it, in the caller's transaction. The inner error is a sentence: the world does not allow it, nothing was written.
    pub(super) async fn apply(
        &self,
        store: &Store,
        tx: &mut Tx<'_>,
        change: &Change,
        now: Moment,
    ) -> Result<Result<Applied, String>, store::Error> {
        match self {
            Self::SuspendLinks { person, name } => {
                let count = store.suspend_links(tx, person).await?;
                Ok(Ok(applied(person.as_str(), format!("{count} chat accounts of {name} are suspended"))))
            }
            Self::RestoreLinks { person, name } => {
                let count = store.restore_links(tx, person).await?;
                Ok(Ok(applied(person.as_str(), format!("{count} chat accounts of {name} work again"))))
            }
            Self::GiveGrant { terms } => Books { store, tx, change, now }.give_grant(terms).await,
            Self::RevokeGrant { number, terms } => Books { store, tx, change, now }.revoke_grant(*number, terms).await,
            Self::Delegate { terms } => Books { store, tx, change, now }.delegate(terms).await,
            Self::Undelegate { number, terms } => Books { store, tx, change, now }.undelegate(*number, terms).await,
            Self::LinkAccount { account, member_id, name, email, how, new_person } => {
                let new = Joining { account, member_id, name, email: email.as_deref(), how, new_person };
                let Some(person) = store.join_account(tx, &new, now).await? else {
                    return Ok(Err("The account, or the member's place on its platform, was taken meanwhile.".into()));
                };
                note_link(store, tx, (change, "link.made", account, member_id), now).await?;
                // Whoever asked for themselves is told what became of the request.
                let except = (change.asked.kind == Kind::Link).then_some(&change.asked.asker_account);
                tell_person(store, tx, (&person, except), &joined(account, name), now).await?;
                Ok(Ok(applied(person.as_str(), format!("{account} is linked to {name}"))))
            }
            Self::Key(line) => Ok(Ok(line.apply((store, tx), change, now).await?)),
            Self::Limit(line) => line.apply((store, tx), change, now).await,
            // Keys of the stock, and tokens, are looked after in rooms of their own.
            Self::ClaimKey { .. }
            | Self::OfferKey(_)
            | Self::AwaitKey(_)
            | Self::TakeKey(_)
            | Self::GrantToken(_)
            | Self::SwitchToken { .. }
            | Self::SwitchTokens(_) => Ok(Err("This is done elsewhere.".into())),
            Self::UnlinkAccount { account, member_id, name, hold, stranger } => {
                let nobody = Person { id: stranger.clone(), name: name.clone(), member_id: None };
                let Some(person) = store.part_account(tx, (account, member_id), &nobody, (*hold, now)).await? else {
                    return Ok(Err("The account is no longer theirs.".into()));
                };
                note_link(store, tx, (change, "link.removed", account, member_id), now).await?;
                let message = parted(account, name);
                tell(store, tx, account.clone(), &message, now).await?;
                tell_person(store, tx, (&person, Some(account)), &message, now).await?;
                Ok(Ok(applied(stranger.as_str(), format!("{account} is no longer linked to {name}"))))
            }
        }
    }
}

/// What a request waits for where every rule is somebody's.
pub(super) fn waits_for_a_rule(workspace: &str) -> String {
    format!("It waits for a free rule of {workspace}, which an operator prepares with steward federation setup")
}

fn applied(id: &str, done: String) -> Applied {
    Applied { id: id.to_owned(), done, was: None }
}

async fn note_link(
    store: &Store,
    tx: &mut Tx<'_>,
    (change, action, account, member_id): (&Change, &str, &Account, &str),
    at: Moment,
) -> Result<(), store::Error> {
    let detail = serde_json::json!({ "member": member_id, "change": change.id.to_string() });
    let act = Act { at, actor: "steward", action, about: &account.to_string(), detail };
    store.append(tx, &act).await?;
    Ok(())
}
