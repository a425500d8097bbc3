//! The keys of the stock on their way: taken, offered, and what the ledger says of them kept with it.

use super::applied::Applied;
use super::asker::Asker;
use super::effect::Effect;
use super::failure::{Failure, upstream};
use super::key_issue::{IssueKey, IssueTerms};
use super::key_status::SwitchKey;
use super::ledger::CallEnd;
use super::local::{Local, OfferKey};
use super::pipeline::{Pipeline, Proposed, Request};
use super::proposal::Proposal;
use crate::chat::{Account, Standing, Target, Text};
use crate::clock::moment;
use crate::domain::{Called, Change, NamePattern, NameWords, spoken_name};
use crate::store::{Act, Claim, KeyRecord, Parcel, StockRow, StockState, Tx};
use crate::view;

/// How long a key waits to be revealed.
const OFFERED_MS: i64 = 24 * 3_600_000;
/// How long its owner may look again.
pub(super) const LOOK_MS: i64 = 15 * 60_000;
const DAY_MS: i64 = 86_400_000;

impl Pipeline {
    /// What only the configuration, and whoever asks, can say of a key that is asked for.
    ///
    /// # Errors
    ///
    /// [`Failure::Stranger`] for whoever is nobody yet; [`Failure::Refused`] for whoever has as many keys as they may.
    pub(super) async fn appraised_issue(&self, it: IssueKey, asker: &Asker) -> Result<IssueKey, Failure> {
        let Some(person) = asker.person.as_ref().filter(|_| asker.linked) else { return Err(Failure::Stranger) };
        let rules = self.rules.now();
        let most = rules.keys_per_person;
        if self.store.keys_to_be_of(&person.id).await? >= most {
            return Err(Failure::refused(
                format!(
                    "You have {most} API keys that work or that you have asked for, which is as many as one person may have."
                ),
                Text::plain("Nothing was changed. Give one back first; yours are in ").command("key list").then("."),
            ));
        }
        let workspace = self.store.workspace(&it.workspace_id).await?;
        let place = rules.place(workspace.as_ref().map_or("", |it| it.name.as_str()));
        let environment = it.environment.unwrap_or(place.environment);
        let words = NameWords {
            person: &person.name,
            purpose: &it.purpose,
            workspace: &place.name,
            environment: environment.as_str(),
        };
        let name = named(&it.name, place.key_name.as_ref(), words)?;
        let terms = IssueTerms {
            owner: Called { id: person.id.clone(), name: person.name.clone() },
            issuer: place.issuer,
            environment,
            mark: self.random.short(10),
            rotate_days: place.rotate_days,
            lifetime_s: place.token_lifetime_s,
        };
        Ok(IssueKey { name, terms: Some(terms), ..it })
    }

    /// A key in place of another one: everything but its age is as it was. Whose it is, is seen when it is weighed.
    ///
    /// # Errors
    ///
    /// [`Failure::Mistake`] for a key that nobody looks after, or that is of no workspace.
    pub(super) async fn appraised_rotation(&self, it: IssueKey) -> Result<IssueKey, Failure> {
        let key_id = it.replaces.clone().unwrap_or_default();
        let key = self.store.api_key(&key_id).await?;
        let record = self.store.key_record(&key_id).await?;
        let Some((key, record)) = key.zip(record) else {
            return Err(Failure::mistake(
                "Nobody asked Steward for this key, so it cannot put another one in its place.",
                Text::plain("Nothing was changed. Look after it first: ")
                    .command(format!("key adopt {key_id}"))
                    .then("."),
            ));
        };
        let Some(workspace) = self.store.workspace(key.workspace_id.as_deref().unwrap_or_default()).await? else {
            return Err(super::draft::no_such_workspace());
        };
        let name = self.store.person(&record.owner).await?.map_or_else(String::new, |it| it.name);
        let place = self.rules.now().place(&workspace.name);
        let terms = IssueTerms {
            owner: Called { id: record.owner, name },
            issuer: place.issuer,
            environment: record.environment,
            mark: self.random.short(10),
            rotate_days: place.rotate_days,
            lifetime_s: place.token_lifetime_s,
        };
        Ok(IssueKey {
            workspace_id: workspace.id,
            name: spoken_name(&key.name).to_owned(),
            purpose: record.purpose,
            team: record.team,
            environment: Some(record.environment),
            replaces: Some(key_id),
            terms: Some(terms),
        })
    }

    /// A change of Steward's own books, in the caller's transaction. The inner error says how it ended instead; nothing was written then.
    pub(super) async fn apply_own(
        &self,
        tx: &mut Tx<'_>,
        local: &Local,
        change: &Change,
    ) -> Result<Result<Applied, CallEnd>, Failure> {
        match local {
            Local::ClaimKey { workspace_id, workspace, owner, mark } => {
                let claim = Claim { mark, change: change.id.number(), owner: &owner.id };
                let Some(key_id) = self.store.claim_stock(tx, workspace_id, claim, self.since).await? else {
                    let at = moment(self.clock.now().as_millisecond() + 15_000);
                    let why = format!("The stock of {workspace} is being looked up; it goes on by itself.");
                    return Ok(Err(CallEnd::Later(at, why)));
                };
                self.note_key(tx, ("key.claimed", &key_id), change.id.number()).await?;
                Ok(Ok(Applied { done: format!("a key of the stock of {workspace} was taken"), id: key_id, was: None }))
            }
            Local::GrantToken(grant) => self.grant_token(tx, grant, change).await,
            Local::SwitchToken { id, from, to, .. } => {
                Ok(self.switch_token(tx, (id, from, to), change).await?.map_err(CallEnd::Failed))
            }
            Local::SwitchTokens(it) => self.switch_tokens(tx, it, change).await.map(Ok),
            Local::OfferKey(offer) => Ok(self.offer(tx, offer, change).await?.map_err(CallEnd::Failed)),
            Local::AwaitKey(offer) => self.await_key(tx, offer, change).await.map(Ok),
            Local::TakeKey(offer) => Ok(self.take_key(tx, offer, change).await?.map_err(CallEnd::Failed)),
            _ => Ok(local.apply(&self.store, tx, change, self.clock.now()).await?.map_err(CallEnd::Failed)),
        }
    }

    async fn offer(
        &self,
        tx: &mut Tx<'_>,
        offer: &OfferKey,
        change: &Change,
    ) -> Result<Result<Applied, String>, Failure> {
        let OfferKey { owner, workspace, name, purpose, environment, mark, rotate_days, .. } = offer;
        let now = self.clock.now();
        let until = moment(now.as_millisecond() + OFFERED_MS);
        let gone = || Ok(Err("The key that was taken from the stock cannot be offered.".to_owned()));
        let Some(row) = self.store.claimed_stock(mark).await? else { return gone() };
        if !row.is_genuine || row.owner.as_ref() != Some(&owner.id) || !self.store.offer_stock(tx, mark, until).await? {
            return gone();
        }
        let record = KeyRecord {
            key_id: row.key_id.clone(),
            owner: owner.id.clone(),
            team: offer.team.clone(),
            purpose: purpose.clone(),
            environment: *environment,
            change: Some(change.id.number()),
            since: now,
            rotate_at: Some(moment(now.as_millisecond() + rotate_days * DAY_MS)),
        };
        self.store.keep_key_record(tx, &record).await?;
        self.note_key(tx, ("key.offered", &row.key_id), change.id.number()).await?;
        let message = view::key::offered(&change.id, (name, workspace), until);
        let to = Target::Direct(change.asked.asker_account.clone());
        let parcel = Parcel::Message { to, message: Box::new(message) };
        self.store.post(tx, &format!("key {}", row.key_id), &parcel, now).await?;
        Ok(Ok(Applied { done: format!("{} can reveal it", owner.name), id: row.key_id, was: None }))
    }

    /// A key of the stock that is not free in the organization is never issued, whatever this database says: an older copy of it
    /// may have been put back.
    pub(super) async fn not_free_after_all(&self, effect: &Effect) -> Result<Option<CallEnd>, Failure> {
        let Effect::NameKey(it) = effect else { return Ok(None) };
        let trouble = match it.objection(&self.reader).await {
            Ok(None) => return Ok(None),
            Ok(Some(trouble)) => trouble,
            Err(error) => {
                let at = moment(self.clock.now().as_millisecond() + 15_000);
                return Ok(Some(CallEnd::Later(at, upstream(&error))));
            }
        };
        let key_id = it.key_id.as_deref().unwrap_or_default();
        let now = self.clock.now();
        let mut tx = self.store.begin().await?;
        self.store.refuse_stock(&mut tx, key_id, trouble, now).await?;
        self.store.commit(tx).await?;
        Ok(Some(CallEnd::Failed(
            "The key that was taken from the stock is not free in the organization, so it is not issued. Ask again: another \
             one is taken then."
                .into(),
        )))
    }

    /// Keeps what a call made of a key of the stock, together with the ledger.
    pub(super) async fn keep_stock(
        &self,
        tx: &mut Tx<'_>,
        (number, effect): (i64, &Effect),
        applied: &Applied,
    ) -> Result<(), Failure> {
        let now = self.clock.now();
        match effect {
            Effect::ParkKey(_) => {
                self.store.stock_parked(tx, &applied.id, now).await?;
            }
            Effect::HandOver(it) if applied.was.as_deref() == Some("active") => {
                // Its owner may not have seen it yet: Anthropic may have answered long after they asked.
                let until = moment(now.as_millisecond() + OFFERED_MS);
                if self.store.reveal_stock(tx, &applied.id, until).await? {
                    self.note_key(tx, ("key.switched_on", &applied.id), number).await?;
                    if let Some(old) = &it.replaces {
                        self.store.key_replaced(tx, (old, &applied.id), now).await?;
                        self.note_key(tx, ("key.replaced", old), number).await?;
                    }
                }
            }
            Effect::HandOver(_) if self.store.erase_stock(tx, &applied.id).await? => {
                self.note_key(tx, ("key.erased", &applied.id), number).await?;
            }
            _ => {}
        }
        Ok(())
    }

    pub(super) async fn note_key(
        &self,
        tx: &mut Tx<'_>,
        (action, key_id): (&str, &str),
        number: i64,
    ) -> Result<(), Failure> {
        let detail = serde_json::json!({ "change": number });
        let act = Act { at: self.clock.now(), actor: "steward", action, about: key_id, detail };
        self.store.append(tx, &act).await?;
        Ok(())
    }

    /// Erases the secrets whose time is over. Answers how many those were.
    ///
    /// # Errors
    ///
    /// The first [`Failure`] of the database; what it kept from being erased is erased the next time.
    pub async fn erase_secrets(&self) -> Result<usize, Failure> {
        let (mut erased, mut failed) = (0, None);
        for row in self.store.stock_to_erase(self.clock.now()).await? {
            match self.erase_secret(&row).await {
                Ok(()) => erased += 1,
                Err(failure) => failed = failed.or(Some(failure)),
            }
        }
        failed.map_or(Ok(erased), Err)
    }

    async fn erase_secret(&self, row: &StockRow) -> Result<(), Failure> {
        if row.state == StockState::Revealed && row.seen_at.is_none() {
            // It was switched on when its owner asked to see it, and nobody has it: they did not look again. Asked for before
            // anything is erased: should this process die in between, the secret that is still there has it asked for again.
            let reason = "it was switched on, and its owner never looked at it".to_owned();
            self.switch_off(&row.key_id, reason).await?;
        }
        let mut tx = self.store.begin().await?;
        if self.store.erase_stock(&mut tx, &row.key_id).await? {
            let detail = serde_json::json!({ "revealed": row.state == StockState::Revealed });
            let act = Act { at: self.clock.now(), actor: "steward", action: "key.erased", about: &row.key_id, detail };
            self.store.append(&mut tx, &act).await?;
        }
        Ok(self.store.commit(tx).await?)
    }

    /// Steward itself asks to switch a key off. None: it is off already, or gone for good.
    pub(super) async fn switch_off(&self, key_id: &str, reason: String) -> Result<Option<Proposed>, Failure> {
        self.switch(SwitchKey::to(key_id, "inactive"), reason).await
    }

    /// Steward itself asks to bring a key into another state. None: it is in it already, or gone for good.
    ///
    /// # Errors
    ///
    /// Any other [`Failure`] of a request.
    pub async fn switch(&self, switch: SwitchKey, reason: String) -> Result<Option<Proposed>, Failure> {
        let account = Account::steward();
        let rules = self.rules.now();
        let asker = Asker::meet(&self.store, &rules, &account, Standing::default(), self.clock.now()).await?;
        let key = self.store.api_key(&switch.key_id).await?;
        // Nobody types anything here.
        let confirmed = key.map(|it| spoken_name(&it.name).to_owned());
        let request = Request { reason: Some(reason), confirmed, ..Request::of(Proposal::KeyStatus(switch)) };
        match Box::pin(self.propose(request, &asker)).await {
            Ok(proposed) => Ok(Some(proposed)),
            Err(Failure::Mistake { .. }) => Ok(None),
            Err(failure) => Err(failure),
        }
    }

    /// True for a key that its owner has just seen, and for access by tokens, of which they are told how to use it: they need not
    /// be told that it works.
    pub(super) async fn was_revealed(&self, number: i64) -> Result<bool, Failure> {
        let is_granted = self.store.token_rule_of(number).await?.is_some();
        Ok(is_granted || self.store.stock_of(number).await?.is_some_and(|it| it.state == StockState::Revealed))
    }
}

/// What a key is called: as asked, if keys there may be called so, and by the pattern if nobody said.
fn named(asked: &str, pattern: Option<&NamePattern>, words: NameWords<'_>) -> Result<String, Failure> {
    match pattern {
        _ if asked.is_empty() => Ok(pattern.cloned().unwrap_or_default().fill(words)),
        Some(pattern) if !pattern.fits(asked, words) => Err(Failure::mistake(
            format!("API keys of {} are called {pattern}, such as {}.", words.workspace, pattern.fill(words)),
            "Nothing was asked for. Give it such a name, or none.",
        )),
        _ => Ok(asked.to_owned()),
    }
}
