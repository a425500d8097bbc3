//! API keys: what their stories share.

mod acting;
mod canaries;
mod crashing;
mod issuing;
mod leaking;
mod making;
mod naming;
mod racing;
mod remembering;
mod revoking;
mod rotating;
mod scanning;
mod stocking;
mod using;

pub(crate) use acting::with_a_key;
pub(crate) use canaries::stored;
pub(crate) use racing::issue_many;
use secrecy::{ExposeSecret, SecretString};
use steward::change::Asker;
use steward::chat::{Account, Said, Says, SecretHandle, Standing, Vault, VaultError};
use steward::cli::{Loader, Report};
use steward::clock::Moment;
use steward::domain::{Environment, Issuer, Place};
use steward::random::Random;
use steward::sandbox::{Key, KeyOrder, Organization};
use steward::store::{NewStock, Store, StoreVault};

use crate::bench::Engine;
use crate::stage::{Actor, Setting, Shown, Stage};

pub(crate) const ASKS: &str = "/claude key request --workspace research --purpose \"nightly evals\"";

/// The workspaces whose keys come from a stock.
pub(crate) fn stock_places() -> Vec<Place> {
    stock_places_low_at(0)
}

fn stock_places_low_at(low_stock: u32) -> Vec<Place> {
    let place =
        |name: &str, environment| Place { issuer: Issuer::Stock, environment, low_stock, ..Place::unnamed(name) };
    vec![place("research", Environment::Dev), place("production", Environment::Production)]
}

/// A stage where keys of research come from a stock.
pub(crate) async fn stage_on(engine: Engine) -> Stage {
    stage_low_at(engine, 0).await
}

/// The same, where the admins are told at so many keys left.
pub(crate) async fn stage_low_at(engine: Engine, low_stock: u32) -> Stage {
    Box::pin(Stage::set(Setting { workspaces: stock_places_low_at(low_stock), ..Setting::on(engine) })).await
}

/// Somebody makes a key in the Console.
pub(crate) fn made(stage: &Stage, workspace: &str, name: &str, kind: &str) -> SecretString {
    let order = KeyOrder {
        by: "ada".into(),
        workspace: workspace.into(),
        name: name.into(),
        kind: kind.into(),
        ..KeyOrder::default()
    };
    stage.organization.make_key(&order).unwrap().secret
}

/// An admin loads keys on the command line.
pub(crate) async fn load(stage: &Stage, workspace: &str, secrets: Vec<SecretString>) -> Report {
    let store = &stage.house.store;
    let account = Account::operator("root");
    let now = stage.clock.now();
    let asker = Asker::meet(store, &stage.house.rules.now(), &account, Standing::default(), now).await.unwrap();
    let (organization_id, random) = (stage.organization.id(), Random::system());
    let loader = Loader {
        house: &stage.house,
        organization_id: &organization_id,
        asker: &asker,
        clock: &stage.clock,
        random: &random,
    };
    let row = store.workspaces_named(workspace).await.unwrap().remove(0);
    Box::pin(loader.load(&row, secrets, |_, _| {})).await.unwrap()
}

/// Fills the stock of research. Answers the secrets.
pub(crate) async fn stocked(stage: &Stage, count: usize) -> Vec<String> {
    let secrets: Vec<SecretString> =
        (0..count).map(|it| made(stage, "research", &format!("made by hand {it}"), "workspace")).collect();
    let mut plain: Vec<String> = secrets.iter().map(|it| it.expose_secret().to_owned()).collect();
    // In the order that they are issued in.
    plain.sort_by_key(|it| key_of(stage, it).id);
    let report = load(stage, "research", secrets).await;
    assert_eq!((report.loaded, report.refused.len(), report.waiting.len()), (count, 0, 0), "{report:?}");
    stage.settle().await;
    plain
}

/// What the vault opens for somebody.
pub(crate) async fn opened(stage: &Stage, handle: &SecretHandle, who: &Actor<'_>) -> Result<String, VaultError> {
    let vault = StoreVault::new(stage.house.store.clone(), stage.clock.clone());
    vault.open(handle, &who.account).await.map(|it| it.secret.expose_secret().to_owned())
}

/// Presses "Reveal", which answers with a secret.
pub(crate) async fn reveals(who: &Actor<'_>, shown: &Shown) -> SecretHandle {
    let token = shown.button("Reveal").token.clone().unwrap();
    match who.reply(Said::Press(token)).await.says {
        Says::Secret(handle, _) => handle,
        other => panic!("nothing was revealed: {other:?}"),
    }
}

pub(crate) fn key_of(stage: &Stage, secret: &str) -> Key {
    let (head, tail) = (&secret[..16], &secret[secret.len() - 4..]);
    stage.organization.keys().into_iter().find(|it| it.hint.starts_with(head) && it.hint.ends_with(tail)).unwrap()
}

/// Puts a key into the stock of research past the pipeline, as if an admin had loaded it. Answers its secret.
pub(crate) async fn put_into_stock(store: &Store, organization: &Organization, now: Moment, pool_name: &str) -> String {
    let order = KeyOrder {
        by: "ada".into(),
        workspace: "research".into(),
        name: pool_name.into(),
        kind: "workspace".into(),
        ..KeyOrder::default()
    };
    let made = organization.make_key(&order).unwrap();
    organization.park_key(&made.key.id, pool_name);
    let new = NewStock {
        key_id: &made.key.id,
        organization_id: &organization.id(),
        workspace_id: made.key.workspace_id.as_deref().unwrap(),
        pool_name,
        hint: &made.key.hint,
        secret: &made.secret,
        by: "operator:root",
    };
    let mut tx = store.begin().await.unwrap();
    assert!(store.load_stock(&mut tx, &new, &Random::system(), now).await.unwrap());
    store.stock_parked(&mut tx, &made.key.id, now).await.unwrap();
    store.commit(tx).await.unwrap();
    made.secret.expose_secret().to_owned()
}

/// Mira asks, and Ada agrees: the message with which the key is offered.
pub(crate) async fn offered(stage: &Stage) -> Shown {
    let [ada, mira] = stage.cast(["ada", "mira"]);
    mira.says(ASKS).await;
    let card = stage.next_in("approvals").await;
    ada.presses(&card, "Approve").await;
    mira.was_told().await
}
