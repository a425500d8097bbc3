//! Facts by hour, their days, and the one question about them.

use jiff::tz::TimeZone;
use steward::clock::{Moment, moment};
use steward::domain::{Amount, Basis, Dimension, Scope, SpendQuery, Tokens};
use steward::store::{ApiKeyRow, DayState, HourFact, MemberRow, Pass, Series, Store};

use crate::bench::engines;
use crate::store_ground::{Ground, at};

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;

fn time(text: &str) -> Moment {
    text.parse().expect("a moment")
}

fn series(key: &str, workspace: &str, model: &str) -> Series {
    let [tier, geo, context, kind] = ["standard", "global", "0-200k", "tokens"].map(str::to_owned);
    let (key_id, workspace_id, model) = (key.to_owned(), workspace.to_owned(), model.to_owned());
    Series { key_id, actor: String::new(), workspace_id, model, tier, geo, context, kind }
}

/// Writes `facts` (hour after `day`, series, tokens, amount) in place of the whole day.
async fn write(store: &Store, day: Moment, facts: &[(i64, Series, i64, i64)], basis: Basis) {
    let mut book = store.series_book().await.unwrap();
    let mut tx = store.begin().await.unwrap();
    let mut rows = Vec::new();
    for (hour, series, tokens, amount) in facts {
        rows.push(HourFact {
            hour: moment(day.as_millisecond() + hour * HOUR_MS),
            series_id: book.number(&mut tx, series).await.unwrap(),
            tokens: Tokens { input: *tokens, ..Tokens::default() },
            unpriced: if *amount == 0 { *tokens } else { 0 },
            amount: Amount(*amount),
        });
    }
    let end = moment(day.as_millisecond() + DAY_MS);
    store.put_spend_hours(&mut tx, (day, end), &rows).await.unwrap();
    let state = DayState { basis, as_of: end, settled: String::new() };
    store.close_spend_day(&mut tx, day, &state).await.unwrap();
    store.commit(tx).await.unwrap();
}

async fn ask(store: &Store, scope: &str, (from, to): (&str, &str), by: Vec<Dimension>) -> Vec<String> {
    let query = SpendQuery { scope: scope.parse().unwrap(), from: time(from), to: time(to), by };
    let line = |it: &steward::domain::Spent| {
        let group: Vec<&str> = it.group.iter().map(|it| it.as_deref().unwrap_or("-")).collect();
        format!("{} {}/{} {} {}", group.join("+"), it.amount.0, it.tokens, it.unpriced_tokens, it.basis)
    };
    store.spend(&query).await.unwrap().iter().map(line).collect()
}

fn key(id: &str, name: &str, owner: Option<&str>) -> ApiKeyRow {
    ApiKeyRow {
        id: id.into(),
        name: name.into(),
        status: "active".into(),
        kind: if owner.is_some() { "personal" } else { "workspace" }.into(),
        owner_id: owner.map(Into::into),
        workspace_id: Some("w1".into()),
        created_by: None,
        hint: None,
        created_at: at(0),
        expires_at: None,
    }
}

#[tokio::test]
async fn the_same_facts_answer_every_question() {
    for engine in engines() {
        let ground = Ground::new(engine).await;
        let store = &ground.store;
        let (first, second) = (time("2026-12-01T00:00:00Z"), time("2026-12-02T00:00:00Z"));
        let [a, b, c] = [series("k1", "w1", "m1"), series("k2", "w1", "m2"), series("", "w2", "m1")];
        let day = [(1, a.clone(), 10, 100), (1, b.clone(), 5, 7), (23, a.clone(), 20, 200), (12, c.clone(), 1, 1)];
        write(store, first, &day, Basis::Billed).await;
        write(store, second, &[(0, a.clone(), 40, 400), (5, b.clone(), 8, 0)], Basis::Estimate).await;
        let both = ("2026-12-01T00:00:00Z", "2026-12-03T00:00:00Z");

        assert_eq!(ask(store, "org", both, vec![]).await, [" 708/84 8 estimate"], "{engine:?}");
        let by_key = ask(store, "org", both, vec![Dimension::Key]).await;
        assert_eq!(by_key, ["k1 700/70 0 estimate", "k2 7/13 8 estimate", "- 1/1 0 billed"]);
        let by_model = ask(store, "workspace:w1", both, vec![Dimension::Model, Dimension::Workspace]).await;
        assert_eq!(by_model, ["m1+w1 700/70 0 estimate", "m2+w1 7/13 8 estimate"]);
        assert_eq!(ask(store, "key:k2", both, vec![]).await, [" 7/13 8 estimate"]);
        assert_eq!(ask(store, "model:m1", both, vec![]).await, [" 701/71 0 estimate"]);
        assert_eq!(ask(store, "key:none", both, vec![]).await, [" 0/0 0 estimate"]);
        assert_eq!(ask(store, "key:none", both, vec![Dimension::Key]).await, [""; 0]);

        let part = ("2026-12-01T02:00:00Z", "2026-12-02T05:00:00Z");
        assert_eq!(ask(store, "org", part, vec![]).await, [" 601/61 0 estimate"], "to the hour");
        let utc = ask(store, "org", both, vec![Dimension::Day(TimeZone::UTC)]).await;
        assert_eq!(utc, ["2026-12-02 400/48 8 estimate", "2026-12-01 308/36 0 billed"]);
        let berlin = vec![Dimension::Day(TimeZone::get("Europe/Berlin").unwrap())];
        let berlin = ask(store, "key:k1", both, berlin).await;
        assert_eq!(
            berlin,
            ["2026-12-02 600/60 0 estimate", "2026-12-01 100/10 0 billed"],
            "23 o'clock is tomorrow there"
        );
        let hours = ask(store, "key:k1", both, vec![Dimension::Hour]).await;
        assert_eq!(hours[0], "2026-12-02T00:00:00Z 400/40 0 estimate");

        let query = SpendQuery { scope: Scope::Organization, from: time(both.0), to: time(both.1), by: vec![] };
        let all = store.spend(&query).await.unwrap().remove(0);
        assert_eq!((all.parts.billed.0, all.parts.estimate.0, all.as_of), (308, 400, time(both.1)));

        // Read again, with other figures: the day is what was read last, and the other one stays.
        write(store, first, &[(1, b, 5, 9)], Basis::Reconciled).await;
        assert_eq!(ask(store, "org", both, vec![]).await, [" 409/53 8 estimate"]);
        store.forget_spend_hours(time("2027-01-01T00:00:00Z")).await.unwrap();
        assert_eq!(ask(store, "org", both, vec![]).await, [" 409/53 8 estimate"], "days stay when hours go");
    }
}

#[tokio::test]
async fn a_key_belongs_to_its_owner_and_to_its_tag() {
    for engine in engines() {
        let ground = Ground::new(engine).await;
        let store = &ground.store;
        let keys = vec![key("k1", "CI nightly", Some("user_1")), key("k2", "ci-batch", None), key("k3", "other", None)];
        store.write_page(&Pass::ApiKeys(keys), at(1)).await.unwrap();
        let member = MemberRow {
            id: "user_1".into(),
            email: "ada@example.com".into(),
            name: "Ada".into(),
            role: "developer".into(),
            added_at: at(0),
        };
        store.write_page(&Pass::Members(vec![member]), at(1)).await.unwrap();
        let tags = [("ci", "ci*"), ("all", "*")].map(|(name, pattern)| (name.to_owned(), pattern.to_owned()));
        store.set_spend_tags(&tags).await.unwrap();
        let day = time("2026-12-01T00:00:00Z");
        let person = Series { actor: "user_1".into(), ..series("", "w1", "m1") };
        let of = |key: &str| series(key, "w1", "m1");
        let facts = [(1, of("k1"), 1, 1), (1, of("k2"), 1, 2), (1, of("k3"), 1, 4), (2, person, 1, 8)];
        write(store, day, &facts, Basis::Billed).await;
        let whole = ("2026-12-01T00:00:00Z", "2026-12-02T00:00:00Z");
        assert_eq!(ask(store, "person:user_1", whole, vec![]).await, [" 9/2 0 billed"], "{engine:?}");
        let people = ask(store, "org", whole, vec![Dimension::Person]).await;
        assert_eq!(people, ["user_1 9/2 0 billed", "- 6/2 0 billed"]);
        assert_eq!(ask(store, "tag:ci", whole, vec![]).await, [" 3/2 0 billed"]);
        let tags = ask(store, "org", whole, vec![Dimension::Tag]).await;
        assert_eq!(tags, ["- 8/1 0 billed", "all 7/3 0 billed"], "each key counts once, under its first tag");
    }
}
