//! The company on the sandbox's chat page, spoken to over its HTTP.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use serde_json::{Value, json};
use steward::chat::{Account, Kind, Platform};
use steward::clock::Clock;
use steward::platform::browser::{self, Cast, Channel, Parts, Person, Room, RoomMessenger};
use steward::random::Random;
use steward::store::StoreVault;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::seen::Seen;
use super::town::{Answering, Ground, Outlet, Talk, Town};
use crate::bench::{Engine, client};

/// The company behind the page.
pub(crate) async fn town(engine: Engine) -> Town {
    Town::found(engine, async move |ground: Ground| {
        let person = |it: &steward::sandbox::Player| {
            let groups: &[&str] = match it.id.as_str() {
                "ada" | "grace" => &["browser-group:admins"],
                "finn" => &["browser-group:finance"],
                _ => &[],
            };
            Person {
                id: it.id.clone(),
                name: it.name.clone(),
                role: "member".into(),
                email: Some(it.email.clone()),
                groups: groups.iter().map(ToString::to_string).collect(),
                title: String::new(),
            }
        };
        let channel = |id: &str| Channel { id: id.into(), name: id.into(), topic: String::new() };
        let cast = Cast {
            people: ground.players.iter().map(person).collect(),
            channels: vec![channel("general"), channel("approvals")],
            company: "Meridian Labs".into(),
        };
        let room = Room::new(cast, ground.clock.clone());
        let messenger = Arc::new(RoomMessenger::new(Arc::clone(&room)));
        let outlet = Outlet {
            platform: Platform::Browser,
            roster: Arc::clone(&messenger) as _,
            messenger,
            approvals: "browser:approvals".into(),
            admins: "browser-group:admins".into(),
            finance: "browser-group:finance".into(),
        };
        let furnish = async move |house: Arc<steward::cli::house::House>, clock: Clock| {
            let router = browser::router(Parts {
                room: Arc::clone(&room),
                answers: Arc::clone(&house.dispatch) as _,
                vault: Arc::new(StoreVault::new(house.store.clone(), clock)),
                random: Random::seeded(5),
                command: "/claude".into(),
                admin_key: String::new(),
                anthropic_base_url: String::new(),
            });
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = format!("http://{}", listener.local_addr().unwrap());
            let stop = CancellationToken::new();
            tokio::spawn(steward::server::serve(listener, router, stop.clone()));
            Box::new(OnThePage { address, room, stop, http: client() }) as Box<dyn Talk>
        };
        (outlet, furnish)
    })
    .await
}

struct OnThePage {
    address: String,
    room: Arc<Room>,
    stop: CancellationToken,
    http: reqwest::Client,
}

impl OnThePage {
    async fn post(&self, path: &str, body: Value) -> Seen {
        let answer = self.http.post(format!("{}{path}", self.address)).json(&body).send().await.unwrap();
        let (status, text) = (answer.status(), answer.text().await.unwrap());
        assert!(status.is_success(), "{path}: {status} {text}");
        let answer: Value = serde_json::from_str(&text).unwrap();
        if !answer["home"].is_null() {
            return start_page(&answer["home"]);
        }
        if !answer["secret"].is_null() {
            return Seen { text: answer["secret"].to_string(), raw: answer, at: "secret".into(), ..Seen::default() };
        }
        answer["messages"].as_array().and_then(|it| it.last()).map(seen).unwrap_or_default()
    }

    async fn newest_in(&self, who: &str, channel: &str) -> Seen {
        let path = format!("{}/api/messages?as={who}&channel={channel}", self.address);
        let all: Value = self.http.get(path).send().await.unwrap().json().await.unwrap();
        all.as_array().and_then(|it| it.last()).map(seen).expect("a message")
    }
}

impl Talk for OnThePage {
    fn say<'a>(&'a self, who: &'a str, line: &'a str) -> Answering<'a> {
        Box::pin(self.post("/api/say", json!({ "as": who, "channel": "general", "text": line })))
    }

    fn press<'a>(&'a self, who: &'a str, seen: &'a Seen, label: &'a str) -> Answering<'a> {
        let all = buttons(&seen.raw);
        let button =
            all.iter().find(|it| it["label"] == label).unwrap_or_else(|| panic!("no {label} in {}", seen.text));
        let body = json!({ "as": who, "message": seen.at, "button": button["id"] });
        Box::pin(async move { self.post("/api/press", body).await })
    }

    fn submit<'a>(&'a self, who: &'a str, seen: &'a Seen, values: Value) -> Answering<'a> {
        let form = &seen.raw["form"];
        let named = |label: &str| {
            let fields = form["fields"].as_array().into_iter().flatten();
            let found = fields.clone().find(|it| it["label"] == label || it["name"] == label);
            found.unwrap_or_else(|| panic!("no field {label} in {form}"))["name"].as_str().unwrap().to_owned()
        };
        // What stands there already is sent as well, as the page does.
        let initial = form["fields"].as_array().into_iter().flatten();
        let mut filled: serde_json::Map<String, Value> =
            initial.map(|it| (it["name"].as_str().unwrap().to_owned(), it["initial"].clone())).collect();
        filled.extend(values.as_object().unwrap().iter().map(|(label, value)| (named(label), value.clone())));
        let body = json!({ "as": who, "form": form["id"], "values": filled });
        Box::pin(async move { self.post("/api/submit", body).await })
    }

    fn home<'a>(&'a self, who: &'a str) -> Answering<'a> {
        Box::pin(async move {
            let path = format!("{}/api/home?as={who}", self.address);
            let home: Value = self.http.get(path).send().await.unwrap().json().await.unwrap();
            start_page(&home)
        })
    }

    fn newest<'a>(&'a self, who: &'a str) -> Answering<'a> {
        Box::pin(self.newest_in(who, "approvals"))
    }

    fn told<'a>(&'a self, who: &'a str) -> Answering<'a> {
        Box::pin(async move { self.newest_in(who, &format!("@{who}")).await })
    }

    fn again<'a>(&'a self, who: &'a str, old: &'a Seen) -> Answering<'a> {
        Box::pin(async move {
            let path = format!("{}/api/messages?as={who}&channel=approvals", self.address);
            let all: Value = self.http.get(path).send().await.unwrap().json().await.unwrap();
            let found = all.as_array().unwrap().iter().find(|it| it["id"] == old.at.as_str()).map(seen);
            found.expect("it is still there")
        })
    }

    fn account(&self, id: &str) -> Account {
        Account::browser(id)
    }

    fn make_guest<'a>(&'a self, id: &'a str) -> BoxFuture<'a, ()> {
        assert!(self.room.set_kind(id, Kind::Guest));
        Box::pin(std::future::ready(()))
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        self.stop.cancel();
        self.room.close();
        Box::pin(std::future::ready(()))
    }
}

fn start_page(home: &Value) -> Seen {
    let mut all = Seen { at: "home".into(), raw: home.clone(), ..Seen::default() };
    for section in home["sections"].as_array().into_iter().flatten() {
        let section = seen(section);
        all.text.push_str(&section.text);
        all.buttons.extend(section.buttons);
    }
    all
}

fn buttons(message: &Value) -> Vec<Value> {
    let mut all = Vec::new();
    gather(message, &mut |name, inner| {
        if name == "buttons" {
            all.extend(inner.as_array().into_iter().flatten().cloned());
        }
    });
    all
}

fn gather(value: &Value, found: &mut impl FnMut(&str, &Value)) {
    match value {
        Value::Object(fields) => {
            for (name, inner) in fields {
                found(name, inner);
                gather(inner, found);
            }
        }
        Value::Array(all) => all.iter().for_each(|it| gather(it, found)),
        _ => {}
    }
}

fn seen(message: &Value) -> Seen {
    let mut text = String::new();
    let mut line = |it: &str| {
        text.push_str(it);
        text.push('\n');
    };
    line(message["text"].as_str().unwrap_or_default());
    for name in ["blocks", "hint", "form"] {
        let mut spans = |name: &str, inner: &Value| match (name, inner) {
            ("spans" | "hint", Value::Array(all)) => line(&spoken(all)),
            ("rows", Value::Array(rows)) => {
                for cell in rows.iter().flat_map(|row| row.as_array().into_iter().flatten()) {
                    line(&spoken(cell.as_array().map_or(&[], Vec::as_slice)));
                }
            }
            ("text" | "caption" | "name", Value::String(text)) => line(text),
            ("errors" | "intro", Value::Array(all)) => {
                line(&spoken(all));
                all.iter().filter_map(Value::as_str).for_each(&mut line);
            }
            _ => {}
        };
        spans(name, &message[name]);
        gather(&message[name], &mut spans);
    }
    let labels = buttons(message).iter().filter_map(|it| it["label"].as_str().map(str::to_owned)).collect();
    let fields = message["form"]["fields"].as_array().into_iter().flatten();
    let fields = fields.filter_map(|it| it["label"].as_str().map(str::to_owned)).collect();
    let at = message["id"].as_str().unwrap_or_default().to_owned();
    Seen { text, buttons: labels, fields, at, raw: message.clone() }
}

fn spoken(spans: &[Value]) -> String {
    spans.iter().filter_map(|it| it["text"].as_str()).collect()
}
