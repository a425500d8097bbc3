//! What must hold of everything that the audit trail says took effect. Reads the trail entry by entry, at the moment of each.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use steward::chat::{Account, Kind};
use steward::domain::AuditEntry;
use steward::store::EffectState;

use super::configurations::Need;
use super::model::{Far, Granted, Model, StandsIn, Tie, has_moved};
use crate::stage::Stage;

/// A yes that somebody said.
struct Yes {
    account: Account,
    /// Everything that the account went by then.
    names: BTreeSet<String>,
    overrides: bool,
    in_place: Option<String>,
}

/// A request, as it was when it was made.
struct Request {
    kind: String,
    body: Value,
    account: Account,
    /// Everything that the asker went by then.
    names: BTreeSet<String>,
    need: Need,
    given: Vec<Yes>,
    calls: BTreeSet<i64>,
    is_applied: bool,
}

/// Judges a stage, from its first entry on.
pub(super) struct Law {
    pub(super) model: Model,
    requests: BTreeMap<String, Request>,
    /// How many changes took effect.
    pub(super) effects: usize,
    /// How many of them somebody else had agreed to.
    pub(super) agreed: usize,
    /// Calls that changed the organization, and calls that were justified.
    remote: usize,
    /// Calls that were justified and may not be made yet: the change and the call, by number.
    begun: BTreeSet<(i64, i64)>,
    seq: i64,
}

impl Law {
    pub(super) fn new(model: Model) -> Self {
        Self { model, requests: BTreeMap::new(), effects: 0, agreed: 0, remote: 0, begun: BTreeSet::new(), seq: 0 }
    }

    /// Judges whatever is new in the trail.
    pub(super) async fn judge(&mut self, stage: &Stage) {
        let wanted = steward::store::Trail { after_seq: Some(self.seq), limit: 10_000, ..Default::default() };
        for entry in stage.house.store.trail(&wanted).await.unwrap() {
            self.seq = entry.seq;
            self.model.now_ms = entry.at.as_millisecond();
            self.judge_entry(stage, &entry).await;
        }
        self.model.now_ms = stage.clock.now().as_millisecond();
    }

    async fn judge_entry(&mut self, stage: &Stage, entry: &AuditEntry) {
        let (kind, step) = entry.action.rsplit_once('.').unwrap();
        let detail: Value = serde_json::from_str(&entry.detail).unwrap();
        let account: Option<Account> = entry.actor.parse().ok();
        if kind == "query" || entry.action == "link.paused" || kind == "configuration" {
            return;
        }
        // Whatever is told to end by itself takes something away and gives nothing.
        let by_itself = matches!(step, "ended" | "expired" | "lapsed");
        // Whoever's address changed may show anew who they are, or ask to be taken for it.
        let shows_themselves =
            entry.action == "link.made" && entry.actor == entry.about || entry.action == "link.asked";
        // Whoever asked for something may let it go, also from an account that is held back: it gives nobody anything.
        let takes_back = step == "withdrawn";
        if takes_back {
            let account = account.as_ref().expect("somebody withdraws");
            let asked = &self.requests[&entry.about];
            let names = self.model.names(account);
            assert!(!names.is_disjoint(&asked.names), "{account} took back what {} asked for", asked.account);
            assert_eq!(self.model.standing(account).kind, Kind::Person, "{account} took {} back", entry.about);
        }
        if let Some(account) = account.as_ref().filter(|_| !by_itself && !takes_back) {
            let may = self.model.is_alive(account) || (shows_themselves && self.model.may_show_themselves(account));
            assert!(may, "{account} did {} while nothing is theirs to do", entry.action);
        }
        match (kind, step) {
            ("link", "made" | "removed" | "suspended") => self.linked(entry, &detail, account),
            ("grant" | "delegation", "given" | "ended") => {
                self.booked(stage, entry, &detail).await;
            }
            (_, "asked") => self.asked(stage, entry, account.unwrap()).await,
            (_, "approved") => self.approved(entry, &detail, account),
            (_, "sending") => self.sending(stage, entry, &detail).await,
            (_, "applied") => {
                let request = self.requests.get_mut(&entry.about).expect("what was applied was asked for");
                assert!(!request.is_applied, "{} was applied twice", entry.about);
                assert!(!request.calls.is_empty(), "{} was applied without a call", entry.about);
                request.is_applied = true;
            }
            _ => {}
        }
        if let Some(account) = entry.actor.parse().ok().filter(|_| matches!(step, "asked" | "approved" | "denied")) {
            self.model.meet(&account);
        }
    }

    async fn asked(&mut self, stage: &Stage, entry: &AuditEntry, account: Account) {
        let change = stage.change(&entry.about).await;
        let kind = change.asked.kind.to_string();
        let body: Value = serde_json::from_str(&change.asked.body).unwrap();
        let need = self.model.need(&account, &kind, &body);
        assert!(need != Need::Refused, "{account} may not ask for {kind} {body}");
        let names = self.model.names(&account);
        let request =
            Request { kind, body, account, names, need, given: Vec::new(), calls: BTreeSet::new(), is_applied: false };
        assert!(self.requests.insert(entry.about.clone(), request).is_none());
    }

    fn approved(&mut self, entry: &AuditEntry, detail: &Value, account: Option<Account>) {
        let request = self.requests.get_mut(&entry.about).expect("what was approved was asked for");
        let Some(account) = account else {
            assert_eq!(request.need, Need::AtOnce, "{} {} went at once: {}", entry.about, request.kind, request.body);
            return;
        };
        let in_place = detail.pointer("/in_place/delegation").and_then(Value::as_i64).map(|it| format!("D{it}"));
        let names = self.model.names(&account);
        let yes = Yes { account, names, overrides: detail["overrides"] == true, in_place };
        assert_eq!(objection(&self.model, request, &yes), None, "{} at the press", entry.about);
        request.given.push(yes);
    }

    /// The moment at which something happens: everybody is looked at anew.
    async fn sending(&mut self, stage: &Stage, entry: &AuditEntry, detail: &Value) {
        let number = entry.about[1..].split('-').next().unwrap().parse().unwrap();
        let position = detail["call"].as_i64().unwrap();
        let effects = stage.house.store.effects(number).await.unwrap();
        let effect = effects.iter().find(|it| it.position == position).expect("a call");
        let effect: Value = serde_json::from_str(&effect.body).unwrap();
        let model = &mut self.model;
        let request = self.requests.get_mut(&entry.about).expect("what is sent was asked for");
        let is_first = request.calls.insert(position);
        assert!(is_first || detail["attempt"].as_i64() > Some(1), "call {position} of {} was sent twice", entry.about);
        let told = format!("{} {} by {}: {}", entry.about, request.kind, request.account, request.body);
        let shows = request.kind == "link" && model.may_show_themselves(&request.account);
        assert!(model.is_alive(&request.account) || shows, "the asker has no right at the moment of {told}");
        assert!(model.right(&request.account, &request.body) > Far::No, "the asker may not ask any more: {told}");
        match request.need {
            Need::Yes(count, _) => {
                let mut people = BTreeSet::new();
                let mut enough = 0;
                let mut broken = false;
                for yes in &request.given {
                    if let Some(why) = objection(model, request, yes) {
                        panic!("{} no longer counts ({why}): {told}", yes.account);
                    }
                    let fresh = yes.names.iter().all(|it| people.insert(it.clone()));
                    enough += usize::from(fresh);
                    broken |= yes.overrides;
                }
                assert!(enough >= count || (broken && enough > 0), "{enough} of {count} have agreed to {told}");
                self.agreed += 1;
            }
            Need::AtOnce => {
                let now = model.need(&request.account, &request.kind, &request.body);
                assert_eq!(now, Need::AtOnce, "at once, but no longer: {told}");
            }
            Need::Refused => panic!("refused: {told}"),
        }
        // Tried again, because it was not made: judged anew, and counted once.
        if !is_first {
            return;
        }
        self.effects += 1;
        let person = effect["person"].as_str().unwrap_or_default();
        match effect.pointer("/local").or_else(|| effect.pointer("/effect/local")).and_then(Value::as_str) {
            Some("suspend_links") => hold(&mut model.ties, person, None, Some("frozen")),
            Some("restore_links") => hold(&mut model.ties, person, Some("frozen"), None),
            Some(_) => {}
            None => {
                self.begun.insert((number, position));
            }
        }
    }

    /// A line of the books about a grant or a delegation.
    async fn booked(&mut self, stage: &Stage, entry: &AuditEntry, detail: &Value) {
        let id = entry.about.clone();
        let is_grant = entry.action.starts_with("grant");
        if entry.action.ends_with("ended") {
            self.model.grants.remove(&id);
            self.model.delegations.remove(&id);
            return;
        }
        let text = |at: &str| detail[at].as_str().map(ToOwned::to_owned);
        let request = &self.requests[&text("change").unwrap()];
        assert!(!request.calls.is_empty(), "{id} was written down without a call");
        assert_eq!(request.kind, if is_grant { "grant.give" } else { "policy.delegate" });
        let terms = &request.body["terms"];
        if is_grant {
            assert_eq!((&terms["holder"]["id"], &terms["permission"]), (&detail["person"], &detail["permission"]));
            let kept = stage.house.store.kept_grants().await.unwrap();
            let kept = kept.into_iter().find(|it| it.grant.id() == id);
            let until = kept.and_then(|it| it.grant.terms.until).map_or(i64::MAX, |it| it.at.as_millisecond());
            let granted =
                Granted { person: text("person").unwrap(), permission: text("permission").unwrap(), until_ms: until };
            self.model.grants.insert(id, granted);
            return;
        }
        assert_eq!((&terms["from"]["id"], &terms["to"]["id"]), (&detail["from"], &detail["to"]));
        let day = |at: &str| -> i64 {
            let at: steward::clock::Moment = format!("{}T00:00:00Z", text(at).unwrap()).parse().unwrap();
            at.as_millisecond()
        };
        let new = StandsIn {
            from: text("from").unwrap(),
            to: text("to").unwrap(),
            since_ms: day("since"),
            until_ms: day("until") + 86_400_000,
            agreed: request.need != Need::AtOnce,
        };
        self.model.delegations.insert(id, new);
    }

    /// A line of the books about whose an account is.
    fn linked(&mut self, entry: &AuditEntry, detail: &Value, actor: Option<Account>) {
        let account: Account = entry.about.parse().unwrap();
        if entry.action == "link.suspended" {
            let Model { ties, strangers, chat, .. } = &mut self.model;
            let tie = ties.get_mut(&account).or_else(|| strangers.get_mut(&account)?.as_mut());
            let tie = tie.expect("an account that was known");
            assert!(has_moved(tie, &chat.standing_of(&account)), "{account} was held back for nothing");
            tie.held = Some("address");
            return;
        }
        let change = detail["change"].as_str().map(|it| &self.requests[it]);
        assert!(change.is_none_or(|it| !it.calls.is_empty()), "{account} was written down without a call");
        if entry.action == "link.removed" {
            let holds = change.expect("a link is removed by a change").body["hold"] == true;
            let tie = Tie { person: account.to_string(), held: Some("removed"), email: None };
            self.model.ties.remove(&account);
            self.model.ties.extend(holds.then_some((account, tie)));
            return;
        }
        let person = self.model.members[detail["member"].as_str().unwrap()].clone();
        let mut email =
            detail["how"].as_str().filter(|it| *it == "email").and_then(|_| self.model.standing(&account).email);
        if let Some(it) = change {
            assert_eq!(
                (&it.body["account"], &it.body["member_id"]),
                (&Value::from(account.to_string()), &detail["member"])
            );
            email = it.body["email"].as_str().map(ToOwned::to_owned);
        } else {
            let actor = actor.expect("whoever links at once is somebody");
            assert!(
                !self.model.link_gives_more(&account, &person),
                "{account} became {person}, which gives it more, at once"
            );
            let own = if actor == account {
                email == person.strip_prefix("person_").map(|it| format!("{it}@example.com")) && email.is_some()
            } else {
                self.model.person(&actor) == Some(&person)
            };
            assert!(own, "{actor} linked {account} to {person}");
            let held = self.model.ties.get(&account).and_then(|it| it.held);
            assert!(matches!(held, None | Some("address")), "{account} is held back ({held:?}) and was linked at once");
        }
        self.model.strangers.remove(&account);
        self.model.ties.insert(account, Tie { person, held: None, email });
    }

    /// The rows are what the trail led to, and the organization saw no other call.
    pub(super) async fn compare(&mut self, stage: &Stage, past_steward: usize) {
        let store = &stage.house.store;
        for (number, position) in self.begun.clone() {
            let effects = store.effects(number).await.unwrap();
            let state = effects.iter().find(|it| it.position == position).expect("a call").state;
            self.remote += usize::from(state == EffectState::Done);
            if matches!(state, EffectState::Done | EffectState::Failed) {
                self.begun.remove(&(number, position));
            }
        }
        let seen = stage.organization.count_seen(|it| it.applied);
        assert_eq!(
            seen - past_steward,
            self.remote,
            "calls that changed the organization, and calls that were justified"
        );
        let grants: BTreeSet<String> = store.kept_grants().await.unwrap().into_iter().map(|it| it.grant.id()).collect();
        assert_eq!(grants, self.model.grants.keys().cloned().collect(), "grants");
        let kept = store.kept_delegations().await.unwrap();
        let delegations: BTreeSet<String> = kept.into_iter().map(|it| it.delegation.id()).collect();
        assert_eq!(delegations, self.model.delegations.keys().cloned().collect(), "delegations");
    }
}

/// Why a yes does not count now.
fn objection(model: &Model, request: &Request, yes: &Yes) -> Option<String> {
    let Need::Yes(_, by) = request.need else { return Some("nobody was to agree".into()) };
    let mut parties = &model.names(&request.account) | &request.names;
    let names = &model.names(&yes.account) | &yes.names;
    if !parties.is_disjoint(&names) {
        return Some(format!("{} decides about their own request", yes.account));
    }
    parties.extend(model.about(&request.body));
    if !parties.is_disjoint(&names) {
        return Some(format!("{} decides about themselves", yes.account));
    }
    let entitled = match (&yes.in_place, yes.overrides) {
        (_, true) => model.is_entitled(&yes.account, &["admin"]),
        (Some(delegation), _) => model.stands_in(&yes.account, delegation, (by, &parties)),
        (None, false) => model.is_entitled(&yes.account, by),
    };
    (!entitled).then(|| format!("{} is not entitled", yes.account))
}

fn hold(ties: &mut BTreeMap<Account, Tie>, person: &str, from: Option<&'static str>, to: Option<&'static str>) {
    ties.values_mut().filter(|it| it.person == person && it.held == from).for_each(|it| it.held = to);
}
