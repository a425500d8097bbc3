//! A running page, people on it, and a script that answers them.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use futures_util::future::{BoxFuture, ready};
use serde_json::{Value, json};
use steward::chat::{
    Account, Acknowledgement, Audience, Block, Button, Chart, ChartKind, Details, Field, FieldKind, File, Form,
    Greeting, Home, Invocation, Message, Reply, Revealed, Said, Says, SecretHandle, Table, Text, Token, Tone, Vault,
    VaultError,
};
use steward::clock::{Clock, moment};
use steward::platform::Answers;
use steward::platform::browser::{Cast, Channel, Parts, Person, Room, guard, loopback_hosts, router};
use steward::random::Random;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

pub(super) const SECRET: &str = "sk-ant-api03-only-in-the-dialog";

/// Answers from a script, and keeps what it was told.
#[derive(Default)]
pub(super) struct Script {
    pub(super) heard: Mutex<Vec<Invocation>>,
}

pub(super) fn token(how: Acknowledgement, id: &str) -> Token {
    Token { acknowledgement: how, id: id.into() }
}

pub(super) fn armed(label: &str, how: Acknowledgement, id: &str) -> Button {
    let mut button = Button::new(label, &[]).acknowledged(how);
    button.token = Some(token(how, id));
    button
}

pub(super) fn form(error: Option<&str>) -> Form {
    let fields = vec![
        Field::line("email", "Email"),
        Field::of("--owner", "Owner", FieldKind::Person).optional(),
        Field::of("--seats", "Seats", FieldKind::Number { least: 1, most: 5 }).optional(),
    ];
    let mut form = Form::new("Invite", &["invite"], fields);
    form.token = Some(token(Acknowledgement::Open, if error.is_some() { "form2" } else { "form1" }));
    form.errors = error.map(|text| ("email".to_owned(), text.to_owned())).into_iter().collect();
    form
}

pub(super) fn says(audience: Audience, message: Message) -> Reply {
    Reply { audience, says: Says::Message(message) }
}

pub(super) fn whispers(says: Says) -> Reply {
    Reply { audience: Audience::Asker, says }
}

pub(super) fn card() -> Message {
    Message::plain("Mira asks to invite Lea")
        .tone(Tone::Waiting)
        .fields([("Role", Text::plain("user"))])
        .button(armed("Approve", Acknowledgement::Edit, "approve"))
        .button(Button::new("Not live", &["never"]))
}

pub(super) fn everything() -> Message {
    let chart = Chart {
        title: "Cost".into(),
        kind: ChartKind::Bar,
        unit: "USD".into(),
        categories: vec!["Mon".into()],
        series: vec![],
    };
    let table = Table { caption: "Members".into(), columns: vec!["Name".into()], rows: vec![vec![Text::plain("Ada")]] };
    Message::plain("All")
        .paragraph(Text::new().mention(&Account::browser("ada")).time(moment(0)))
        .block(Block::Heading("People".into()))
        .block(Block::Table(table))
        .block(Block::Chart(chart))
        .block(Block::Code("curl".into()))
        .block(Block::Secret(SecretHandle("handle-stays-inside".into())))
        .block(Block::Buttons(vec![armed("Row", Acknowledgement::Whisper, "row")]))
        .block(Block::File(File::csv("cost", "Cost by day", "\"day\",\"usd\"\r\n\"Mon\",12\r\n".into())))
        .block(Block::Details(Details { title: "More".into(), blocks: vec![Block::Code("more".into())] }))
}

impl Script {
    fn command(words: &[String]) -> Reply {
        let message = |text: &str| Message::plain(text);
        match words.first().map(String::as_str).unwrap_or_default() {
            "card" => says(Audience::Everyone, card()),
            "everything" => says(Audience::Asker, everything()),
            "form" => whispers(Says::Form(Box::new(form(None)))),
            "secret" => whispers(Says::Secret(SecretHandle("h1".into()), message("Your key"))),
            "repeat" => whispers(Says::Nothing),
            "panic" => panic!("a command that breaks"),
            _ => says(Audience::Asker, message("Done.")),
        }
    }

    fn answer(invocation: &Invocation) -> Reply {
        match &invocation.said {
            Said::Command(words) => Self::command(words),
            Said::Press(token) if token.id == "approve" => {
                says(Audience::SameMessage, Message::plain("Approved").tone(Tone::Good))
            }
            Said::Form(_, entered) if entered[0].1.contains('@') => says(Audience::Asker, Message::plain("Asked.")),
            Said::Form(..) => whispers(Says::Form(Box::new(form(Some("No address."))))),
            Said::Typing(words) => whispers(Says::Suggestions(vec![("invite".into(), words.join("|"))])),
            Said::Opened => whispers(Says::Home(Home { sections: vec![card()] })),
            Said::Press(_) | Said::Shortcut(..) => says(Audience::Asker, Message::plain("Pressed.")),
        }
    }
}

impl Answers for Script {
    fn root(&self) -> String {
        "/claude".to_owned()
    }

    fn greet(&self, invocation: &Invocation) -> Greeting {
        self.heard.lock().unwrap().push(invocation.clone());
        match &invocation.said {
            Said::Command(words) if words.is_empty() => Greeting::Answer(Message::plain("Ask me.")),
            _ => Greeting::Wait(Audience::Asker),
        }
    }

    fn serve(&self, invocation: Invocation) -> BoxFuture<'_, Reply> {
        Box::pin(async move { Self::answer(&invocation) })
    }
}

pub(super) struct OneSecret;

impl Vault for OneSecret {
    fn open<'a>(&'a self, _: &'a SecretHandle, account: &'a Account) -> BoxFuture<'a, Result<Revealed, VaultError>> {
        let revealed = Revealed { secret: SECRET.to_owned().into(), until: Some(moment(900_000)) };
        Box::pin(ready(if account.id() == "mira" { Ok(revealed) } else { Err(VaultError::NotYours) }))
    }
}

pub(super) fn person(id: &str, name: &str, role: &str) -> Person {
    Person {
        id: id.into(),
        name: name.into(),
        role: role.into(),
        email: Some(format!("{id}@example.com")),
        groups: vec!["browser-group:platform".into()],
        title: String::new(),
    }
}

pub(super) fn cast() -> Cast {
    let channel = |id: &str| Channel { id: id.into(), name: id.into(), topic: String::new() };
    Cast {
        people: vec![person("ada", "Ada Brandt", "admin"), person("mira", "Mira Chen", "member")],
        channels: vec![channel("general"), channel("approvals")],
        company: "Meridian".into(),
    }
}

/// A running page.
pub(super) struct Page {
    pub(super) at: SocketAddr,
    pub(super) room: Arc<Room>,
    pub(super) script: Arc<Script>,
}

impl Page {
    pub(super) async fn open() -> Self {
        let script = Arc::new(Script::default());
        let room = Room::new(cast(), Clock::standing(moment(1_000_000)));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap();
        let page = router(Parts {
            room: room.clone(),
            answers: script.clone(),
            vault: Arc::new(OneSecret),
            random: Random::seeded(1),
            command: "/claude".into(),
            admin_key: "sk-ant-admin01-simulated".into(),
            anthropic_base_url: format!("http://{at}/anthropic"),
        });
        let guarded = guard(page, loopback_hosts(at));
        tokio::spawn(async move { axum::serve(listener, guarded).await });
        Self { at, room, script }
    }

    /// Sends `head` and `body` as they stand and reads until the server closes.
    pub(super) async fn raw(&self, head: &str, body: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(self.at).await.unwrap();
        let length = if body.is_empty() { String::new() } else { format!("content-length: {}\r\n", body.len()) };
        let request = format!("{head}\r\nconnection: close\r\n{length}\r\n{body}");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        let answer = String::from_utf8(answer).unwrap();
        let status = answer.split(' ').nth(1).and_then(|it| it.parse().ok()).unwrap();
        (status, answer)
    }

    pub(super) fn head(&self, line: &str) -> String {
        format!("{line} HTTP/1.1\r\nhost: {}", self.at)
    }

    pub(super) async fn get(&self, path: &str) -> (u16, Value) {
        let (status, answer) = self.raw(&self.head(&format!("GET {path}")), "").await;
        (status, body_of(&answer))
    }

    pub(super) async fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        let head = format!("{}\r\ncontent-type: application/json", self.head(&format!("POST {path}")));
        let (status, answer) = self.raw(&head, &body.to_string()).await;
        (status, body_of(&answer))
    }

    /// Says something and hears the answer, which must be 200.
    pub(super) async fn say(&self, who: &str, channel: &str, text: &str) -> Value {
        let (status, answer) = self.post("/api/say", &json!({ "as": who, "channel": channel, "text": text })).await;
        assert_eq!(status, 200, "{answer}");
        answer
    }

    pub(super) async fn sees(&self, who: &str, channel: &str) -> Vec<Value> {
        let (status, list) = self.get(&format!("/api/messages?as={who}&channel={channel}")).await;
        assert_eq!(status, 200, "{list}");
        list.as_array().unwrap().clone()
    }

    pub(super) async fn reads(&self, who: &str, channel: &str) -> Vec<String> {
        self.sees(who, channel).await.iter().map(|it| it["text"].as_str().unwrap().to_owned()).collect()
    }

    pub(super) fn last_said(&self) -> Invocation {
        self.script.heard.lock().unwrap().last().unwrap().clone()
    }
}

pub(super) fn body_of(answer: &str) -> Value {
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    serde_json::from_str(body).unwrap_or(Value::Null)
}
