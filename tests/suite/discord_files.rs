//! Pictures and tables as Discord gets them: files with a word for those who do not see them, and the numbers in the text.

use steward::chat::{Account, Block, Chart, ChartKind, File, Message, Messenger, Series, Target};
use steward::platform::discord::{Api, DiscordMessenger};

use crate::discord_scene::Scene;
use crate::fake::discord::{APPLICATION, Asked, Mode, TOKEN};
use crate::slack_scene::always;

const FIRST: &[u8] = b"\x89PNG\r\n\x1a\n";
const LAST: &[u8] = b"IEND\xaeB\x60\x82";

fn place(bytes: &[u8], part: &[u8]) -> Option<usize> {
    bytes.windows(part.len()).position(|it| it == part)
}

/// The picture within a request.
fn picture(asked: &Asked) -> &[u8] {
    let from = place(&asked.bytes, FIRST).expect("a picture comes along");
    let length = place(&asked.bytes[from..], LAST).expect("and is whole") + LAST.len();
    &asked.bytes[from..from + length]
}

fn chart() -> Chart {
    let days = ["Mon", "Tue", "Wed", "Thu", "Fri"].map(str::to_owned).to_vec();
    let series = |name: &str, points: &[f64]| Series { name: name.into(), points: points.to_vec() };
    Chart {
        kind: ChartKind::Bar,
        title: "Spend by day".into(),
        unit: "USD".into(),
        categories: days,
        series: vec![
            series("research", &[12.5, 40.0, 8.25, 31.0, 22.0]),
            series("production", &[80.0, 75.5, 90.0, 61.0, 99.5]),
        ],
    }
}

#[tokio::test]
async fn a_chart_comes_as_a_picture_with_its_numbers_in_the_text() {
    let scene = Scene::open(Mode::Http, always("yes")).await;
    let messenger = DiscordMessenger::new(Api::new(&scene.fake.url(), &TOKEN.to_owned().into(), APPLICATION).unwrap());
    let table = File::csv("spend", "Spend by day, as a table", "day,usd\nMon,92.5\n".into());
    let message = Message::plain("What was spent.").block(Block::Chart(chart())).block(Block::File(table));
    messenger.send(&Target::Channel(format!("discord:{}", scene.general)), &message).await.unwrap();
    messenger.send(&Target::Direct(Account::discord(&scene.ada)), &message).await.unwrap();
    for channel in [scene.general.clone(), scene.fake.direct(&scene.ada)] {
        let sent = scene.fake.messages(&channel).pop().unwrap();
        assert_eq!(sent.files, ["chart-1.png", "spend.csv"]);
        let about = &sent.body["attachments"];
        for number in ["12.50", "99.50", "research", "production", "Wed"] {
            assert!(about[0]["description"].as_str().unwrap().contains(number), "{number}: {about}");
            assert!(sent.body["embeds"].to_string().contains(number), "{number}: {}", sent.body["embeds"]);
        }
        assert_eq!(about[1]["description"], "Spend by day, as a table");
    }
    let all = scene.fake.asked();
    let request = all.iter().find(|it| it.path.ends_with("/messages")).unwrap();
    let drawn = resvg::tiny_skia::Pixmap::decode_png(picture(request)).expect("it is a PNG");
    assert!(drawn.width() > 800 && drawn.height() > 300, "{} x {}", drawn.width(), drawn.height());
    if let Some(folder) = std::env::var_os("STEWARD_TEST_SCREENSHOTS") {
        std::fs::write(std::path::Path::new(&folder).join("discord-chart.png"), picture(request)).unwrap();
    }
    scene.close().await;
}

/// Three files of 9 MiB each may go, but not all at once: what is left out is named.
#[tokio::test]
async fn files_that_are_too_much_together_are_named_and_left_out() {
    let scene = Scene::open(Mode::Http, always("yes")).await;
    let messenger = DiscordMessenger::new(scene.api.clone());
    let mut message = Message::plain("Tables.");
    for number in 1..=3 {
        message = message.block(Block::File(File::csv(&format!("part-{number}"), "A part", "x".repeat(9 << 20))));
    }
    messenger.send(&Target::Channel(format!("discord:{}", scene.general)), &message).await.unwrap();
    let sent = scene.fake.messages(&scene.general).pop().unwrap();
    assert_eq!(sent.files, ["part-1.csv", "part-2.csv"]);
    assert!(
        sent.body["content"].as_str().unwrap().contains("Could not be put here: part-3.csv"),
        "{}",
        sent.body["content"]
    );
    scene.close().await;
}
