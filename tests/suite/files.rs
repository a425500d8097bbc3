//! Files in Slack: shown where the message stands, to nobody who does not see the message.

use steward::chat::{
    Audience, Block, Chart, ChartKind, Details, File, Message, Messenger, Reply, Says, Series, Target, Text,
};
use steward::clock::Clock;
use steward::platform::slack::{Api, SlackMessenger};
use steward::view::csv::{Cell, row};

use crate::fake::slack::{BOT_TOKEN, Fault, Mode, TEAM};
use crate::slack_scene::Scene;

fn chart() -> Chart {
    Chart {
        title: "Cost".into(),
        kind: ChartKind::Bar,
        unit: "USD".into(),
        categories: vec!["Mon".into(), "Tue".into()],
        series: vec![Series { name: "cost".into(), points: vec![1.0, 2.5] }],
    }
}

fn message() -> Message {
    let table = row(&[Cell::Text("=1+1"), Cell::Number(12)]);
    Message::plain("Cost of this week: $3.50")
        .block(Block::File(File::csv("cost", "Cost by day", table)))
        .block(Block::File(File::picture("cost", chart())))
        .block(Block::Details(Details {
            title: "By day".into(),
            blocks: vec![Block::Paragraph(Text::plain("Mon $1.00"))],
        }))
}

fn answers(audience: Audience) -> crate::slack_scene::Line {
    Box::new(move |_| Reply { audience, says: Says::Message(message()) })
}

const TABLE: &[u8] = "\u{feff}\"'=1+1\",12\r\n".as_bytes();

#[tokio::test]
async fn an_answer_for_one_person_has_its_files_in_their_conversation() {
    let scene = Scene::open(Mode::Http, answers(Audience::Asker)).await;
    scene.fake.says(&scene.ada, &scene.general, "/claude cost").await.acknowledged();
    let direct = scene.fake.direct(&scene.ada);
    scene.until("both files are there", || scene.fake.files(&direct).len() == 2).await;
    let files = scene.fake.files(&direct);
    assert_eq!(files[0], ("cost.csv".to_owned(), TABLE.to_vec()));
    assert_eq!(files[1].0, "cost.png");
    assert!(files[1].1.starts_with(b"\x89PNG"));
    assert!(scene.fake.files(&scene.general).is_empty(), "nobody else was told");
    scene.close().await;
}

#[tokio::test]
async fn an_answer_for_everybody_has_its_files_beside_it_and_a_refusal_is_told() {
    let scene = Scene::open(Mode::Http, answers(Audience::Everyone)).await;
    scene.fake.says(&scene.ada, &scene.general, "/claude cost").await.acknowledged();
    scene.until("both files are there", || scene.fake.files(&scene.general).len() == 2).await;
    scene.fake.revoke_scope("files:write");
    scene.fake.says(&scene.ada, &scene.general, "/claude cost").await.acknowledged();
    scene.until("it is told twice", || scene.told(&scene.ada).len() == 2).await;
    let told = scene.told(&scene.ada).join("\n");
    assert!(told.contains("The file cost.csv could not be put here."), "{told}");
    assert!(scene.fake.bytes_contain("files:write"), "what to do about it");
    scene.close().await;
}

#[tokio::test]
async fn a_report_has_its_details_and_files_in_its_thread_and_is_told_once() {
    let scene = Scene::open(Mode::Http, answers(Audience::Asker)).await;
    let api = Api::new(&scene.fake.api_url(), &BOT_TOKEN.to_owned().into());
    let messenger = SlackMessenger::new(api, TEAM, Clock::system());
    let target = Target::Channel(format!("slack:{}", scene.general));
    scene.fake.fault("upload", Fault::Status(500), 1);
    let receipt = messenger.send(&target, &message()).await.unwrap();
    let posted = scene.fake.messages(&scene.general);
    let texts: Vec<(&str, &str)> = posted
        .iter()
        .map(|it| (it.body["text"].as_str().unwrap(), it.body["thread_ts"].as_str().unwrap_or("")))
        .collect();
    let below = receipt.message.as_str();
    assert_eq!(
        texts,
        [("Cost of this week: $3.50", ""), ("By day", below), ("The file cost.csv could not be put here.", below)]
    );
    assert_eq!(scene.fake.files(&scene.general).len(), 1, "the other file is there");
    assert!(scene.fake.trouble().is_empty(), "{:?}", scene.fake.trouble());
    scene.close().await;
}
