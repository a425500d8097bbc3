//! `steward usage backfill`: on an empty database as well as beside a bot.

use steward::clock::Clock;
use steward::clock::moment;
use steward::domain::{Basis, Scope, SpendQuery};
use steward::seal::MasterKey;
use steward::store::Store;

use super::shell::{MASTER_CANARY, Shell, organization};

#[tokio::test]
async fn backfill_reads_back_to_a_day() {
    let (organization, url) = organization().await;
    organization.lift_rate_limit();
    let shell = Shell::new().with("ANTHROPIC_BASE_URL", &url).with_master_key();
    let shell = shell.with("ANTHROPIC_ADMIN_KEY", &organization.admin_key());
    let database = shell.database();
    let shell = shell.with("DATABASE_URL", &database);
    assert_eq!(shell.run(&["migrate"], "").await.code, 0);
    for wrong in [&["usage", "backfill"][..], &["usage", "backfill", "--from", "yesterday"], &["usage"]] {
        assert_eq!(shell.run(wrong, "").await.code, 2, "{wrong:?}");
    }
    let to_come = shell.run(&["usage", "backfill", "--from", "2999-01-01"], "").await;
    assert_eq!(to_come.code, 2, "{}", to_come.all());

    let now = Clock::system().now();
    let from = moment(now.as_millisecond() - 9 * 86_400_000);
    let day = from.strftime("%Y-%m-%d").to_string();
    for _ in 0..2 {
        let said = shell.run(&["usage", "backfill", "--from", &day], "").await;
        assert_eq!(said.code, 0, "{}", said.all());
        assert!(said.out.contains(&format!("since {day} is read")), "{}", said.out);
    }
    let master = MasterKey::parse(&MASTER_CANARY.into()).unwrap();
    let store = Store::open(&database, &master).await.unwrap();
    let to = moment(now.as_millisecond() - 4 * 86_400_000);
    let query =
        SpendQuery { scope: Scope::Organization, from: moment(from.as_millisecond() + 86_400_000), to, by: vec![] };
    let spent = store.spend(&query).await.unwrap().remove(0);
    assert!(spent.basis == Basis::Billed && spent.amount.0 > 0, "{spent:?}");
    store.close().await;
    let told = shell.run(&["exec", "--", "cost", "--of", "org", "--period", &format!("{day}..{day}")], "").await;
    assert_eq!(told.code, 0, "{}", told.all());
    assert!(told.out.contains("The organization: $") && told.out.contains("billed"), "{}", told.all());
}
