//! The house behind Slack with every door open: two sockets and signed HTTP. What people do is done on the fake itself.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use futures_util::future::BoxFuture;
use serde_json::Value;
use steward::chat::{Account, Platform};
use steward::cli::house::House;
use steward::outgoing::AllowedHosts;
use steward::platform::slack::{self, Address, Api, Parts, Patience, People, SlackMessenger};
use steward::random::Random;
use steward::store::StoreVault;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::bench::Engine;
use crate::everywhere::seen::Seen;
use crate::everywhere::town::{Answering, Ground, Outlet, Talk, Town};
use crate::fake::slack::{APP_TOKEN, BOT_TOKEN, Mode, SIGNING_SECRET, Slack, TEAM};

/// The fake with its people and places.
#[derive(Clone)]
pub(crate) struct Company {
    pub(crate) fake: Slack,
    pub(crate) users: BTreeMap<String, String>,
    pub(crate) general: String,
    pub(crate) approvals: String,
    pub(crate) platform: Arc<Mutex<Option<Arc<slack::Slack>>>>,
    base: Arc<Mutex<String>>,
    stop: CancellationToken,
}

impl Company {
    pub(crate) async fn open(engine: Engine) -> (Town, Self) {
        let kept = Arc::new(Mutex::new(None));
        let keep = Arc::clone(&kept);
        let town = Town::found(engine, async move |ground: Ground| {
            let clock = ground.clock.clone();
            let fake = Slack::open(Mode::Socket, Arc::new(move || clock.now().as_millisecond())).await;
            let company = Self::settle(fake, &ground);
            *keep.lock().unwrap() = Some(company.clone());
            company.furnish(&ground).await
        })
        .await;
        let company: Self = kept.lock().unwrap().take().unwrap();
        (town, company)
    }

    /// Where HTTP mode listens.
    pub(crate) fn base(&self) -> String {
        self.base.lock().unwrap().clone()
    }

    fn settle(fake: Slack, ground: &Ground) -> Self {
        let mut users = BTreeMap::new();
        for player in &ground.players {
            let email = player.email.clone();
            users.insert(player.id.clone(), fake.user(&player.id, |it| it.email = Some(email)));
        }
        let (general, approvals) = (fake.channel("general", |_| {}), fake.channel("approvals", |_| {}));
        Self {
            fake,
            users,
            general,
            approvals,
            platform: Arc::default(),
            base: Arc::default(),
            stop: CancellationToken::new(),
        }
    }

    async fn furnish(
        self,
        ground: &Ground,
    ) -> (Outlet, impl AsyncFnOnce(Arc<House>, steward::clock::Clock) -> Box<dyn Talk> + use<>) {
        let admins = self.fake.group("admins", &[&self.users["ada"], &self.users["grace"]]);
        let finance = self.fake.group("finance", &[&self.users["finn"]]);
        let api = Api::new(&self.fake.api_url(), &BOT_TOKEN.to_owned().into());
        let team = slack::team(&api).await.unwrap();
        let people = People::new(api.clone(), TEAM);
        let outlet = Outlet {
            platform: Platform::Slack,
            roster: Arc::new(people.clone()),
            messenger: Arc::new(SlackMessenger::new(api.clone(), TEAM, ground.clock.clone())),
            approvals: format!("slack:{}", self.approvals),
            admins: format!("slack-group:{admins}"),
            finance: format!("slack-group:{finance}"),
        };
        let furnish = async move |house: Arc<House>, clock: steward::clock::Clock| {
            people.follow(Arc::clone(&house.rules));
            let vault = Arc::new(StoreVault::new(house.store.clone(), clock.clone()));
            let parts = Parts { answers: Arc::clone(&house.dispatch) as _, vault, people, clock };
            let address = Address {
                api_url: self.fake.api_url(),
                bot_token: BOT_TOKEN.to_owned().into(),
                response_hosts: AllowedHosts::slack_hooks().and_loopback(),
                api_hosts: AllowedHosts::none().and_loopback(),
            };
            let platform = Arc::new(slack::Slack::new(address, api, &team, parts).unwrap());
            self.open_doors(&platform).await;
            *self.platform.lock().unwrap() = Some(platform);
            Box::new(self) as Box<dyn Talk>
        };
        (outlet, furnish)
    }

    async fn open_doors(&self, platform: &Arc<slack::Slack>) {
        let app = Api::new(&self.fake.api_url(), &APP_TOKEN.to_owned().into());
        let (ours, stop) = (Arc::clone(platform), self.stop.clone());
        tokio::spawn(async move { ours.listen(app, Patience::default(), Random::system(), stop).await });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        self.fake.delivers_to(&base);
        *self.base.lock().unwrap() = base;
        let (router, stop) = (platform.router(&SIGNING_SECRET.to_owned().into()), self.stop.clone());
        tokio::spawn(async move { steward::server::serve(listener, router, stop).await });
        for _ in 0..500 {
            if platform.connections().open() == slack::CONNECTIONS {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        panic!("no connection came about: {:?}", self.fake.trouble());
    }
}

/// The stories here are told on the fake itself.
fn on_the_fake<'a>() -> Answering<'a> {
    panic!("this is done on the fake")
}

impl Talk for Company {
    fn say<'a>(&'a self, _: &'a str, _: &'a str) -> Answering<'a> {
        on_the_fake()
    }

    fn press<'a>(&'a self, _: &'a str, _: &'a Seen, _: &'a str) -> Answering<'a> {
        on_the_fake()
    }

    fn submit<'a>(&'a self, _: &'a str, _: &'a Seen, _: Value) -> Answering<'a> {
        on_the_fake()
    }

    fn home<'a>(&'a self, _: &'a str) -> Answering<'a> {
        on_the_fake()
    }

    fn newest<'a>(&'a self, _: &'a str) -> Answering<'a> {
        on_the_fake()
    }

    fn told<'a>(&'a self, _: &'a str) -> Answering<'a> {
        on_the_fake()
    }

    fn again<'a>(&'a self, _: &'a str, _: &'a Seen) -> Answering<'a> {
        on_the_fake()
    }

    fn account(&self, id: &str) -> Account {
        Account::slack(TEAM, &self.users[id])
    }

    fn make_guest<'a>(&'a self, id: &'a str) -> BoxFuture<'a, ()> {
        self.fake.change_user(&self.users[id], |it| it.is_restricted = true);
        Box::pin(std::future::ready(()))
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            self.stop.cancel();
            let platform = self.platform.lock().unwrap().clone();
            if let Some(platform) = platform {
                platform.finish().await;
            }
            assert_eq!(self.fake.trouble(), Vec::<String>::new());
        })
    }
}
