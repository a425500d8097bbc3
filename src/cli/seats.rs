//! Who sits in the sandbox's chat, who of them is linked already, and what their workspaces begin with.

use std::sync::Arc;

use super::federation_apply::Federating;
use super::house::House;
use super::time::ClockTime;
use crate::chat::Account;
use crate::claude::{self, Federation};
use crate::clock::{Clock, moment};
use crate::domain::{LinkState, Person, PersonId};
use crate::job::SpendSync;
use crate::platform::browser::{self, Cast, Channel};
use crate::random::Random;
use crate::sandbox::{KeyOrder, Organization, Player};
use crate::store::{LinkRow, NewStock, Store};

/// A member whose account is not linked yet, so that `link` can be tried.
const UNLINKED: &str = "amara";

/// The people and channels of the chat page.
pub(super) fn cast(organization: &Organization) -> Cast {
    let channel = |id: &str, topic: &str| Channel { id: id.into(), name: id.into(), topic: topic.into() };
    Cast {
        people: organization.cast().iter().map(person).collect(),
        channels: vec![
            channel("general", "Everybody. Type /claude to begin"),
            channel("approvals", "Requests that wait for a decision"),
            channel("audit", "How far the audit trail goes, signed"),
            channel("random", "Anything else"),
        ],
        company: organization.name(),
    }
}

fn person(player: &Player) -> browser::Person {
    let is_in = |group: &str| player.groups.iter().any(|it| it == group);
    let role = if is_in("admins") {
        "admin"
    } else if is_in("finance") {
        "billing"
    } else {
        "member"
    };
    let title = match (&player.role, player.id.as_str()) {
        (None, _) => "not in the Claude organization yet".to_owned(),
        (Some(_), UNLINKED) => "account not linked yet".to_owned(),
        (Some(role), _) => format!("{} in the organization", role.as_str()),
    };
    browser::Person {
        id: player.id.clone(),
        name: player.name.clone(),
        role: role.into(),
        email: Some(player.email.clone()),
        groups: player.groups.iter().map(|it| format!("browser-group:{it}")).collect(),
        title,
    }
}

/// Links the cast's members, but for one, as if they had said `link` on an earlier day.
pub(super) async fn seed_links(store: &Store, organization: &Organization, clock: &Clock) -> anyhow::Result<()> {
    let now = clock.now();
    for player in organization.cast() {
        let account = Account::browser(&player.id);
        let Some(member) = player.member.filter(|_| player.id != UNLINKED) else { continue };
        if store.known(&account).await?.is_some() {
            continue;
        }
        let person =
            Person { id: PersonId(format!("person_{}", player.id)), name: player.name, member_id: Some(member) };
        let link = LinkRow { account, state: LinkState::Active, email: Some(player.email), how: "sandbox".into() };
        let mut tx = store.begin().await?;
        store.create_person(&mut tx, &person, &link, now).await?;
        store.commit(tx).await?;
    }
    Ok(())
}

/// The workspaces that begin with a stock, and how many keys are in it.
const STOCKS: [(&str, usize); 2] = [("research", 8), ("production", 6)];

/// Fills the stocks, once: as an admin would who makes keys in the Console and loads them.
pub(super) async fn seed_stock(store: &Store, organization: &Organization, clock: &Clock) -> anyhow::Result<()> {
    let random = Random::system();
    for (name, count) in STOCKS {
        let Some(workspace) = organization.workspaces().into_iter().find(|it| it.name == name) else { continue };
        if store.has_stock(&workspace.id).await? {
            continue;
        }
        for _ in 0..count {
            let pool_name = format!("steward-stock-{}", random.short(12));
            let order = KeyOrder {
                by: "ada".into(),
                workspace: workspace.id.clone(),
                name: pool_name.clone(),
                kind: "workspace".into(),
                ..KeyOrder::default()
            };
            let made = organization.make_key(&order)?;
            organization.park_key(&made.key.id, &pool_name);
            let mut tx = store.begin().await?;
            let new = NewStock {
                key_id: &made.key.id,
                organization_id: &organization.id(),
                workspace_id: &workspace.id,
                pool_name: &pool_name,
                hint: &made.key.hint,
                secret: &made.secret,
                by: "browser:ada",
            };
            store.load_stock(&mut tx, &new, &random, clock.now()).await?;
            store.stock_parked(&mut tx, &made.key.id, clock.now()).await?;
            store.commit(tx).await?;
        }
    }
    Ok(())
}

/// What was spent is read so far back.
const SPENDING_MS: i64 = 62 * 86_400_000;

/// Reads two months of what was spent: who tries things out asks about last month first. Nobody's minute is used up for it, or the
/// first invitation would wait for the next one.
pub(super) async fn seed_spending(
    house: &House,
    organization: &Organization,
    base_url: &str,
    clock: &Clock,
) -> anyhow::Result<()> {
    let mut claude = claude::Settings::new(organization.admin_key().into(), Random::system().below(u64::MAX));
    base_url.clone_into(&mut claude.base_url);
    claude.budget_per_minute = 10_000;
    let (reader, _) = claude::connect(claude, Arc::new(ClockTime(clock.clone())))?;
    let spending = SpendSync::new(house.store.clone(), &reader, clock.clone(), Arc::clone(&house.rules));
    organization.lift_rate_limit();
    let read = spending.backfill(moment(clock.now().as_millisecond() - SPENDING_MS), |_| {}).await;
    organization.impose_rate_limit();
    read.map_err(|failure| anyhow::anyhow!("{}", failure.logged()))
}

/// How many rules each workspace with tokens begins with.
const RULES: usize = 5;

/// Sets federation up, as an operator would with a token of Ada's. Where she is no admin any more, somebody does it by hand.
pub(super) async fn seed_federation(
    house: &House,
    organization: &Organization,
    base_url: &str,
    clock: &Clock,
) -> anyhow::Result<()> {
    let (id, random) = (organization.id(), Random::system());
    let federating = Federating { house, organization_id: &id, actor: "browser:ada", clock, random: &random };
    let prepared = federating.prepare(RULES).await?;
    let Some(token) = organization.sign_in("ada").ok().filter(|_| prepared.open() > 0) else { return Ok(()) };
    let settings = claude::Settings {
        base_url: base_url.to_owned(),
        ..claude::Settings::new(token, Random::system().below(u64::MAX))
    };
    let federation = Federation::connect(settings, Arc::new(ClockTime(clock.clone())))?;
    federating.perform(&federation, &prepared, |_, _| {}).await?;
    Ok(())
}
