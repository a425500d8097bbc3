//! The chat page over real HTTP: who sees what, what a press changes, what is refused, what survives a restart.

mod stage;

use serde_json::{Value, json};
use stage::{Page, SECRET, card, cast, token};
use steward::chat::{
    Account, Acknowledgement, Kind, Message, Messenger, Platform, Receipt, Roster, Said, SendError, Target,
};
use steward::clock::{Clock, moment};
use steward::dispatch::Dispatch;
use steward::platform::Answers;
use steward::platform::browser::{Room, RoomMessenger, Touch, keep_saved};
use steward::random::Random;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

#[tokio::test]
async fn only_its_own_page_is_let_in() {
    let page = Page::open().await;
    let port = page.at.port();
    let state = |host: &str, more: &str| format!("GET /api/state HTTP/1.1\r\nhost: {host}{more}");
    let refused = [
        state("evil.example", ""),
        state(&format!("evil.example:{port}"), ""),
        state("127.0.0.1:1", ""),
        state("127.0.0.1", ""),
        state(&page.at.to_string(), "\r\norigin: http://evil.example"),
        state(&page.at.to_string(), "\r\norigin: null"),
        state(&page.at.to_string(), "\r\nsec-fetch-site: cross-site\r\nsec-fetch-mode: no-cors"),
    ];
    for head in refused {
        assert_eq!(page.raw(&head, "").await.0, 403, "{head}");
    }
    let own = [
        state(&format!("localhost:{port}"), ""),
        state(&format!("[::1]:{port}"), &format!("\r\norigin: http://localhost:{port}")),
        state(&page.at.to_string(), "\r\nsec-fetch-site: cross-site\r\nsec-fetch-mode: navigate"),
    ];
    for head in own {
        assert_eq!(page.raw(&head, "").await.0, 200, "{head}");
    }
}

#[tokio::test]
async fn a_form_of_another_site_cannot_speak_and_nothing_large_comes_in() {
    let page = Page::open().await;
    let said = json!({ "as": "ada", "channel": "general", "text": "hello" }).to_string();
    let plain = format!("{}\r\ncontent-type: text/plain", page.head("POST /api/say"));
    assert_eq!(page.raw(&plain, &said).await.0, 415);
    let kind = "content-type: application/json";
    let foreign = format!("{}\r\n{kind}\r\norigin: https://evil.example", page.head("POST /api/say"));
    assert_eq!(page.raw(&foreign, &said).await.0, 403);
    let large = format!("{}\r\n{kind}\r\ncontent-length: 300000\r\nconnection: close", page.head("POST /api/say"));
    assert_eq!(page.raw(&large, "").await.0, 413);
    assert!(page.sees("ada", "general").await.is_empty());
}

#[tokio::test]
async fn the_page_and_its_parts_are_served_under_a_strict_policy() {
    let page = Page::open().await;
    let (status, html) = page.raw(&page.head("GET /"), "").await;
    assert_eq!(status, 200);
    assert!(html.contains("default-src 'self'") && html.contains("frame-ancestors 'none'"), "{html}");
    assert!(html.contains("x-content-type-options: nosniff") && html.contains("referrer-policy: no-referrer"));
    assert!(!html.contains(" style=") && !html.contains("onclick") && !html.contains("<script>"), "nothing inline");
    let mut parts: Vec<String> = html.split('"').filter(|it| it.starts_with("/page/")).map(str::to_owned).collect();
    let mut at = 0;
    while let Some(path) = parts.get(at).cloned() {
        let (status, content) = page.raw(&page.head(&format!("GET {path}")), "").await;
        assert_eq!(status, 200, "{path}");
        let modules = content.split('"').filter_map(|it| it.strip_prefix("./")?.strip_suffix(".js"));
        for module in modules.map(|it| format!("/page/{it}.js")) {
            if !parts.contains(&module) {
                parts.push(module);
            }
        }
        at += 1;
    }
    assert!(parts.len() > 12, "{parts:?}");
}

#[tokio::test]
async fn the_state_names_people_and_channels() {
    let page = Page::open().await;
    let (_, state) = page.get("/api/state").await;
    assert_eq!(state["now"], "1970-01-01T00:16:40Z");
    assert_eq!(state["people"][0]["id"], "ada");
    assert_eq!(state["people"][1]["name"], "Mira Chen");
    assert_eq!(state["people"][1]["role"], "member");
    assert_eq!(state["channels"][1], json!({ "id": "approvals", "name": "approvals", "topic": "" }));
    assert_eq!(state["admin_key"], "sk-ant-admin01-simulated");
    assert_eq!(state["anthropic_base_url"], format!("http://{}/anthropic", page.at));
}

#[tokio::test]
async fn words_reach_the_commands_and_plain_talk_does_not() {
    let page = Page::open().await;
    let heard = page.say("mira", "general", "good morning, /claude is neat").await;
    assert_eq!(heard["messages"][0]["from"], "mira");
    assert!(page.script.heard.lock().unwrap().is_empty());
    page.say("mira", "general", "/claude invite @ada --reason \"new here\" lea@example.com").await;
    let said = page.last_said();
    let words = ["invite", "@browser:ada", "--reason", "new here", "lea@example.com"].map(str::to_owned).to_vec();
    assert_eq!(said.said, Said::Command(words));
    assert_eq!(said.who, Account::browser("mira"));
    assert_eq!((said.place.channel.as_str(), said.place.direct), ("browser:general", false));
    assert_eq!(said.standing.kind, Kind::Person);
    assert_eq!(said.standing.email.as_deref(), Some("mira@example.com"));
    assert_eq!(said.standing.groups, ["browser-group:platform"]);
    page.say("mira", "@mira", "/claude whoami").await;
    assert!(page.last_said().place.direct);
}

#[tokio::test]
async fn a_repeated_delivery_keeps_its_id() {
    let page = Page::open().await;
    let said = json!({ "as": "mira", "channel": "general", "text": "/claude repeat", "id": "delivery-7" });
    for _ in 0..3 {
        let (status, answer) = page.post("/api/say", &said).await;
        assert_eq!((status, &answer["messages"]), (200, &json!([])));
    }
    let heard = page.script.heard.lock().unwrap().clone();
    assert!(heard.iter().all(|it| it.id.delivery == "delivery-7" && it.id.logical == "delivery-7"));
    assert_eq!(heard.len(), 3);
}

#[tokio::test]
async fn a_whisper_is_seen_by_its_asker_alone() {
    let page = Page::open().await;
    let heard = page.say("mira", "general", "/claude whoami").await;
    let message = &heard["messages"][0];
    assert_eq!((&message["text"], &message["ephemeral"]), (&json!("Done."), &json!(true)));
    assert_eq!(page.reads("mira", "general").await, ["Done."]);
    assert!(page.reads("ada", "general").await.is_empty());
    let dismissal = |who: &str| json!({ "as": who, "message": message["id"] });
    assert_eq!(page.post("/api/dismiss", &dismissal("ada")).await.0, 400);
    assert_eq!(page.post("/api/dismiss", &dismissal("mira")).await.0, 200);
    assert!(page.reads("mira", "general").await.is_empty());
    assert_eq!(page.say("mira", "general", "/claude").await["messages"][0]["text"], "Ask me.");
}

#[tokio::test]
async fn what_was_entered_behind_a_verb_is_not_shown_to_others() {
    let page = Page::open().await;
    page.say("mira", "general", "/claude card sk-ant-pasted").await;
    let seen = page.sees("ada", "general").await;
    assert_eq!(seen[0]["asked"], json!({ "by": "mira", "command": "/claude card" }));
    page.say("mira", "general", "/claude sk-ant-pasted").await;
    let all = page.room.snapshot().to_string();
    assert!(!all.contains("sk-ant-pasted"), "{all}");
}

#[tokio::test]
async fn a_card_changes_in_place_and_a_late_press_still_gets_a_sentence() {
    let page = Page::open().await;
    let card = page.say("mira", "approvals", "/claude card").await["messages"][0].clone();
    assert_eq!(card["buttons"][0]["id"], "edit.approve");
    assert_eq!(card["buttons"][0]["label"], "Approve");
    assert_eq!(card["buttons"][1]["disabled"], true);
    let press = json!({ "as": "ada", "message": card["id"], "button": "edit.approve" });
    let (status, answer) = page.post("/api/press", &press).await;
    assert_eq!(status, 200);
    let changed = &answer["messages"][0];
    assert_eq!((&changed["id"], &changed["text"], &changed["edited"]), (&card["id"], &json!("Approved"), &json!(true)));
    assert_eq!(page.reads("mira", "approvals").await, ["Approved"]);
    let late = json!({ "as": "mira", "message": card["id"], "button": "edit.approve" });
    assert_eq!(page.post("/api/press", &late).await.0, 200, "the button was there when mira saw the card");
    assert_eq!(page.last_said().who, Account::browser("mira"));
}

#[tokio::test]
async fn a_form_with_mistakes_comes_again_and_goes_when_it_is_sent() {
    let page = Page::open().await;
    let opened = page.say("mira", "general", "/claude form").await["messages"][0].clone();
    assert_eq!(opened["form"]["id"], "open.form1");
    assert_eq!(opened["form"]["fields"][1]["kind"], "person");
    assert!(page.sees("ada", "general").await.is_empty());
    let submit = |form: &str, values: Value| json!({ "as": "mira", "form": form, "values": values });
    let (_, again) = page.post("/api/submit", &submit("open.form1", json!({ "email": "lea" }))).await;
    assert_eq!(again["messages"][0]["id"], opened["id"]);
    assert_eq!(again["messages"][0]["form"]["fields"][0]["error"], "No address.");
    let values = json!({ "email": "lea@example.com", "--owner": "browser:ada", "--seats": 3 });
    let (_, done) = page.post("/api/submit", &submit("open.form2", values.clone())).await;
    assert_eq!(done["messages"][0]["text"], "Asked.");
    let entered = [("email", "lea@example.com"), ("--owner", "@browser:ada"), ("--seats", "3")];
    let entered = entered.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    assert_eq!(page.last_said().said, Said::Form(token(Acknowledgement::Open, "form2"), entered));
    assert_eq!(page.reads("mira", "general").await, ["Asked."]);
    assert_eq!(page.post("/api/submit", &submit("open.form2", values)).await.0, 200, "a repeated delivery passes");
    let theirs = json!({ "as": "ada", "form": "open.form2", "values": {} });
    assert_eq!(page.post("/api/submit", &theirs).await.0, 400);
    assert_eq!(page.post("/api/submit", &submit("open.form2", json!({ "other": "x" }))).await.0, 400);
    assert_eq!(page.post("/api/submit", &submit("open.form2", json!({ "--owner": "nobody" }))).await.0, 400);
}

#[tokio::test]
async fn every_kind_of_block_arrives_and_handles_stay_inside() {
    let page = Page::open().await;
    let heard = page.say("mira", "general", "/claude everything").await;
    let blocks = heard["messages"][0]["blocks"].as_array().unwrap();
    let kinds: Vec<&str> = blocks.iter().map(|it| it["type"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["paragraph", "heading", "table", "chart", "code", "secret", "buttons", "file", "details"]);
    assert_eq!(blocks[0]["spans"][0], json!({ "type": "mention", "person": "ada", "account": "browser:ada" }));
    assert_eq!(blocks[0]["spans"][1], json!({ "type": "time", "at": "1970-01-01T00:00:00Z" }));
    assert!(!heard.to_string().contains("handle-stays-inside"));
    assert_eq!(blocks[3]["wide"][0], "svg");
    assert_eq!(blocks[8]["blocks"][0]["text"], "more");
    let row = json!({ "as": "mira", "message": heard["messages"][0]["id"], "button": "whisper.row" });
    assert_eq!(page.post("/api/press", &row).await.1["messages"][0]["text"], "Pressed.");
}

#[tokio::test]
async fn a_file_is_for_whoever_sees_its_message() {
    let page = Page::open().await;
    let heard = page.say("mira", "general", "/claude everything").await;
    let fetch = &heard["messages"][0]["blocks"][7]["fetch"];
    let path = |who: &str, block: &Value| {
        let message = fetch["message"].as_str().unwrap();
        page.head(&format!("GET /api/file?as={who}&message={message}&block={block}"))
    };
    let (status, answer) = page.raw(&path("mira", &fetch["block"]), "").await;
    assert_eq!(status, 200);
    let answer = answer.to_lowercase();
    for line in [
        "content-type: text/csv; charset=utf-8",
        "content-disposition: attachment; filename=\"cost.csv\"",
        "x-content-type-options: nosniff",
        "cache-control: no-store",
    ] {
        assert!(answer.contains(line), "{line}: {answer}");
    }
    assert!(answer.ends_with("\u{feff}\"day\",\"usd\"\r\n\"mon\",12\r\n"), "{answer}");
    assert_ne!(page.raw(&path("ada", &fetch["block"]), "").await.0, 200, "it was said to Mira alone");
    assert_ne!(page.raw(&path("nobody", &fetch["block"]), "").await.0, 200);
    for other in [json!(0), json!(99), json!("x")] {
        assert_ne!(page.raw(&path("mira", &other), "").await.0, 200, "{other}");
    }
}

#[tokio::test]
async fn a_secret_is_in_its_one_answer_and_nowhere_else() {
    let page = Page::open().await;
    let heard = page.say("mira", "general", "/claude secret").await;
    assert_eq!(heard["secret"]["value"], SECRET);
    assert_eq!(heard["secret"]["until"], "1970-01-01T00:15:00Z");
    let history = json!(page.sees("mira", "general").await).to_string();
    assert!(!history.contains(SECRET) && !page.room.snapshot().to_string().contains(SECRET));
    let other = page.say("ada", "general", "/claude secret").await;
    assert_eq!(other["messages"][0]["text"], "This is for somebody else.");
    assert!(other.get("secret").is_none());
}

#[tokio::test]
async fn home_and_suggestions_come_from_the_same_commands() {
    let page = Page::open().await;
    let (_, home) = page.get("/api/home?as=ada").await;
    assert_eq!(home["sections"][0]["text"], "Mira asks to invite Lea");
    let press = json!({ "as": "ada", "message": "home", "button": "edit.approve" });
    let (status, answer) = page.post("/api/press", &press).await;
    assert_eq!((status, &answer["messages"][0]["channel"]), (200, &json!("@ada")));
    let not_theirs = json!({ "as": "mira", "message": "home", "button": "edit.approve" });
    assert_eq!(page.post("/api/press", &not_theirs).await.0, 400);
    let (_, told) = page.get("/api/complete?as=ada&text=/claude%20invite%20").await;
    assert_eq!(told["suggestions"], json!([{ "insert": "invite", "read": "invite|" }]));
    assert_eq!(page.get("/api/complete?as=ada&text=hello").await.1, json!({ "suggestions": [] }));
}

#[tokio::test]
async fn what_cannot_be_understood_is_400_and_changes_nothing() {
    let page = Page::open().await;
    let card = page.say("mira", "approvals", "/claude card").await["messages"][0]["id"].clone();
    let direct = page.say("mira", "@mira", "/claude card").await["messages"][0]["id"].clone();
    let say = |who: &str, channel: &str, text: &str| json!({ "as": who, "channel": channel, "text": text });
    let press = |message: &Value, button: &str| json!({ "as": "ada", "message": message, "button": button });
    let bad = [
        ("/api/say", say("nobody", "general", "x")),
        ("/api/say", say("ada", "nowhere", "x")),
        ("/api/say", say("ada", "@mira", "x")),
        ("/api/say", say("ada", "general", "  ")),
        ("/api/say", say("ada", "general", &"x".repeat(8_001))),
        ("/api/say", json!({ "as": "ada" })),
        ("/api/say", json!([])),
        ("/api/press", press(&card, "edit.other")),
        ("/api/press", press(&card, "nonsense")),
        ("/api/press", press(&json!("m999"), "edit.approve")),
        ("/api/press", press(&direct, "edit.approve")),
        ("/api/submit", json!({ "as": "ada", "form": "open.none", "values": {} })),
    ];
    for (path, body) in bad {
        let (status, answer) = page.post(path, &body).await;
        assert_eq!(status, 400, "{path} {body}");
        assert!(answer["error"].is_string(), "{answer}");
    }
    let unreadable = format!("{}\r\ncontent-type: application/json", page.head("POST /api/say"));
    assert_eq!(page.raw(&unreadable, "{\"as\": ").await.0, 400);
    for path in ["/api/messages?as=ada&channel=@mira", "/api/messages?channel=general", "/api/events?as=nobody"] {
        assert_eq!(page.get(path).await.0, 400, "{path}");
    }
    assert!(page.sees("ada", "general").await.is_empty());
}

#[tokio::test]
async fn an_answer_that_breaks_is_told_and_the_page_goes_on() {
    let page = Page::open().await;
    let body = json!({ "as": "ada", "channel": "general", "text": "/claude panic" });
    let (status, answer) = page.post("/api/say", &body).await;
    assert_eq!(status, 500);
    assert!(answer["error"].is_string());
    page.say("ada", "general", "still here").await;
}

#[tokio::test]
async fn unread_marks_are_counted_for_each_person() {
    let page = Page::open().await;
    page.say("ada", "general", "one").await;
    page.say("ada", "general", "/claude whoami").await;
    let unread = async |who: &str| page.get(&format!("/api/unread?as={who}")).await.1;
    assert_eq!(unread("mira").await["channels"]["general"], 1, "a whisper to ada is none of mira's");
    page.post("/api/seen", &json!({ "as": "mira", "channel": "general" })).await;
    assert_eq!(unread("mira").await["channels"]["general"], 0);
    let messenger = RoomMessenger::new(page.room.clone());
    messenger.send(&Target::Direct(Account::browser("mira")), &Message::plain("approved")).await.unwrap();
    assert_eq!(unread("mira").await["channels"]["@mira"], 1);
    assert_eq!(unread("ada").await["people"], json!({ "mira": 1 }));
}

#[tokio::test]
async fn the_messenger_sends_edits_and_says_what_is_closed() {
    let page = Page::open().await;
    let messenger = RoomMessenger::new(page.room.clone());
    let channel = Target::Channel("browser:approvals".into());
    let receipt = messenger.send(&channel, &card()).await.unwrap();
    assert_eq!((receipt.platform.as_str(), receipt.channel.as_str()), ("browser", "approvals"));
    messenger.edit(&receipt, &Message::plain("Expired")).await.unwrap();
    let seen = page.sees("ada", "approvals").await;
    assert_eq!((&seen[0]["text"], &seen[0]["edited"]), (&json!("Expired"), &json!(true)));
    let direct = messenger.send(&Target::Direct(Account::browser("mira")), &Message::plain("news")).await.unwrap();
    assert_eq!(direct.channel, "@mira");
    assert_eq!(page.reads("mira", "@mira").await, ["news"]);
    let closed = |code: &str| SendError::Closed { code: code.into() };
    let at = |name: &str| Target::Channel(name.into());
    let news = Message::plain("news");
    assert_eq!(messenger.send(&at("browser:nowhere"), &news).await, Err(closed("channel_not_found")));
    assert_eq!(messenger.send(&at("slack:C0"), &news).await, Err(closed("channel_not_found")));
    assert_eq!(messenger.send(&at("browser:@mira"), &news).await, Err(closed("channel_not_found")));
    let stranger = Target::Direct(Account::discord("1"));
    assert_eq!(messenger.send(&stranger, &news).await, Err(closed("user_not_found")));
    page.room.set_kind("mira", Kind::Deactivated);
    let gone = Target::Direct(Account::browser("mira"));
    assert_eq!(messenger.send(&gone, &news).await, Err(closed("user_deactivated")));
    let nowhere = Receipt { message: "m999".into(), ..receipt };
    assert_eq!(messenger.edit(&nowhere, &news).await, Err(closed("message_not_found")));
}

#[tokio::test]
async fn the_roster_tells_what_is_so_now() {
    let page = Page::open().await;
    let roster = RoomMessenger::new(page.room.clone());
    let mira = Account::browser("mira");
    assert_eq!(roster.standing(&mira).await.unwrap().kind, Kind::Person);
    assert!(page.room.change_person("mira", |it| it.groups = vec!["browser-group:finance".into()]));
    assert!(page.room.set_kind("mira", Kind::Deactivated));
    let standing = roster.standing(&mira).await.unwrap();
    assert_eq!((standing.kind, standing.groups), (Kind::Deactivated, vec!["browser-group:finance".to_owned()]));
    assert!(roster.standing(&Account::browser("nobody")).await.is_none());
    assert!(roster.standing(&Account::slack("T1", "mira")).await.is_none());
    page.say("mira", "general", "/claude whoami").await;
    assert_eq!(page.last_said().standing.kind, Kind::Deactivated);
    assert_eq!(page.last_said().who.platform(), Platform::Browser);
}

#[tokio::test]
async fn pages_hear_what_moved_and_no_more() {
    let page = Page::open().await;
    let mut stream = TcpStream::connect(page.at).await.unwrap();
    let asked = format!("{}\r\n\r\n", page.head("GET /api/events?as=ada"));
    stream.write_all(asked.as_bytes()).await.unwrap();
    let mut heard = String::new();
    read_until(&mut stream, &mut heard, "hello").await;
    page.say("mira", "@mira", "a secret plan").await;
    read_until(&mut stream, &mut heard, "elsewhere").await;
    assert!(!heard.contains("secret plan") && !heard.contains("@mira"), "{heard}");
    page.say("mira", "general", "hello all").await;
    read_until(&mut stream, &mut heard, r#"{"kind":"messages","channel":"general"}"#).await;
    page.room.touch(Touch::Clock);
    read_until(&mut stream, &mut heard, r#"{"kind":"clock"}"#).await;
    page.room.close();
    let mut rest = Vec::new();
    stream.shutdown().await.unwrap();
    stream.read_to_end(&mut rest).await.unwrap();
}

/// Reads until `wanted` was heard; a stream that ends before fails the test.
async fn read_until(stream: &mut TcpStream, heard: &mut String, wanted: &str) {
    let mut buffer = [0_u8; 1024];
    while !heard.contains(wanted) {
        let read = stream.read(&mut buffer).await.unwrap();
        assert!(read > 0, "the stream ended without {wanted}: {heard}");
        heard.push_str(&String::from_utf8_lossy(&buffer[..read]));
    }
}

#[tokio::test]
async fn the_room_survives_a_restart() {
    let page = Page::open().await;
    let card = page.say("mira", "approvals", "/claude card").await["messages"][0]["id"].clone();
    page.say("ada", "general", "hello").await;
    page.room.change_person("mira", |it| it.role = "billing".into());
    page.post("/api/seen", &json!({ "as": "mira", "channel": "general" })).await;
    let folder = std::env::temp_dir().join(format!("steward-room-{}", Random::system().short(10)));
    std::fs::create_dir(&folder).unwrap();
    let path = folder.join("chat.json");
    let keeping = tokio::spawn(keep_saved(page.room.clone(), path.clone()));
    tokio::task::yield_now().await;
    page.say("ada", "general", "last words").await;
    page.room.close();
    keeping.await.unwrap();
    let saved: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
    assert_eq!(saved, page.room.snapshot());
    let again = Room::restore(cast(), Clock::standing(moment(0)), saved.clone()).unwrap();
    assert_eq!(again.snapshot(), saved);
    let messenger = RoomMessenger::new(again.clone());
    let at = card.as_str().unwrap().to_owned();
    let receipt = Receipt { platform: "browser".into(), channel: "approvals".into(), message: at };
    messenger.edit(&receipt, &Message::plain("Applied")).await.unwrap();
    let next = messenger.send(&Target::Channel("browser:general".into()), &Message::plain("new")).await.unwrap();
    assert_eq!(next.message, "m4", "ids go on");
    assert!(Room::restore(cast(), Clock::standing(moment(0)), json!({ "version": 99 })).is_err());
}

/// Compiles only if the house's own dispatch can stand behind the page.
#[test]
fn the_real_dispatch_fits_behind_the_page() {
    fn answers<T: Answers>() {}
    answers::<Dispatch>();
}
