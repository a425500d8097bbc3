//! Keys that somebody makes in the Console: what they are told, and what becomes of the key once it was recognized.

use super::applied::Applied;
use super::failure::Failure;
use super::local::OfferKey;
use super::pipeline::Pipeline;
use crate::chat::Target;
use crate::clock::moment;
use crate::domain::{Change, marked_name};
use crate::store::{KeyClaim, KeyRecord, Parcel, Tx};
use crate::view;

const DAY_MS: i64 = 86_400_000;
/// So long a key is looked for.
const LOOKED_FOR_DAYS: i64 = 7;

impl Pipeline {
    /// From now on a key of this name is looked for, and whoever asked is told how to make it.
    pub(super) async fn await_key(
        &self,
        tx: &mut Tx<'_>,
        offer: &OfferKey,
        change: &Change,
    ) -> Result<Applied, Failure> {
        let now = self.clock.now();
        let claim = KeyClaim {
            mark: offer.mark.clone(),
            change: change.id.number(),
            workspace_id: offer.workspace_id.clone(),
            name: marked_name(&offer.name, &offer.mark),
            owner: offer.owner.id.clone(),
            since: now,
            until: moment(now.as_millisecond() + LOOKED_FOR_DAYS * DAY_MS),
            key_id: None,
        };
        self.store.claim_key(tx, &claim).await?;
        let message = view::key::to_be_made((&claim.name, &offer.workspace), claim.until);
        let to = Target::Direct(change.asked.asker_account.clone());
        let parcel = Parcel::Message { to, message: Box::new(message) };
        self.store.post(tx, &format!("claim {}", claim.mark), &parcel, now).await?;
        Ok(Applied { done: format!("{} was told how to make it", offer.owner.name), id: String::new(), was: None })
    }

    /// The recognized key is theirs from now on. The inner error says why not.
    pub(super) async fn take_key(
        &self,
        tx: &mut Tx<'_>,
        offer: &OfferKey,
        change: &Change,
    ) -> Result<Result<Applied, String>, Failure> {
        let found = self.store.key_claim(&offer.mark).await?;
        let found = found.filter(|it| it.change == change.id.number() && it.owner == offer.owner.id);
        let Some(key_id) = found.and_then(|it| it.key_id) else {
            return Ok(Err("The key that was recognized cannot be taken.".to_owned()));
        };
        let now = self.clock.now();
        let record = KeyRecord {
            key_id: key_id.clone(),
            owner: offer.owner.id.clone(),
            team: offer.team.clone(),
            purpose: offer.purpose.clone(),
            environment: offer.environment,
            change: Some(change.id.number()),
            since: now,
            rotate_at: Some(moment(now.as_millisecond() + offer.rotate_days * DAY_MS)),
        };
        self.store.keep_key_record(tx, &record).await?;
        self.note_key(tx, ("key.recognized", &key_id), change.id.number()).await?;
        if let Some(old) = &offer.replaces {
            self.store.key_replaced(tx, (old, &key_id), now).await?;
            self.note_key(tx, ("key.replaced", old), change.id.number()).await?;
        }
        let done = format!("the API key {} was recognized, and is {}'s", offer.name, offer.owner.name);
        Ok(Ok(Applied { done, id: key_id, was: None }))
    }
}
