//! The company in Discord, over the fake one: the gateway or HTTP mode.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use serde_json::Value;
use steward::chat::{Account, Platform};
use steward::clock::Clock;
use steward::outgoing::AllowedHosts;
use steward::platform::discord::{Api, Discord as Ours, DiscordMessenger, Parts, Patience, People, server};
use steward::random::Random;
use steward::store::{StoreMemory, StoreVault};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::seen::Seen;
use super::town::{Answering, Ground, Outlet, Talk, Town};
use crate::bench::Engine;
use crate::fake::discord::{APPLICATION, Delivered, Discord, GUILD, Mode, TOKEN, signing_key};

/// How long an answer may take until a test gives up.
const PATIENCE: Duration = Duration::from_secs(10);
/// After so long without another part, an answer is whole.
const WHOLE: Duration = Duration::from_millis(25);

/// The people and places of the fake.
pub(crate) struct Company {
    pub(crate) fake: Discord,
    pub(crate) users: BTreeMap<String, String>,
    pub(crate) general: String,
    pub(crate) approvals: String,
}

impl Company {
    async fn open(mode: Mode, ground: &Ground) -> (Self, String, String) {
        let clock = ground.clock.clone();
        let fake = Discord::open(mode, Arc::new(move || clock.now().as_millisecond())).await;
        let users: BTreeMap<String, String> =
            ground.players.iter().map(|it| (it.id.clone(), fake.user(&it.id, |_| {}))).collect();
        let admins = fake.role(&[&users["ada"], &users["grace"]]);
        let finance = fake.role(&[&users["finn"]]);
        let (general, approvals) = (fake.channel(|_| {}), fake.channel(|_| {}));
        (Self { fake, users, general, approvals }, admins, finance)
    }
}

/// The company behind Discord.
pub(crate) async fn town(engine: Engine, mode: Mode) -> Town {
    Town::found(engine, async move |ground: Ground| {
        let (company, admins, finance) = Company::open(mode, &ground).await;
        let api = Api::new(&company.fake.url(), &TOKEN.to_owned().into(), APPLICATION).unwrap();
        assert_eq!(server(&api, None).await.unwrap().id, GUILD);
        let people = People::new(api.clone(), GUILD);
        let outlet = Outlet {
            platform: Platform::Discord,
            roster: Arc::new(people.clone()),
            messenger: Arc::new(DiscordMessenger::new(api.clone())),
            approvals: format!("discord:{}", company.approvals),
            admins: format!("discord-role:{admins}"),
            finance: format!("discord-role:{finance}"),
        };
        let furnish = async move |house: Arc<steward::cli::house::House>, clock: Clock| {
            let parts = Parts {
                answers: Arc::clone(&house.dispatch) as _,
                vault: Arc::new(StoreVault::new(house.store.clone(), clock.clone())),
                memory: Arc::new(StoreMemory::new(house.store.clone(), clock.clone())),
                people,
                clock,
            };
            let platform = Arc::new(Ours::new(api, AllowedHosts::none().and_loopback(), parts).unwrap());
            let stop = CancellationToken::new();
            open_door(mode, &company.fake, &platform, &stop).await;
            Box::new(InDiscord { company, platform, stop }) as Box<dyn Talk>
        };
        (outlet, furnish)
    })
    .await
}

/// Opens the way in, and waits until it is open.
pub(crate) async fn open_door(mode: Mode, fake: &Discord, platform: &Arc<Ours>, stop: &CancellationToken) {
    match mode {
        Mode::Gateway => {
            let (ours, stop) = (Arc::clone(platform), stop.clone());
            tokio::spawn(async move { ours.listen(Patience::default(), &Random::system(), stop).await });
            for _ in 0..1_000 {
                if platform.connection().is_open() {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            panic!("no connection came about: {:?}", fake.trouble());
        }
        Mode::Http => {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            fake.delivers_to(&format!("http://{}", listener.local_addr().unwrap()));
            let router = platform.router(signing_key().verifying_key().as_bytes()).unwrap();
            let stop = stop.clone();
            tokio::spawn(async move { steward::server::serve(listener, router, stop).await });
        }
    }
}

struct InDiscord {
    company: Company,
    platform: Arc<Ours>,
    stop: CancellationToken,
}

/// A command as a client can send it: the short forms are of places where one types freely.
fn in_full(line: &str) -> String {
    let shorts = [("/claude members", "/claude member list"), ("/claude keys", "/claude key list")];
    for (short, long) in shorts {
        if let Some(rest) = line.strip_prefix(short) {
            return format!("{long}{rest}");
        }
    }
    line.to_owned()
}

impl InDiscord {
    fn user(&self, id: &str) -> &str {
        &self.company.users[id]
    }

    /// Waits until an act is answered, and answers what is new for the person.
    async fn news(&self, who: &str, told: Delivered) -> Seen {
        let told = told.acknowledged();
        let (fake, user) = (&self.company.fake, self.user(who));
        if told.answered == Some(9) {
            return seen_modal(&fake.modal(user).expect("it opened"));
        }
        let end = tokio::time::Instant::now() + PATIENCE;
        let mut before = 0;
        loop {
            let results = fake.results(&told.id);
            let is_whole = !results.is_empty() && results.len() == before;
            before = results.len();
            let last = results.last().map(|it| it.body["content"].as_str().unwrap_or_default().to_owned());
            if is_whole && last.as_deref() != Some("For you alone, in a moment.") {
                for it in &results {
                    let is_seen = it.only_for.as_deref().is_none_or(|only| only == user);
                    assert!(is_seen, "somebody else's");
                }
                let mut whole = Seen::default();
                for it in &results {
                    let part = seen_message(&it.body, &it.id);
                    // What was edited stands there once.
                    if whole.at == part.at {
                        whole = part;
                    } else {
                        whole.text.push_str(&part.text);
                        whole.buttons.extend(part.buttons);
                        (whole.at, whole.raw, whole.fields) = (part.at, part.raw, part.fields);
                    }
                }
                return whole;
            }
            assert!(tokio::time::Instant::now() < end, "{who} heard nothing: {:?}", fake.trouble());
            tokio::time::sleep(WHOLE).await;
        }
    }
}

impl Talk for InDiscord {
    fn say<'a>(&'a self, who: &'a str, line: &'a str) -> Answering<'a> {
        Box::pin(async move {
            let told = self.company.fake.says(self.user(who), &self.company.general, &in_full(line)).await;
            self.news(who, told).await
        })
    }

    fn press<'a>(&'a self, who: &'a str, seen: &'a Seen, label: &'a str) -> Answering<'a> {
        Box::pin(async move {
            let told = self.company.fake.press(self.user(who), &seen.at, label).await;
            let news = self.news(who, told).await;
            // A button that asks before it counts.
            let is_asked = seen.raw.to_string().contains(&format!("\"label\":\"{label}\""))
                && news.raw["components"][0]["components"][0]["style"] == 4
                && news.raw["embeds"].is_null();
            if !is_asked {
                return news;
            }
            let agree = news.buttons[0].clone();
            let told = self.company.fake.press(self.user(who), &news.at, &agree).await;
            self.news(who, told).await
        })
    }

    fn submit<'a>(&'a self, who: &'a str, seen: &'a Seen, values: Value) -> Answering<'a> {
        Box::pin(async move {
            let (fake, user) = (&self.company.fake, self.user(who));
            let mut values = values;
            if seen.at != "modal" {
                let chosen: Vec<(String, Value)> = values.as_object().unwrap().clone().into_iter().collect();
                for (label, value) in chosen {
                    if seen.raw.to_string().contains(&format!("\"placeholder\":\"{label}\"")) {
                        fake.picks(user, &seen.at, &label, value.as_str().unwrap()).await.acknowledged();
                        values.as_object_mut().unwrap().remove(&label);
                    }
                }
                let opened = fake.press(user, &seen.at, "Fill in").await.acknowledged();
                assert_eq!(opened.answered, Some(9), "{}", opened.payload);
            }
            let told = fake.submits(user, &self.company.general, values).await;
            self.news(who, told).await
        })
    }

    fn home<'a>(&'a self, who: &'a str) -> Answering<'a> {
        self.say(who, "/claude home")
    }

    fn newest<'a>(&'a self, _: &'a str) -> Answering<'a> {
        let message = self.company.fake.messages(&self.company.approvals).pop().expect("a card");
        Box::pin(std::future::ready(seen_message(&message.body, &message.id)))
    }

    fn told<'a>(&'a self, who: &'a str) -> Answering<'a> {
        let fake = &self.company.fake;
        let message = fake.messages(&fake.direct(self.user(who))).pop().expect("a direct message");
        Box::pin(std::future::ready(seen_message(&message.body, &message.id)))
    }

    fn again<'a>(&'a self, _: &'a str, seen: &'a Seen) -> Answering<'a> {
        let message = self.company.fake.message(&seen.at).expect("it is still there");
        Box::pin(std::future::ready(seen_message(&message.body, &message.id)))
    }

    fn account(&self, id: &str) -> Account {
        Account::discord(self.user(id))
    }

    fn has_addresses(&self) -> bool {
        false
    }

    fn make_guest<'a>(&'a self, id: &'a str) -> BoxFuture<'a, ()> {
        self.company.fake.change_user(self.user(id), |it| it.is_pending = true);
        Box::pin(std::future::ready(()))
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            self.stop.cancel();
            self.platform.finish().await;
            assert_eq!(self.company.fake.trouble(), Vec::<String>::new());
        })
    }
}

/// A message's words: content, and everything in its embeds.
fn seen_message(body: &Value, at: &str) -> Seen {
    let mut seen = Seen { at: at.to_owned(), raw: body.clone(), ..Seen::default() };
    let mut line = |it: &Value| {
        seen.text.push_str(&plain(it.as_str().unwrap_or_default()));
        seen.text.push('\n');
    };
    line(&body["content"]);
    let embeds = body["embeds"].as_array().cloned().unwrap_or_default();
    for embed in &embeds {
        line(&embed["description"]);
        for field in embed["fields"].as_array().into_iter().flatten() {
            line(&field["name"]);
            line(&field["value"]);
        }
    }
    let rows = body["components"].as_array().into_iter().flatten();
    let parts: Vec<&Value> = rows.flat_map(|row| row["components"].as_array().into_iter().flatten()).collect();
    let is_sheet = parts.iter().any(|it| it["custom_id"].as_str().is_some_and(|it| it.starts_with("fill:")));
    let labels = parts.iter().filter(|it| it["type"] == 2).filter_map(|it| it["label"].as_str());
    seen.buttons = labels.map(str::to_owned).collect();
    if is_sheet {
        let fields = embeds.iter().flat_map(|it| it["fields"].as_array().cloned().unwrap_or_default());
        seen.fields = fields.filter_map(|it| it["name"].as_str().map(str::to_owned)).collect();
    }
    seen
}

fn seen_modal(modal: &Value) -> Seen {
    let inputs = modal["components"].as_array().into_iter().flatten().map(|row| &row["components"][0]);
    let fields = inputs.filter_map(|it| it["label"].as_str().map(str::to_owned)).collect();
    let text = modal["title"].as_str().unwrap_or_default().to_owned();
    Seen { text, fields, at: "modal".into(), raw: modal.clone(), ..Seen::default() }
}

/// Markdown without its marks.
fn plain(text: &str) -> String {
    let mut out = String::new();
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => out.extend(letters.next()),
            '*' | '`' => {}
            other => out.push(other),
        }
    }
    out.replace("-# ", "")
}
