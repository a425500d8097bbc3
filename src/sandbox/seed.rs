//! A believable organization on the first day: Meridian Labs, the same for the same seed, dated from the clock.

use super::cast;
use super::ids;
use super::limits::GROUPS;
use super::mail;
use super::meridian::{
    AGENTS, COLLEAGUES, Fate, Holder, INVITES, KEYLESS, KEYLESS_DAYS, KEYS, PROGRAMS, SPECIAL, SPIKE, SeededKey,
    Special, THROTTLED, WORKSPACES,
};
use super::meter::{Other, Surface};
use super::nouns::{Key, KeyKind, KeyStatus, Member, Role, ServiceAccount, WorkspaceMember, WorkspaceRole};
use super::organization::{Organization, Tools, bare, workspace};
use super::state::State;
use super::workload::{Caching, Habits, Rhythm, Workload};
use crate::clock::{Clock, Moment, moment};
use crate::random::Random;

const DAY_MS: i64 = 86_400_000;
const HOUR_MS: u64 = 3_600_000;
/// How long the company has been there.
const FOUNDED_DAYS: i64 = 720;

impl Organization {
    /// Meridian Labs: 40 people, 6 workspaces, 30 keys, a few open ends. The same for the same seed and time.
    #[must_use]
    pub fn seeded(seed: u64, clock: Clock) -> Self {
        let random = Random::seeded(seed);
        let now = clock.now();
        let mut state = bare(&random, "Meridian Labs", ago(now, FOUNDED_DAYS));
        people(&mut state, &random, now);
        workspaces(&mut state, &random, now);
        throttle(&mut state);
        invites(&mut state, &random, now);
        let leaver = ids::id(&random, "user");
        for key in KEYS {
            plant(&mut state, &random, now, (key, &leaver));
        }
        state.keys.sort_by_key(|key| key.created_at);
        programs(&mut state, now);
        Self::of(state, clock, random, seed)
    }
}

/// Everybody, in the order in which they joined. Ada, who founded it, is there already.
fn people(state: &mut State, random: &Random, now: Moment) {
    let mut joined: Vec<Member> = cast::members()
        .chain(COLLEAGUES)
        .skip(1)
        .map(|(name, role)| {
            let handle = name.split(' ').next().unwrap_or(name);
            let added_at = within(random, ago(now, FOUNDED_DAYS - 1), ago(now, 30));
            Member { id: ids::id(random, "user"), email: cast::address(handle), name: name.to_owned(), role, added_at }
        })
        .collect();
    joined.sort_by_key(|member| member.added_at);
    state.members.extend(joined);
}

/// The workspaces with their people: whoever holds a key in one is in it, and each developer is in one more.
fn workspaces(state: &mut State, random: &Random, now: Moment) {
    for (name, age_days) in WORKSPACES {
        let made = workspace(random, name, ago(now, age_days));
        let holders = KEYS.iter().filter(|key| key.1 == name).filter_map(|key| match key.2 {
            Holder::Made(first) | Holder::Own(first) => Some(cast::address(first)),
            _ => None,
        });
        for email in holders {
            join(state, &made.id, &email);
        }
        state.workspaces.push(made);
    }
    let developers: Vec<String> =
        state.members.iter().filter(|member| member.role == Role::Developer).map(|it| it.email.clone()).collect();
    for email in developers {
        let at = usize::try_from(random.below(6)).unwrap_or(0);
        let id = state.workspaces[1 + at].id.clone();
        join(state, &id, &email);
    }
}

/// Adds somebody, unless they are in it or inherit their role. Mira and Jonas lead the workspaces they are in first.
fn join(state: &mut State, workspace_id: &str, email: &str) {
    let Some(member) = state.member_by_email(email) else { return };
    let inherits = matches!(member.role, Role::Admin | Role::Billing);
    if inherits || state.added(workspace_id, &member.id).is_some() {
        return;
    }
    let leads = ["Mira Chen", "Jonas Weber"].contains(&member.name.as_str())
        && state.workspace_members.iter().all(|row| row.user_id != member.id);
    let role = if leads { WorkspaceRole::Admin } else { WorkspaceRole::Developer };
    let row = WorkspaceMember { workspace_id: workspace_id.to_owned(), user_id: member.id.clone(), role };
    state.workspace_members.push(row);
}

fn throttle(state: &mut State) {
    let (name, limits) = THROTTLED;
    let Some(workspace) = state.workspaces.iter().find(|it| it.name == name) else { return };
    let (id, day_after) = (workspace.id.clone(), moment(workspace.created_at.as_millisecond() + DAY_MS));
    for (group, kind, value) in limits {
        let group = GROUPS.iter().find(|it| it.id == group).expect("the seed names groups that there are");
        state.set_limit(&id, group, (kind, Some(value)), day_after);
    }
}

fn programs(state: &mut State, now: Moment) {
    for (name, rhythm, model, tokens) in PROGRAMS {
        let key = state.keys.iter().find(|it| it.name == name).expect("the seed names keys that there are");
        let mut program = Workload::new(&key.id, (model, tokens), rhythm, key.created_at);
        for (_, special) in SPECIAL.iter().filter(|(of, _)| *of == name) {
            special.make(&mut program.habits);
        }
        let (spiking, days, times) = SPIKE;
        if name == spiking {
            program.habits.spike = Some((working_day(ago(now, days)), times));
        }
        state.workloads.push(program);
    }
    keyless(state, now);
}

/// The beginning of the day of a moment, or of the Friday before it.
fn working_day(at: Moment) -> i64 {
    let day = at.as_millisecond().div_euclid(DAY_MS);
    // 1 January 1970 was a Thursday.
    let since_monday = (day + 3).rem_euclid(7);
    (day - (since_monday - 4).max(0)) * DAY_MS
}

/// The Console's playground, Claude Code and managed agents: nobody's key, in the Default Workspace but for the agents.
fn keyless(state: &mut State, now: Moment) {
    let home = |named: Option<&str>| {
        let found = state.workspaces.iter().find(|it| named.map_or(it.is_default, |name| it.name == name));
        found.map(|it| it.id.clone())
    };
    let mut used = Vec::new();
    for (first, surface, model, tokens) in KEYLESS {
        let account = state.member_by_email(&cast::address(first)).map(|it| it.id.clone());
        let agents = surface == Surface::Agents;
        let rhythm = if agents { Rhythm::Always } else { Rhythm::Office };
        let mut program = Workload::new("", (model, tokens), rhythm, ago(now, KEYLESS_DAYS));
        let other = agents.then_some((Other::SessionUsage, AGENTS.1));
        let home = home(agents.then_some(AGENTS.0));
        let caches = (surface == Surface::ClaudeCode).then_some(Caching::FiveMinutes);
        program.habits = Habits { caches, surface, account, home, other, ..Habits::default() };
        used.push(program);
    }
    state.workloads.extend(used);
}

impl Special {
    fn make(&self, habits: &mut Habits) {
        match self {
            Self::Caching => habits.caches = Some(Caching::FiveMinutes),
            Self::CachingLong => habits.caches = Some(Caching::OneHour),
            Self::Searching(every) => habits.searches_every = *every,
            Self::InBatches => habits.batch = true,
            Self::InTheUs => habits.us = true,
            Self::RunningCode(cost) => habits.other = Some((Other::CodeExecution, *cost)),
        }
    }
}

fn invites(state: &mut State, random: &Random, now: Moment) {
    for (email, role, age_days) in INVITES.into_iter().rev() {
        mail::invite(state, &Tools { now: ago(now, age_days), random }, email, role);
    }
}

fn plant(state: &mut State, random: &Random, now: Moment, (key, leaver): (SeededKey, &str)) {
    let (name, home, holder, age_days, fate) = key;
    let user = |first: &str| state.member_by_email(&cast::address(first)).map(|member| member.id.clone());
    let (kind, created_by) = match holder {
        Holder::Made(first) => (KeyKind::Workspace, user(first)),
        Holder::Leaver => (KeyKind::Workspace, Some(leaver.to_owned())),
        Holder::Unknown => (KeyKind::Workspace, None),
        Holder::Own(first) => (user(first).map_or(KeyKind::Workspace, KeyKind::Personal), user(first)),
        Holder::Account(account) => {
            let (id, name) = (ids::id(random, "svac"), account.to_owned());
            let kind = KeyKind::ServiceAccount(id.clone());
            let created_at = ago(now, age_days);
            let account = ServiceAccount { id, name, description: None, created_at, archived_at: None };
            state.service_accounts.push(account);
            (kind, state.members.first().map(|founder| founder.id.clone()))
        }
    };
    let switched = match fate {
        Fate::Lives | Fate::Ends(_) => KeyStatus::Active,
        Fate::Off => KeyStatus::Inactive,
        Fate::Gone => KeyStatus::Archived,
    };
    let secret = ids::api_secret(random);
    state.keys.push(Key {
        id: ids::id(random, "apikey"),
        name: name.to_owned(),
        switched,
        created_at: within(random, ago(now, age_days), ago(now, age_days - 1)),
        created_by,
        expires_at: if let Fate::Ends(days) = fate { Some(ago(now, -days)) } else { None },
        hint: ids::hint(&secret),
        kind,
        workspace_id: state.workspaces.iter().find(|it| it.name == home).map(|it| it.id.clone()),
        hash: ids::hash(&secret),
    });
}

fn ago(now: Moment, days: i64) -> Moment {
    moment(now.as_millisecond() - days * DAY_MS)
}

/// A whole hour between two moments.
fn within(random: &Random, from: Moment, to: Moment) -> Moment {
    let hours = u64::try_from(to.as_millisecond() - from.as_millisecond()).unwrap_or(0) / HOUR_MS;
    let later_ms = i64::try_from(random.below(hours) * HOUR_MS).unwrap_or(0);
    moment(from.as_millisecond() + later_ms)
}
