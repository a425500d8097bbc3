//! The stories themselves. Each is told in every place; what differs between platforms is not said here.

use serde_json::json;

use super::features::{self, Feature};
use super::town::Town;
use super::{browser, discord, slack};
use crate::bench::{Engine, engines, is_full};
use crate::fake::{discord as fake_discord, slack::Mode};

/// Every place in which a story is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Browser,
    SlackSocket,
    SlackHttp,
    DiscordGateway,
    DiscordHttp,
}

impl Place {
    async fn town(self, engine: Engine) -> Town {
        match self {
            Self::Browser => browser::town(engine).await,
            Self::SlackSocket => slack::town(engine, Mode::Socket).await,
            Self::SlackHttp => slack::town(engine, Mode::Http).await,
            Self::DiscordGateway => discord::town(engine, fake_discord::Mode::Gateway).await,
            Self::DiscordHttp => discord::town(engine, fake_discord::Mode::Http).await,
        }
    }
}

/// Tells the story of a feature in every place that has it, on every database.
async fn everywhere(feature: &Feature, story: impl AsyncFn(&Town)) {
    everywhere_on(feature, (feature.places.to_vec(), engines()), story).await;
}

/// The same for a story of months: in the short run on one database and over one way into each platform, the others' turn is with
/// `--full`.
async fn everywhere_at_length(feature: &Feature, story: impl AsyncFn(&Town)) {
    let (mut places, mut engines) = (feature.places.to_vec(), engines());
    if !is_full() {
        places.retain(|it| !matches!(it, Place::SlackHttp | Place::DiscordHttp));
        engines.truncate(1);
    }
    everywhere_on(feature, (places, engines), story).await;
}

async fn everywhere_on(feature: &Feature, (places, engines): (Vec<Place>, Vec<Engine>), story: impl AsyncFn(&Town)) {
    assert!(features::ALL.iter().any(|it| it.name == feature.name), "a feature that no table shows: {}", feature.name);
    for engine in engines {
        for place in &places {
            let town = place.town(engine).await;
            eprintln!("{place:?} {engine:?}");
            story(&town).await;
            town.close().await;
        }
    }
}

#[tokio::test]
async fn help_mistakes_and_what_was_meant() {
    everywhere(&features::HELP, async |town: &Town| {
        town.say("mira", "/claude help").await.says("This is how your company's Claude organization is run from chat.");
        town.say("mira", "/claude").await.says("Hello, ");
        town.say("mira", "/claude invit lea@example.com").await.says("invite");
        town.say("mira", "/claude help invite").await.says("--role");
    })
    .await;
}

#[tokio::test]
async fn somebody_asks_and_somebody_else_agrees() {
    everywhere(&features::CARDS, async |town: &Town| {
        let asked = town.say("mira", "/claude invite lea@example.com --role developer").await;
        asked.says("Asked: invite lea@example.com as developer.");
        let card = town.card("ada").await;
        card.says("asks to invite lea@example.com as developer");
        town.press("mira", &card, "Approve").await.says("You asked for this, so somebody else has to decide.");
        town.press("ada", &card, "Approve").await.says("Done: lea@example.com was invited as developer.");
        let receipt = town.again("ada", &card).await;
        receipt.says("Done: lea@example.com was invited as developer.").offers(&["Undo"]);
        town.told("mira").await.says("lea@example.com was invited as developer");
        assert_eq!(town.organization.invites().iter().filter(|it| it.email == "lea@example.com").count(), 1);
        town.press("ada", &receipt, "Undo").await.says("Done: the invitation of lea@example.com was withdrawn.");
    })
    .await;
}

#[tokio::test]
async fn what_is_missing_is_asked_for_in_a_form() {
    everywhere(&features::FORMS, async |town: &Town| {
        let form = town.say("mira", "/claude invite").await;
        form.asks_for(&["Address", "What they may do", "Workspaces", "Reason"]);
        let again = town.submit("mira", &form, json!({ "Address": "not an address" })).await;
        again.says("not an address").asks_for(&["Address", "What they may do", "Workspaces", "Reason"]);
        let asked =
            town.submit("mira", &again, json!({ "Address": "lea@example.com", "Reason": "joins <!channel>" })).await;
        asked.says("Asked: invite lea@example.com as user.");
        let card = town.card("ada").await;
        card.says("asks to invite lea@example.com as user").says("joins <!channel>");
        town.press("ada", &card, "Deny").await.says("Denied");
        town.told("mira").await.says("lea@example.com");
    })
    .await;
}

#[tokio::test]
async fn what_weighs_more_is_typed_and_agreed_to_by_another_admin() {
    everywhere(&features::CONFIRMED, async |town: &Town| {
        let form = town.say("ada", "/claude member remove mira@example.com").await;
        form.asks_for(&["Type mira@example.com to confirm"]);
        let wrong = town.submit("ada", &form, json!({ "Type mira@example.com to confirm": "mira" })).await;
        wrong.asks_for(&["Type mira@example.com to confirm"]);
        let asked = town.submit("ada", &wrong, json!({ "Type mira@example.com to confirm": "mira@example.com" })).await;
        asked.says("Asked: remove mira@example.com");
        let card = town.card("grace").await;
        town.press("ada", &card, "Approve").await.says("somebody else has to decide");
        town.press("grace", &card, "Approve").await.says("Done: ");
        assert!(!town.organization.members().iter().any(|it| it.email == "mira@example.com"));
    })
    .await;
}

#[tokio::test]
async fn lists_are_tables_in_pages() {
    everywhere(&features::LISTS, async |town: &Town| {
        let first = town.say("mira", "/claude members").await;
        first.says("Members 1 to 20 of 40.").says("ada@example.com");
        let second = town.press("mira", &first, "Next page").await;
        second.says("Members 21 to 40 of 40.");
        town.say("mira", "/claude members brandt").await.says("One member.").says("ada@example.com");
    })
    .await;
}

#[tokio::test]
async fn the_start_page_leads_on() {
    everywhere(&features::HOME, async |town: &Town| {
        let home = town.home("mira").await;
        home.says("Hello, ").offers(&[
            "Invite a colleague",
            "Request an API key",
            "Members",
            "Requests",
            "Who am I",
            "Help",
            "All of them",
            "Details",
        ]);
        town.press("mira", &home, "Who am I").await.says("Mira Chen, mira@example.com");
        let home = town.home("mira").await;
        let form = town.press("mira", &home, "Invite a colleague").await;
        form.asks_for(&["Address", "What they may do", "Workspaces", "Reason"]);
        town.submit("mira", &form, json!({ "Address": "lea@example.com" })).await.says("Asked: invite lea@example.com");
        town.card("ada").await.says("asks to invite lea@example.com");
    })
    .await;
}

#[tokio::test]
async fn whoever_is_nobody_yet_hears_how_to_become_somebody() {
    everywhere(&features::STRANGERS, async |town: &Town| {
        town.say("tom", "/claude members").await.says("I do not know yet who you are in the Claude organization.");
        if !town.talk.has_addresses() {
            let told = town.say("tom", "/claude invite me").await;
            assert!(!told.text.contains("Asked: "), "nobody knows an address of theirs: {}", told.text);
        }
    })
    .await;
}

#[tokio::test]
async fn whoever_has_an_address_asks_for_themselves() {
    everywhere(&features::ADDRESSES, async |town: &Town| {
        assert!(town.talk.has_addresses());
        town.say("tom", "/claude invite me").await.says("Asked: invite tom@example.com as user.");
        let card = town.card("ada").await;
        town.press("ada", &card, "Approve").await.says("Done: tom@example.com was invited as user.");
    })
    .await;
}

#[tokio::test]
async fn guests_are_refused() {
    everywhere(&features::GUESTS, async |town: &Town| {
        town.talk.make_guest("mira").await;
        for line in ["/claude help", "/claude members", "/claude invite lea@example.com"] {
            town.say("mira", line).await.says("Guests cannot use this.");
        }
    })
    .await;
}

#[tokio::test]
async fn of_two_who_press_one_decides() {
    everywhere(&features::RACES, async |town: &Town| {
        town.say("mira", "/claude invite lea@example.com").await;
        let card = town.card("ada").await;
        let (one, other) =
            tokio::join!(town.talk.press("ada", &card, "Approve"), town.talk.press("grace", &card, "Deny"));
        town.settle().await;
        let decided =
            [&one, &other].iter().filter(|it| it.text.contains("Done: ") || it.text.contains("Denied: ")).count();
        assert_eq!(decided, 1, "{}\n{}", one.text, other.text);
    })
    .await;
}

#[tokio::test]
async fn a_key_is_revealed_to_its_owner_alone() {
    everywhere(&features::REVEAL, async |town: &Town| {
        let secret = town.stock().await;
        let asked = "/claude key request --workspace research --purpose \"nightly evals\" --name evals";
        town.say("mira", asked).await.says("Asked: issue the dev API key evals in research");
        let card = town.card("ada").await;
        town.press("ada", &card, "Approve").await.says("It waits for Mira Chen to reveal it.");
        let offer = town.told("mira").await;
        offer.says("Your API key evals for research is ready.");
        let shown = town.press("mira", &offer, "Reveal").await;
        shown.says(&secret);
        shown.says("ANTHROPIC_API_KEY");
        town.press("mira", &offer, "Reveal").await.says(&secret);
        town.say("mira", "/claude keys").await.says("evals");
        town.again("ada", &card).await.says("Mira Chen has revealed it, and it works");
        town.say("mira", "/claude key disable evals").await.says("is inactive");
    })
    .await;
}

/// Mira asks for a key, Ada agrees, Mira reveals it.
async fn gets_a_key(town: &Town) -> String {
    let secret = town.stock().await;
    let asked = "/claude key request --workspace research --purpose \"nightly evals\" --name evals";
    town.say("mira", asked).await.says("Asked: issue the dev API key evals");
    let card = town.card("ada").await;
    town.press("ada", &card, "Approve").await.says("It waits for Mira Chen to reveal it.");
    reveals(town, &secret).await;
    secret
}

async fn reveals(town: &Town, secret: &str) {
    let offer = town.told("mira").await;
    town.press("mira", &offer, "Reveal").await.says(secret);
    assert_eq!(town.messages(secret).await, 200, "it works");
}

#[tokio::test]
async fn a_key_that_leaks_is_off_and_one_that_gets_old_is_replaced() {
    everywhere_at_length(&features::KEY_LIFE, async |town: &Town| {
        let leaked = gets_a_key(town).await;
        town.say("jonas", &format!("/claude key leak {leaked}")).await.says("switched off");
        assert_eq!(town.messages(&leaked).await, 401, "within the same breath");
        town.told("mira").await.says("was reported as leaked").offers(&["Ask for another one"]);

        let old = gets_a_key(town).await;
        town.nightly(&old, true);
        town.pass_days(90).await;
        let reminder = town.told("mira").await;
        reminder.says("is to be replaced now").offers(&["Replace it", "Keep it", "Give it back"]);
        let new = town.stock().await;
        town.press("mira", &reminder, "Replace it").await.says("replace the API key evals");
        reveals(town, &new).await;
        assert_eq!(town.messages(&old).await, 200, "both work");
        town.nightly(&old, false);
        town.nightly(&new, true);
        town.pass_days(2).await;
        town.told("mira").await.says("nothing uses it any more, so it is switched off");
        assert_eq!((town.messages(&old).await, town.messages(&new).await), (401, 200));
    })
    .await;
}

#[tokio::test]
async fn what_is_spent_is_told_drawn_and_limited() {
    everywhere_at_length(&features::MONEY, async |town: &Town| {
        town.pass_days(1).await;
        let spent = town.say("ada", "/claude cost --of org --by workspace --period last-month").await;
        spent.says("in November 2026").says("research");
        town.press("ada", &spent, "By model").await.says("claude-");
        let file = town.say("ada", "/claude cost --of org --by workspace --period last-month --csv").await;
        file.says("cost-by-workspace-2026-11-01-2026-11-30.csv");
        town.say("ada", "/claude usage --of org --by model").await.says("claude-");
        town.say("finn", "/claude limit set workspace:research --amount 0.5 --per day").await.says("research");
        town.pass_hours(3).await;
        town.told("finn").await.says("research").says("$0.50");
        town.say("finn", "/claude limit list").await.says("research");
        town.say("ada", "/claude report subscribe daily requests").await.says("This channel gets the requests report");
        town.say("ada", "/claude report list").await.says("requests");
    })
    .await;
}
