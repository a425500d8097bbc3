//! Delivers messages that nobody waits for. At least once, in order per subject, each card rendered as it stands when it goes.

use std::sync::Arc;

use crate::change::Failure;
use crate::chat::{Message, Messenger, Platform, Receipt, SendError, Target};
use crate::clock::{Clock, moment};
use crate::domain::{Approver, Change, Decision, Leaver, LiveRules, RoleMapFrom, Rules, State};
use crate::random::Random;
use crate::store::{Act, ApiKeyRow, Error, Notice, OutboxRow, Parcel, RequestFilter, Sent, Store};
use crate::view::{self, leaver::LeftBehind};

/// How long a worker keeps a parcel. Longer than any send may take.
const HOLD_MS: i64 = 60_000;
/// The first pause after a failed send; it doubles up to an hour.
const FIRST_PAUSE_MS: i64 = 2_000;
const MOST_PAUSE_MS: i64 = 3_600_000;
/// More requests than anybody has open.
const MOST_REQUESTS: i64 = 1_000;
/// A drain ends after so many parcels, so that it cannot run for ever.
const MOST_PARCELS: usize = 10_000;

/// The messengers, by platform.
#[derive(Clone, Default)]
pub struct Messengers(Vec<(Platform, Arc<dyn Messenger>)>);

impl Messengers {
    /// The same, with one more platform.
    #[must_use]
    pub fn with(mut self, platform: Platform, messenger: Arc<dyn Messenger>) -> Self {
        self.0.push((platform, messenger));
        self
    }

    fn named(&self, platform: &str) -> Option<&dyn Messenger> {
        self.0.iter().find(|(it, _)| it.as_str() == platform).map(|(_, messenger)| &**messenger)
    }

    fn of(&self, target: &Target) -> Option<&dyn Messenger> {
        match target {
            Target::Channel(channel) => self.named(channel.split(':').next().unwrap_or_default()),
            Target::Direct(account) => self.named(account.platform().as_str()),
        }
    }
}

/// Takes parcels from the store and delivers them.
pub struct Outbox {
    store: Store,
    clock: Clock,
    random: Random,
    rules: Arc<LiveRules>,
    messengers: Messengers,
}

impl Outbox {
    /// An outbox that delivers through `messengers`.
    #[must_use]
    pub fn new(store: Store, clock: Clock, random: Random, rules: Arc<LiveRules>, messengers: Messengers) -> Self {
        Self { store, clock, random, rules, messengers }
    }

    /// Delivers everything that is due. Answers how many parcels were taken.
    ///
    /// # Errors
    ///
    /// Any [`Failure`] of the database; parcels stay where they are.
    pub async fn drain(&self) -> Result<usize, Failure> {
        for taken in 0..MOST_PARCELS {
            let now = self.clock.now();
            let until = moment(now.as_millisecond() + HOLD_MS);
            let Some(row) = self.store.take_parcel(now, until).await? else { return Ok(taken) };
            self.deliver(&row).await?;
        }
        Ok(MOST_PARCELS)
    }

    async fn deliver(&self, row: &OutboxRow) -> Result<(), Failure> {
        match self.attempt(row).await {
            Ok(Ok(())) => self.done(row, None).await,
            Ok(Err(SendError::Later { after_ms, code })) => {
                let doubled = FIRST_PAUSE_MS << row.attempts.clamp(1, 12).saturating_sub(1);
                let pause = doubled.min(MOST_PAUSE_MS).max(i64::try_from(after_ms).unwrap_or(MOST_PAUSE_MS));
                let due = moment(self.clock.now().as_millisecond() + pause);
                Ok(self.store.parcel_later(row, due, &code).await?)
            }
            Ok(Err(SendError::Closed { code })) => {
                tracing::warn!(parcel = row.id, %code, "a message cannot be delivered");
                self.done(row, Some(&code)).await
            }
            // What cannot be read now cannot be read later, and must not hold up the rest. A broken file is everybody's trouble.
            Err(Error::Corrupt(what)) if what != "file" => self.unreadable(row, what).await,
            Err(error) => Err(error.into()),
        }
    }

    async fn attempt(&self, row: &OutboxRow) -> Result<Result<(), SendError>, Error> {
        match row.parcel.as_ref().ok_or(Error::Corrupt("outbox.body"))? {
            Parcel::Card { number, to } => match self.store.change_numbered(*number).await? {
                Some(change) => self.send(row, to, self.card(&change).await?, Some(*number)).await,
                None => Ok(Ok(())),
            },
            Parcel::Reminder { number, to } => match self.store.change_numbered(*number).await? {
                Some(change) if change.state == State::Waiting => {
                    // It goes to the one who is to decide: no group is called.
                    let card = view::card(&change, &[], &self.store.questions(*number).await?);
                    self.send(row, to, view::reminder(card), Some(*number)).await
                }
                _ => Ok(Ok(())),
            },
            Parcel::Refresh { number } => match self.store.change_numbered(*number).await? {
                Some(change) => self.refresh(&change).await,
                None => Ok(Ok(())),
            },
            Parcel::Notice { notice, to } => match self.notice(notice).await? {
                Some(message) => self.send_notice(row, (notice, to), message).await,
                None => Ok(Ok(())),
            },
            Parcel::NoticeRefresh { notice } => match self.notice(notice).await? {
                Some(message) => self.show_anew(&self.store.notice_receipts(&notice.about()).await?, message).await,
                None => Ok(Ok(())),
            },
            Parcel::Message { to, message } => self.send(row, to, (**message).clone(), None).await,
            // The store does not hand those out here; should it ever, they stay where they are.
            Parcel::Entries { .. } => Ok(Err(SendError::Later { after_ms: 60_000, code: "no_message".into() })),
        }
    }

    /// Gives a parcel up that nobody can read, and leaves that in the trail.
    async fn unreadable(&self, row: &OutboxRow, what: &str) -> Result<(), Failure> {
        tracing::error!(parcel = row.id, what, "a message cannot be read, and is given up");
        let at = self.clock.now();
        let detail = serde_json::json!({ "parcel": row.id, "what": what });
        let act = Act { at, actor: "steward", action: "outbox.unreadable", about: &row.about, detail };
        let mut tx = self.store.begin().await?;
        if self.store.parcel_done(&mut tx, row, Some("unreadable"), at).await? {
            self.store.append(&mut tx, &act).await?;
        }
        Ok(self.store.commit(tx).await?)
    }

    /// A message as it leaves the house: every button stored, every command as people type it.
    async fn stowed(&self, message: Message) -> Result<Message, Error> {
        let mut message = message.rooted(&self.rules.now().command);
        let mut tx = self.store.begin().await?;
        self.store.stow(&mut tx, &mut message, &self.random, self.clock.now()).await?;
        self.store.commit(tx).await?;
        Ok(message)
    }

    /// Hands a message to its platform.
    async fn hand_over(&self, to: &Target, message: Message) -> Result<Result<Receipt, SendError>, Error> {
        let message = self.stowed(message).await?;
        Ok(match self.messengers.of(to) {
            Some(messenger) => messenger.send(to, &message).await,
            None => Err(SendError::Closed { code: "no_such_platform".into() }),
        })
    }

    /// What is said of a notice as it stands now; none if there is nothing to say.
    async fn notice(&self, notice: &Notice) -> Result<Option<Message>, Error> {
        match notice {
            Notice::Drift(number) => match self.store.drift(*number).await? {
                Some(drift) => {
                    let names = [drift.difference.thing.id.as_str(), drift.difference.label.as_str()];
                    let by = self.store.who_did(names, drift.found_at).await?;
                    Ok(Some(view::drift::card(&drift, by.as_deref())))
                }
                None => Ok(None),
            },
            Notice::Leaver(person) => match self.store.leaver(person).await? {
                Some(leaver) => Ok(Some(view::leaver::card(&leaver, &self.left_behind(&leaver).await?))),
                None => Ok(None),
            },
        }
    }

    /// What is somebody's, as the directory and the books have it.
    async fn left_behind(&self, leaver: &Leaver) -> Result<LeftBehind, Error> {
        let asked = self.store.requests(&RequestFilter::AskedBy(leaver.person.clone()), MOST_REQUESTS).await?;
        let requests = asked.iter().filter(|it| it.state.is_open()).count();
        let Some(member) = &leaver.member else { return Ok(LeftBehind { requests, ..LeftBehind::default() }) };
        let keys = self.store.keys_of(member).await?;
        let own = |it: &ApiKeyRow| it.kind == "personal" && it.owner_id.as_ref() == Some(member);
        let (personal, made): (Vec<_>, Vec<_>) =
            keys.iter().filter(|it| it.status != "expired").partition(|it| own(it));
        let workspaces = self.store.workspaces_of(member).await?;
        Ok(LeftBehind {
            dies: personal.iter().map(|it| format!("{} ({})", it.name, it.status)).collect(),
            survives: made.iter().filter(|it| it.kind != "personal").count(),
            workspaces: workspaces.iter().map(|(it, role)| format!("{} ({role})", it.name)).collect(),
            requests,
        })
    }

    /// Sends a notice's card and keeps its receipt, with the parcel's end in the same transaction.
    async fn send_notice(
        &self,
        row: &OutboxRow,
        (notice, to): (&Notice, &Target),
        message: Message,
    ) -> Result<Result<(), SendError>, Error> {
        let receipt = match self.hand_over(to, message).await? {
            Ok(receipt) => receipt,
            Err(error) => return Ok(Err(error)),
        };
        let now = self.clock.now();
        let mut tx = self.store.begin().await?;
        self.store.keep_notice_receipt(&mut tx, (&notice.about(), to), &receipt, now).await?;
        self.store.parcel_done(&mut tx, row, None, now).await?;
        self.store.commit(tx).await?;
        Ok(Ok(()))
    }

    /// Sends one message and keeps its receipt, with the parcel's end in the same transaction.
    async fn send(
        &self,
        row: &OutboxRow,
        to: &Target,
        message: Message,
        card_of: Option<i64>,
    ) -> Result<Result<(), SendError>, Error> {
        let now = self.clock.now();
        let receipt = match self.hand_over(to, message).await? {
            Ok(receipt) => receipt,
            Err(error) => return Ok(Err(error)),
        };
        let mut tx = self.store.begin().await?;
        if let Some(number) = card_of {
            let reminder = matches!(row.parcel, Some(Parcel::Reminder { .. })).then_some(row.id);
            self.store.keep_receipt(&mut tx, Sent { number, to, reminder, receipt: &receipt, at: now }).await?;
        }
        self.store.parcel_done(&mut tx, row, None, now).await?;
        self.store.commit(tx).await?;
        Ok(Ok(()))
    }

    /// Shows every card of a change anew.
    async fn refresh(&self, change: &Change) -> Result<Result<(), SendError>, Error> {
        self.show_anew(&self.store.receipts(change.id.number()).await?, self.card(change).await?).await
    }

    /// Changes what was sent. The first that has to wait makes the whole parcel wait; edits may be repeated.
    async fn show_anew(&self, receipts: &[Receipt], message: Message) -> Result<Result<(), SendError>, Error> {
        for receipt in receipts {
            let message = self.stowed(message.clone()).await?;
            let Some(messenger) = self.messengers.named(&receipt.platform) else { continue };
            match messenger.edit(receipt, &message).await {
                Ok(()) => {}
                Err(later @ SendError::Later { .. }) => return Ok(Err(later)),
                // The message was deleted, or its channel: nothing left to change there.
                Err(SendError::Closed { code }) => {
                    tracing::warn!(%code, "a card cannot be changed any more");
                }
            }
        }
        Ok(Ok(()))
    }

    async fn card(&self, change: &Change) -> Result<Message, Error> {
        let questions = self.store.questions(change.id.number()).await?;
        Ok(view::card(change, &approver_groups(&self.rules.now(), change), &questions))
    }

    async fn done(&self, row: &OutboxRow, trouble: Option<&str>) -> Result<(), Failure> {
        let mut tx = self.store.begin().await?;
        self.store.parcel_done(&mut tx, row, trouble, self.clock.now()).await?;
        Ok(self.store.commit(tx).await?)
    }
}

/// The chat groups whose members may give the next approval, to be mentioned on the card.
fn approver_groups(rules: &Rules, change: &Change) -> Vec<String> {
    let Decision::Approvals(asked) = &change.asked.decision else { return Vec::new() };
    let mut groups: Vec<String> = Vec::new();
    for approver in asked.next(change.approvals.len()) {
        add_groups(rules, approver, &mut groups);
    }
    groups.sort();
    groups.dedup();
    groups
}

fn add_groups(rules: &Rules, approver: &Approver, groups: &mut Vec<String>) {
    match approver {
        Approver::Named(name) if name.contains("-group:") || name.contains("-role:") => groups.push(name.clone()),
        Approver::Named(_) | Approver::ClaudeRole(_) | Approver::OfWorkspace => {}
        Approver::Any(several) => several.iter().for_each(|it| add_groups(rules, it, groups)),
        Approver::Role(role) => {
            let mapped = rules.role_map.entries.iter().filter(|it| it.workspace.is_none() && it.role.as_str() == role);
            groups.extend(
                mapped.filter_map(
                    |it| {
                        if let RoleMapFrom::Group(group) = &it.from { Some(group.clone()) } else { None }
                    },
                ),
            );
        }
    }
}
