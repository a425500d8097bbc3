//! Who is told of what is spent: the channel of whose it is, or without one those who decide; the owner of a limit; and channels that
//! subscribed to warnings.

use std::sync::Arc;

use super::Audience;
use crate::change::Failure;
use crate::chat::{Message, Target};
use crate::clock::Moment;
use crate::domain::{Limit, LimitOrigin, LiveRules, PersonId, ReportKind, Scope, Subscription};
use crate::store::{Parcel, Store, Tx};

/// Knows whom to tell of what is spent.
#[derive(Clone)]
pub(super) struct SpendAudience {
    store: Store,
    rules: Arc<LiveRules>,
    audience: Audience,
}

impl SpendAudience {
    pub(super) fn new(store: Store, rules: Arc<LiveRules>, audience: Audience) -> Self {
        Self { store, rules, audience }
    }

    /// Where to tell it. This may ask the platforms, so it is done before a transaction begins.
    pub(super) async fn targets(&self, scope: &Scope) -> Result<Vec<Target>, Failure> {
        match self.channel_of(scope).await? {
            Some(channel) => Ok(vec![Target::Channel(channel)]),
            None => self.audience.targets().await,
        }
    }

    /// Other channels that subscribed to warnings, and whether people and keys may be named there. Where they may not, what is
    /// about a person or a key is not told at all: it names them.
    pub(super) async fn subscribed(
        &self,
        (scope, targets): (&Scope, &[Target]),
        now: Moment,
    ) -> Result<Vec<(Target, bool)>, Failure> {
        let is_personal = matches!(scope, Scope::Person(_) | Scope::Key(_));
        let wants =
            |it: &Subscription| it.kind == ReportKind::Warnings && !it.is_snoozed(now) && (it.names || !is_personal);
        let all = self.store.subscriptions().await?.into_iter().filter(wants);
        let channels = all.map(|it| (Target::Channel(it.channel), it.names));
        Ok(channels.filter(|(to, _)| !targets.contains(to)).collect())
    }

    /// Puts what each of them is told into the outbox, in the caller's transaction.
    pub(super) async fn tell_each(
        &self,
        tx: &mut Tx<'_>,
        (about, also): (&str, Vec<(Target, Message)>),
        at: Moment,
    ) -> Result<(), Failure> {
        for (to, message) in also {
            self.store.post(tx, about, &Parcel::Message { to, message: Box::new(message) }, at).await?;
        }
        Ok(())
    }

    async fn channel_of(&self, scope: &Scope) -> Result<Option<String>, Failure> {
        let workspace_id = match scope {
            Scope::Workspace(id) => Some(id.clone()),
            Scope::Key(id) => self.store.api_key(id).await?.and_then(|it| it.workspace_id),
            _ => None,
        };
        let Some(id) = workspace_id else { return Ok(None) };
        let workspace = self.store.workspace(&id).await?;
        Ok(workspace.and_then(|it| self.rules.now().place(&it.name).approvers_channel))
    }

    /// Whose it is: the person, the key's owner; else whoever set it.
    async fn owner(&self, limit: &Limit) -> Result<Option<PersonId>, Failure> {
        match &limit.terms.scope {
            Scope::Person(id) => Ok(Some(PersonId(id.clone()))),
            Scope::Key(id) => {
                let key = self.store.api_key(id).await?;
                Ok(self.store.owner_of_key(key.as_ref()).await?)
            }
            _ => Ok(match &limit.origin {
                LimitOrigin::Chat { by, .. } => Some(by.clone()),
                LimitOrigin::File => None,
            }),
        }
    }

    /// Puts both messages into the outbox, in the caller's transaction: one for the channel, one for the owner.
    pub(super) async fn tell(
        &self,
        tx: &mut Tx<'_>,
        (limit, targets): (&Limit, &[Target]),
        (channel, owner): (&Message, &Message),
        at: Moment,
    ) -> Result<(), Failure> {
        let about = format!("limit {}", limit.terms.id());
        self.audience.tell(tx, targets, (&about, channel), at).await?;
        let Some(person) = self.owner(limit).await? else { return Ok(()) };
        for account in self.store.reachable_in(tx, &person).await? {
            let to = Target::Direct(account);
            if !targets.contains(&to) {
                let parcel = Parcel::Message { to, message: Box::new(owner.clone()) };
                self.store.post(tx, &about, &parcel, at).await?;
            }
        }
        Ok(())
    }
}
