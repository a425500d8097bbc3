//! The same act, delivered again and again over two sockets and signed HTTP: one effect.

use std::time::Duration;

use serde_json::{Value, json};

use crate::bench::{engines, is_full, measured};
use crate::everywhere::town::Town;
use crate::fake::slack::{Delivered, Fault};
use crate::slack_company::Company;

const INVITES: &str = "/v1/organizations/invites";
/// Deliveries of one act, after the first.
const REPLAYS: usize = 20;

fn form(fields: &Value) -> String {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in fields.as_object().into_iter().flatten() {
        form.append_pair(name, value.as_str().unwrap_or_default());
    }
    form.finish()
}

/// The same act over HTTP; the same signed request while the clock stands.
async fn over_http(company: &Company, it: &Delivered, number: usize) {
    let is_command = it.payload["command"].is_string();
    let (path, body) = if is_command {
        ("/slack/command", form(&it.payload))
    } else {
        ("/slack/interaction", form(&json!({ "payload": it.payload.to_string() })))
    };
    let more = [("x-slack-retry-num", number.to_string()), ("x-slack-retry-reason", "http_timeout".to_owned())];
    let (_, status) = company.fake.post_signed(path, &more, &body).await;
    assert_eq!(status, 200);
}

/// Delivers an act `REPLAYS` times more, in four ways.
async fn again(company: &Company, it: &Delivered) {
    for number in 0..REPLAYS {
        match number % 3 {
            0 => drop(company.fake.redelivers(it).await.acknowledged()),
            1 => {
                let other = Delivered { id: format!("{}-{number}", it.id), ..it.clone() };
                company.fake.redelivers(&other).await.acknowledged();
            }
            _ => over_http(company, it, number).await,
        }
    }
}

async fn until(what: &str, holds: impl Fn() -> bool) {
    for _ in 0..3_000 {
        if holds() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(3)).await;
    }
    panic!("never {what}");
}

fn cards(company: &Company, email: &str) -> Vec<String> {
    let all = company.fake.messages(&company.approvals);
    all.iter().filter(|it| it.body.to_string().contains(email)).map(|it| it.ts.clone()).collect()
}

/// One invitation is asked for and approved, each delivered many times.
async fn once(town: &Town, company: &Company, number: usize) {
    let (mira, ada) = (&company.users["mira"], &company.users["ada"]);
    let email = format!("person{number}@example.com");
    let heard = company.fake.ephemerals(mira).len();
    company.fake.fault("delivery", Fault::Twice, 1);
    let asked = company.fake.says(mira, &company.general, &format!("/claude invite {email}")).await.acknowledged();
    again(company, &asked).await;
    until("mira is answered", || company.fake.ephemerals(mira).len() > heard).await;
    town.clock.advance_to(steward::clock::moment(town.clock.now().as_millisecond() + 20_000));
    town.settle().await;
    assert_eq!(company.fake.ephemerals(mira).len(), heard + 1, "one answer to one command");
    let cards = cards(company, &email);
    assert_eq!(cards.len(), 1, "{email} has one card");

    let applied = town.organization.applied("POST", INVITES);
    company.fake.fault("delivery", Fault::Twice, 1);
    let pressed = company.fake.press(ada, &cards[0], "Approve").await.acknowledged();
    again(company, &pressed).await;
    for _ in 0..300 {
        town.settle().await;
        if town.organization.applied("POST", INVITES) > applied {
            break;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    town.settle().await;
    assert_eq!(town.organization.applied("POST", INVITES), applied + 1, "{email} is invited once");
}

#[tokio::test]
async fn replays_and_retries_over_sockets_and_http_have_one_effect() {
    for engine in engines() {
        let (town, company) = Company::open(engine).await;
        let before = town.house.store.invocations().await.unwrap().1;
        let acts = if is_full() { 10_000 / (2 * REPLAYS) } else { 500 / (2 * REPLAYS) };
        for number in 0..acts {
            once(&town, &company, number).await;
        }
        let rows = town.house.store.invocations().await.unwrap().1 - before;
        let (deliveries, wanted) = (acts * 2 * (REPLAYS + 2), i64::try_from(acts * 2).unwrap());
        let told = format!("effects of {deliveries} deliveries of {wanted} acts in Slack, {engine:?}");
        measured(&told, rows, wanted, rows == wanted);

        let mira = &company.users["mira"];
        company.fake.fault("delivery", Fault::Twice, 1);
        let opened = company.fake.opens_home(mira).await.acknowledged();
        for _ in 0..3 {
            company.fake.redelivers(&opened).await.acknowledged();
        }
        until("the Home tab is there", || company.fake.home(mira).is_some()).await;
        println!("one opening, delivered five times: {} publications", company.fake.calls("views.publish").len());
        town.close().await;
    }
}
