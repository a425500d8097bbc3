//! A key that somebody has seen where it should not be is switched off first, and asked about later.

use super::asker::Asker;
use super::concerned::Concerned;
use super::failure::Failure;
use super::link_news::tell_person;
use super::pipeline::{Pipeline, Proposed};
use crate::chat::Message;
use crate::clock::moment;
use crate::domain::{Decision, State, spoken_name};
use crate::store::{Act, ApiKeyRow, KeyRecord, Parcel, Pass};
use crate::view;
use crate::view::key::Leaked;

/// How many reports of one account are taken in a day; an admin's are all taken.
const MOST_A_DAY: i64 = 5;
const DAY_MS: i64 = 86_400_000;
/// What a report is called in the trail.
const REPORTED: &str = "key.leak_reported";

impl Pipeline {
    /// Switches these keys off, at once and whoever they belong to, and tells their owners and the admins.
    ///
    /// # Errors
    ///
    /// [`Failure::Stranger`] for whoever is nobody yet, [`Failure::Refused`] for whoever has reported too many today.
    pub async fn leak(&self, keys: Vec<ApiKeyRow>, by: &Asker) -> Result<Message, Failure> {
        if !by.linked && !by.rights.any() {
            return Err(Failure::Stranger);
        }
        let actor = by.account.to_string();
        let since = moment(self.clock.now().as_millisecond() - DAY_MS);
        if !by.may_break_glass() && self.store.count_acts(&actor, REPORTED, since).await? >= MOST_A_DAY {
            return Err(Failure::refused(
                format!("You have reported {MOST_A_DAY} times in a day, which is as many as are taken."),
                "Nothing was switched off. Tell an admin now; they can.",
            ));
        }
        if keys.is_empty() {
            self.note_report(&actor, "none").await?;
            return Ok(view::key::no_leak());
        }
        let mut ends = Vec::new();
        for key in &keys {
            self.note_report(&actor, &key.id).await?;
            let is_off = self.switch_off_leaked(key, &actor).await?;
            self.tell_of_leak(key, is_off, by).await?;
            ends.push(seen(key, is_off));
        }
        Ok(view::key::leaked(&ends))
    }

    async fn note_report(&self, actor: &str, about: &str) -> Result<(), Failure> {
        let act = Act { at: self.clock.now(), actor, action: REPORTED, about, detail: serde_json::json!({}) };
        let mut tx = self.store.begin().await?;
        self.store.append(&mut tx, &act).await?;
        Ok(self.store.commit(tx).await?)
    }

    /// True once the organization has confirmed that it is off. Otherwise it is tried again until it is.
    async fn switch_off_leaked(&self, key: &ApiKeyRow, actor: &str) -> Result<bool, Failure> {
        // What a limit has switched off is switched on again by itself, unless somebody has a say.
        let comes_back = !self.store.brakes_of_key(&key.id).await?.is_empty();
        if !comes_back && self.is_off(key).await? {
            return Ok(true);
        }
        match self.switch_off(&key.id, format!("it was reported as leaked by {actor}")).await? {
            Some(Proposed::Stands(change) | Proposed::Open(change)) => Ok(change.state == State::Applied),
            Some(_) => Ok(false),
            None => Ok(true),
        }
    }

    /// What the copy says to be off may have been switched on since, in the Console: the organization says. Where it does not
    /// answer, the copy has to do.
    async fn is_off(&self, key: &ApiKeyRow) -> Result<bool, Failure> {
        if key.status != "inactive" {
            return Ok(key.status != "active");
        }
        let Ok(now) = self.reader_for(true).api_key(&key.id).await else { return Ok(true) };
        let now = ApiKeyRow::from(now);
        let is_off = now.status != "active";
        self.store.write_page(&Pass::ApiKeys(vec![now]), self.clock.now()).await?;
        Ok(is_off)
    }

    async fn tell_of_leak(&self, key: &ApiKeyRow, is_off: bool, by: &Asker) -> Result<(), Failure> {
        let now = self.clock.now();
        let admins = self.card_targets(&Decision::one_admin(), &Concerned::default()).await?;
        let owner = self.store.owner_of_key(Some(key)).await?;
        let record = self.store.key_record(&key.id).await?;
        let message = view::key::leak_told(&seen(key, is_off), &by.account);
        let about = format!("leak {}", key.id);
        let mut tx = self.store.begin().await?;
        for to in admins {
            self.store.post(&mut tx, &about, &Parcel::Message { to, message: Box::new(message.clone()) }, now).await?;
        }
        if let Some(owner) = &owner {
            let message = view::key::leak_told_owner(&seen(key, is_off), &again(key, record.as_ref()));
            tell_person(&self.store, &mut tx, (owner, None), &message, now).await?;
        }
        Ok(self.store.commit(tx).await?)
    }
}

fn seen(key: &ApiKeyRow, is_off: bool) -> Leaked<'_> {
    Leaked { name: spoken_name(&key.name), hint: key.hint.as_deref().unwrap_or_default(), is_off }
}

/// The command that asks for a key like this one.
fn again<'a>(key: &'a ApiKeyRow, record: Option<&'a KeyRecord>) -> Vec<&'a str> {
    let mut words = vec!["key", "request"];
    if let Some(workspace) = key.workspace_id.as_deref() {
        words.extend(["--workspace", workspace]);
    }
    if let Some(record) = record {
        words.extend(["--purpose", &record.purpose, "--environment", record.environment.as_str()]);
    }
    if let Some(team) = record.and_then(|it| it.team.as_deref()) {
        words.extend(["--team", team]);
    }
    words.extend(["--name", spoken_name(&key.name)]);
    words
}
