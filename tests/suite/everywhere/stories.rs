//! The stories themselves. Each is told in every place; what differs between platforms is not said here.

use serde_json::json;

use super::town::Town;
use super::{browser, slack};
use crate::bench::{Engine, engines};
use crate::fake::slack::Mode;

/// Every place in which a story is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Browser,
    SlackSocket,
    SlackHttp,
}

pub(crate) const PLACES: [Place; 3] = [Place::Browser, Place::SlackSocket, Place::SlackHttp];

impl Place {
    async fn town(self, engine: Engine) -> Town {
        match self {
            Self::Browser => browser::town(engine).await,
            Self::SlackSocket => slack::town(engine, Mode::Socket).await,
            Self::SlackHttp => slack::town(engine, Mode::Http).await,
        }
    }
}

/// Tells a story in every place, on every database.
async fn everywhere(story: impl AsyncFn(&Town)) {
    for engine in engines() {
        for place in PLACES {
            let town = place.town(engine).await;
            eprintln!("{place:?} {engine:?}");
            story(&town).await;
            town.close().await;
        }
    }
}

#[tokio::test]
async fn help_mistakes_and_what_was_meant() {
    everywhere(async |town: &Town| {
        town.say("mira", "/claude help").await.says("This is how your company's Claude organization is run from chat.");
        town.say("mira", "/claude").await.says("Mira");
        town.say("mira", "/claude invit lea@example.com").await.says("invite");
        town.say("mira", "/claude help invite").await.says("--role");
    })
    .await;
}

#[tokio::test]
async fn somebody_asks_and_somebody_else_agrees() {
    everywhere(async |town: &Town| {
        let asked = town.say("mira", "/claude invite lea@example.com --role developer").await;
        asked.says("Asked: invite lea@example.com as developer.");
        let card = town.card("ada").await;
        card.says("asks to invite lea@example.com as developer");
        town.press("mira", &card, "Approve").await.says("you asked for");
        town.press("ada", &card, "Approve").await.says("Done: lea@example.com was invited as developer.");
        let receipt = town.again("ada", &card).await;
        receipt.says("Done: lea@example.com was invited as developer.").offers(&["Undo"]);
        town.told("mira").await.says("lea@example.com was invited as developer");
        assert_eq!(town.organization.invites().iter().filter(|it| it.email == "lea@example.com").count(), 1);
        town.press("grace", &card_of_before(&card), "Approve").await.says("Done");
        town.press("ada", &receipt, "Undo").await.says("Done: the invitation of lea@example.com was withdrawn.");
    })
    .await;
}

/// A card as somebody saw it before it was decided: the button is gone by now.
fn card_of_before(card: &super::seen::Seen) -> super::seen::Seen {
    card.clone()
}
