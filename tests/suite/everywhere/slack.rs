//! The company in Slack, over the fake one: Socket Mode or HTTP mode.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use serde_json::{Value, json};
use steward::chat::{Account, Platform};
use steward::clock::Clock;
use steward::outgoing::AllowedHosts;
use steward::platform::slack::{self, Address, Api, Parts, Patience, People, SlackMessenger};
use steward::random::Random;
use steward::store::StoreVault;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::seen::Seen;
use super::town::{Answering, Ground, Outlet, Talk, Town};
use crate::bench::Engine;
use crate::fake::slack::{APP_TOKEN, BOT_TOKEN, Mode, SIGNING_SECRET, Slack, TEAM};

/// How long an answer may take until a test gives up.
const PATIENCE: Duration = Duration::from_secs(10);

/// The people and places of the fake.
struct Company {
    fake: Slack,
    users: BTreeMap<String, String>,
    general: String,
    approvals: String,
}

impl Company {
    async fn open(mode: Mode, ground: &Ground) -> (Self, String, String) {
        let clock = ground.clock.clone();
        let fake = Slack::open(mode, Arc::new(move || clock.now().as_millisecond())).await;
        let mut users = BTreeMap::new();
        for player in &ground.players {
            let email = player.email.clone();
            let id = fake.user(&player.id, |it| it.email = Some(email));
            users.insert(player.id.clone(), id);
        }
        let admins = fake.group("admins", &[&users["ada"], &users["grace"]]);
        let finance = fake.group("finance", &[&users["finn"]]);
        let (general, approvals) = (fake.channel("general", |_| {}), fake.channel("approvals", |_| {}));
        (Self { fake, users, general, approvals }, admins, finance)
    }
}

/// The company behind Slack.
pub(crate) async fn town(engine: Engine, mode: Mode) -> Town {
    Town::found(engine, async move |ground: Ground| {
        let (company, admins, finance) = Company::open(mode, &ground).await;
        let api = Api::new(&company.fake.api_url(), &BOT_TOKEN.to_owned().into());
        let team = slack::team(&api).await.unwrap();
        assert_eq!(team.id, TEAM);
        let people = People::new(api.clone(), &team.id);
        let outlet = Outlet {
            platform: Platform::Slack,
            roster: Arc::new(people.clone()),
            messenger: Arc::new(SlackMessenger::new(api.clone(), &team.id, ground.clock.clone())),
            approvals: format!("slack:{}", company.approvals),
            admins: format!("slack-group:{admins}"),
            finance: format!("slack-group:{finance}"),
        };
        let furnish = async move |house: Arc<steward::cli::house::House>, clock: Clock| {
            people.follow(Arc::clone(&house.rules));
            let vault = Arc::new(StoreVault::new(house.store.clone(), clock.clone()));
            let parts = Parts { answers: Arc::clone(&house.dispatch) as _, vault, people, clock };
            let address = Address {
                api_url: company.fake.api_url(),
                bot_token: BOT_TOKEN.to_owned().into(),
                response_hosts: AllowedHosts::slack_hooks().and_loopback(),
                api_hosts: AllowedHosts::none().and_loopback(),
            };
            let platform = Arc::new(slack::Slack::new(address, api, &team, parts).unwrap());
            let stop = CancellationToken::new();
            open_door(mode, &company.fake, &platform, &stop).await;
            Box::new(InSlack { company, platform, stop }) as Box<dyn Talk>
        };
        (outlet, furnish)
    })
    .await
}

/// Opens the way in, and waits until it is open.
pub(crate) async fn open_door(mode: Mode, fake: &Slack, platform: &Arc<slack::Slack>, stop: &CancellationToken) {
    match mode {
        Mode::Socket => {
            let app = Api::new(&fake.api_url(), &APP_TOKEN.to_owned().into());
            let (ours, stop) = (Arc::clone(platform), stop.clone());
            tokio::spawn(async move { ours.listen(app, Patience::default(), Random::system(), stop).await });
            for _ in 0..500 {
                if platform.connections().open() == slack::CONNECTIONS {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            panic!("no connection came about: {:?}", fake.trouble());
        }
        Mode::Http => {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            fake.delivers_to(&format!("http://{}", listener.local_addr().unwrap()));
            let router = platform.router(&SIGNING_SECRET.to_owned().into());
            let stop = stop.clone();
            tokio::spawn(async move { steward::server::serve(listener, router, stop).await });
        }
    }
}

struct InSlack {
    company: Company,
    platform: Arc<slack::Slack>,
    stop: CancellationToken,
}

/// How much somebody has seen.
#[derive(PartialEq)]
struct Mark {
    whispers: usize,
    edits: usize,
    views: Vec<Value>,
    direct: usize,
    home: Option<Value>,
}

impl InSlack {
    fn user(&self, id: &str) -> &str {
        &self.company.users[id]
    }

    fn mark(&self, who: &str) -> Mark {
        let (fake, user) = (&self.company.fake, self.user(who));
        let direct = fake.direct(user);
        Mark {
            whispers: fake.ephemerals(user).len(),
            edits: fake.ephemerals(user).iter().map(|it| it.edits).sum(),
            views: fake.views(user),
            direct: fake.messages(&direct).len(),
            home: fake.home(user),
        }
    }

    /// Waits until the work behind an act is done, and answers what is new for the person.
    async fn news(&self, who: &str, before: &Mark) -> Seen {
        let end = tokio::time::Instant::now() + PATIENCE;
        loop {
            let now = self.mark(who);
            let loading = now.views.last().is_some_and(|it| it["callback_id"] == "loading");
            if now != *before && !loading {
                return self.newest_of(who, before, &now);
            }
            assert!(tokio::time::Instant::now() < end, "{who} heard nothing: {:?}", self.company.fake.trouble());
            tokio::time::sleep(Duration::from_millis(3)).await;
        }
    }

    fn newest_of(&self, who: &str, before: &Mark, now: &Mark) -> Seen {
        let (fake, user) = (&self.company.fake, self.user(who));
        if now.views != before.views
            && let Some(view) = now.views.last()
        {
            return seen_view(view);
        }
        if now.whispers != before.whispers || now.edits != before.edits {
            let whisper = fake.ephemerals(user).pop().expect("one is new");
            return seen_message(&whisper.body, &whisper.ts);
        }
        if now.direct != before.direct {
            let message = fake.messages(&fake.direct(user)).pop().expect("one is new");
            return seen_message(&message.body, &message.ts);
        }
        now.home.as_ref().map(seen_view).unwrap_or_default()
    }
}

impl Talk for InSlack {
    fn say<'a>(&'a self, who: &'a str, line: &'a str) -> Answering<'a> {
        Box::pin(async move {
            let before = self.mark(who);
            self.company.fake.says(self.user(who), &self.company.general, line).await.acknowledged();
            self.news(who, &before).await
        })
    }

    fn press<'a>(&'a self, who: &'a str, seen: &'a Seen, label: &'a str) -> Answering<'a> {
        Box::pin(async move {
            let before = self.mark(who);
            let (fake, user) = (&self.company.fake, self.user(who));
            match seen.at.as_str() {
                "view" => fake.press_in_view(user, label).await.acknowledged(),
                "home" => fake.press_at_home(user, label).await.acknowledged(),
                ts => fake.press(user, ts, label).await.acknowledged(),
            };
            self.news(who, &before).await
        })
    }

    fn submit<'a>(&'a self, who: &'a str, _: &'a Seen, values: Value) -> Answering<'a> {
        Box::pin(async move {
            let (fake, user) = (&self.company.fake, self.user(who));
            let told = fake.submits(user, values).await.acknowledged();
            let answer = told.answer.unwrap_or_default();
            if answer["response_action"] == "errors" {
                return Seen { text: answer["errors"].to_string(), raw: answer, at: "view".into(), ..Seen::default() };
            }
            let end = tokio::time::Instant::now() + PATIENCE;
            loop {
                match fake.views(user).last() {
                    Some(view) if view["callback_id"] != "loading" => return seen_view(view),
                    Some(_) if tokio::time::Instant::now() < end => tokio::time::sleep(Duration::from_millis(3)).await,
                    _ => panic!("the dialog said nothing: {answer}"),
                }
            }
        })
    }

    fn home<'a>(&'a self, who: &'a str) -> Answering<'a> {
        Box::pin(async move {
            let before = self.mark(who);
            self.company.fake.opens_home(self.user(who)).await.acknowledged();
            self.news(who, &before).await
        })
    }

    fn newest<'a>(&'a self, _: &'a str) -> Answering<'a> {
        let message = self.company.fake.messages(&self.company.approvals).pop().expect("a card");
        Box::pin(std::future::ready(seen_message(&message.body, &message.ts)))
    }

    fn told<'a>(&'a self, who: &'a str) -> Answering<'a> {
        let fake = &self.company.fake;
        let message = fake.messages(&fake.direct(self.user(who))).pop().expect("a direct message");
        Box::pin(std::future::ready(seen_message(&message.body, &message.ts)))
    }

    fn again<'a>(&'a self, _: &'a str, seen: &'a Seen) -> Answering<'a> {
        let all = self.company.fake.messages(&self.company.approvals);
        let message = all.into_iter().find(|it| it.ts == seen.at).expect("it is still there");
        Box::pin(std::future::ready(seen_message(&message.body, &message.ts)))
    }

    fn account(&self, id: &str) -> Account {
        Account::slack(TEAM, self.user(id))
    }

    fn make_guest<'a>(&'a self, id: &'a str) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            let (fake, user) = (&self.company.fake, self.user(id));
            fake.change_user(user, |it| it.is_restricted = true);
            fake.event(json!({ "type": "user_change", "user": { "id": user, "is_restricted": true } }))
                .await
                .acknowledged();
        })
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            self.stop.cancel();
            self.platform.finish().await;
            crate::layouts::sent(&self.company.fake);
            assert_eq!(self.company.fake.trouble(), Vec::<String>::new());
        })
    }
}

/// A message's words: all text in its blocks.
fn seen_message(body: &Value, at: &str) -> Seen {
    let mut seen = Seen { at: at.to_owned(), raw: body.clone(), ..Seen::default() };
    for block in body["blocks"].as_array().into_iter().flatten() {
        gather(block, &mut seen);
    }
    if body["blocks"].as_array().is_none_or(Vec::is_empty) {
        seen.text = plain(body["text"].as_str().unwrap_or_default());
    }
    seen
}

fn seen_view(view: &Value) -> Seen {
    let at = if view["type"] == "home" { "home" } else { "view" };
    let mut seen = Seen { at: at.into(), raw: view.clone(), ..Seen::default() };
    for block in view["blocks"].as_array().into_iter().flatten() {
        gather(block, &mut seen);
    }
    seen
}

fn gather(value: &Value, seen: &mut Seen) {
    match value {
        Value::Object(fields) => match fields.get("type").and_then(Value::as_str) {
            Some("button") => seen.buttons.push(value["text"]["text"].as_str().unwrap_or_default().to_owned()),
            Some("input") => seen.fields.push(value["label"]["text"].as_str().unwrap_or_default().to_owned()),
            _ => {
                for (name, inner) in fields {
                    match (name.as_str(), inner) {
                        ("text", Value::String(text)) => {
                            seen.text.push_str(&plain(text));
                            seen.text.push('\n');
                        }
                        _ => gather(inner, seen),
                    }
                }
            }
        },
        Value::Array(all) => all.iter().for_each(|it| gather(it, seen)),
        _ => {}
    }
}

/// mrkdwn without its marks.
fn plain(text: &str) -> String {
    let text = text.replace(['*', '`'], "");
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}
