//! Trouble with Slack in the middle of something: a card that cannot be posted, a socket that breaks while a form is open, too many
//! requests everywhere. The house behind it is whole.

use std::time::Duration;

use serde_json::json;

use crate::bench::Engine;
use crate::everywhere::town::Town;
use crate::fake::slack::Fault;
use crate::slack_company::Company;

const INVITES: &str = "/v1/organizations/invites";

/// Waits; the town's clock goes on meanwhile, so that what rests before it tries again comes to its turn.
async fn until(town: &Town, what: &str, holds: impl Fn() -> bool) {
    for round in 1..2_000 {
        if holds() {
            return;
        }
        if round % 40 == 0 {
            later(town, 1);
        }
        town.settle().await;
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("never {what}");
}

fn later(town: &Town, minutes: i64) {
    town.clock.advance_to(steward::clock::moment(town.clock.now().as_millisecond() + minutes * 60_000));
}

/// The newest message in #approvals, as it reads.
fn card(company: &Company) -> String {
    company.fake.messages(&company.approvals).last().map(|it| it.body.to_string()).unwrap_or_default()
}

#[tokio::test]
async fn every_method_answers_too_many_requests_once_and_the_story_ends_well() {
    let (town, company) = Company::open(Engine::Sqlite).await;
    let (mira, ada) = (&company.users["mira"], &company.users["ada"]);
    let methods = [
        "users.info",
        "usergroups.list",
        "response_url",
        "chat.postEphemeral",
        "chat.postMessage",
        "chat.update",
        "views.open",
        "views.update",
        "views.publish",
        "conversations.open",
        "apps.connections.open",
    ];
    for method in methods {
        company.fake.fault(method, Fault::Busy(1), 1);
    }
    company.fake.says(mira, &company.general, "/claude invite lea@example.com").await.acknowledged();
    until(&town, "mira is answered", || !company.fake.ephemerals(mira).is_empty()).await;
    until(&town, "the card is there", || card(&company).contains("lea@example.com")).await;
    let ts = company.fake.messages(&company.approvals)[0].ts.clone();
    company.fake.press(ada, &ts, "Approve").await.acknowledged();
    until(&town, "it is applied", || town.organization.applied("POST", INVITES) == 1).await;
    until(&town, "the card says so", || card(&company).contains("(done)")).await;

    company.fake.opens_home(ada).await.acknowledged();
    until(&town, "the Home tab is there", || company.fake.home(ada).is_some()).await;
    company.fake.says(mira, &company.general, "/claude invite").await.acknowledged();
    until(&town, "the form is filled", || {
        company.fake.views(mira).last().is_some_and(|it| it["callback_id"] == "form")
    })
    .await;
    assert_eq!(town.organization.applied("POST", INVITES), 1, "once in all");
    town.close().await;
}

#[tokio::test]
async fn a_form_outlives_the_sockets_that_it_came_over() {
    let (town, company) = Company::open(Engine::Sqlite).await;
    let mira = &company.users["mira"];
    company.fake.says(mira, &company.general, "/claude invite").await.acknowledged();
    let is_form = || company.fake.views(mira).last().is_some_and(|it| it["callback_id"] == "form");
    until(&town, "the form is open", is_form).await;
    company.fake.cuts_links();
    until(&town, "they are gone", || company.fake.link_count() == 0).await;
    until(&town, "others are there", || company.fake.link_count() == 2).await;
    company.fake.submits(mira, json!({ "person": "lea@example.com" })).await.acknowledged();
    until(&town, "the card is there", || card(&company).contains("lea@example.com")).await;
    assert_eq!(company.fake.messages(&company.approvals).len(), 1, "it was asked once");
    town.close().await;
}

#[tokio::test]
async fn a_card_that_cannot_be_posted_is_counted_and_the_request_is_decided_without_it() {
    let (town, company) = Company::open(Engine::Sqlite).await;
    let (mira, ada) = (&company.users["mira"], &company.users["ada"]);
    // The bot was removed from #approvals, and nobody noticed.
    company.fake.fault("chat.postMessage", Fault::Says("channel_not_found"), 1);
    company.fake.says(mira, &company.general, "/claude invite lea@example.com").await.acknowledged();
    until(&town, "mira is answered", || !company.fake.ephemerals(mira).is_empty()).await;
    town.settle().await;
    let heard = company.fake.ephemerals(mira)[0].body["text"].as_str().unwrap().to_owned();
    insta::assert_snapshot!(heard, @"Asked: invite lea@example.com as user. (waiting for a decision)");
    company.fake.says(ada, &company.general, "/claude status").await.acknowledged();
    until(&town, "ada is answered", || !company.fake.ephemerals(ada).is_empty()).await;
    let told = company.fake.ephemerals(ada)[0].body.to_string();
    assert!(told.contains("undeliverable"), "{told}");
    let asked = town.house.store.requests(&steward::store::RequestFilter::All, 1).await.unwrap();
    let line = format!("/claude request approve {}", asked[0].id);
    company.fake.says(ada, &company.general, &line).await.acknowledged();
    until(&town, "it is applied", || town.organization.applied("POST", INVITES) == 1).await;
    // Not `close`, which takes no message for undeliverable.
    town.talk.close().await;
    town.house.store.close().await;
}
