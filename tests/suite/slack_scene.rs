//! Slack's platform alone: the fake before it, and behind it answers from a script.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::BoxFuture;
use steward::chat::{
    Account, Acknowledgement, Audience, Greeting, Invocation, Message, Reply, Revealed, Said, Says, SecretHandle,
    Vault, VaultError,
};
use steward::clock::Clock;
use steward::outgoing::AllowedHosts;
use steward::platform::Answers;
use steward::platform::slack::{self, Address, Api, Parts, Patience, People};
use steward::random::Random;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::fake::slack::{APP_TOKEN, BOT_TOKEN, Mode, SIGNING_SECRET, Slack, TEAM};

/// What a script says to an act.
pub(crate) type Line = Box<dyn Fn(&Invocation) -> Reply + Send + Sync>;

/// Answers from a script, and remembers who was answered.
pub(crate) struct Script {
    line: Line,
    /// What ends in "held" waits for this, and is answered with nothing then.
    pub(crate) lets_go: CancellationToken,
    greeted: AtomicUsize,
    served: Mutex<Vec<Invocation>>,
}

impl Script {
    pub(crate) fn of(line: Line) -> Self {
        Self { line, lets_go: CancellationToken::new(), greeted: AtomicUsize::new(0), served: Mutex::default() }
    }

    pub(crate) fn served(&self) -> usize {
        self.served.lock().unwrap().len()
    }

    pub(crate) fn greeted(&self) -> usize {
        self.greeted.load(Ordering::SeqCst)
    }

    /// The different acts among what was served.
    pub(crate) fn acts(&self) -> usize {
        let served = self.served.lock().unwrap();
        served.iter().map(|it| it.id.logical.clone()).collect::<std::collections::BTreeSet<_>>().len()
    }
}

impl Answers for Script {
    fn root(&self) -> String {
        "/claude".to_owned()
    }

    fn greet(&self, invocation: &Invocation) -> Greeting {
        self.greeted.fetch_add(1, Ordering::SeqCst);
        Greeting::Wait(match &invocation.said {
            Said::Press(token) if token.acknowledgement == Acknowledgement::Say => Audience::Everyone,
            Said::Press(token) if token.acknowledgement == Acknowledgement::Edit => Audience::SameMessage,
            _ => Audience::Asker,
        })
    }

    fn serve(&self, invocation: Invocation) -> BoxFuture<'_, Reply> {
        let reply = (self.line)(&invocation);
        let ends_in = |end: &str| matches!(&invocation.said, Said::Command(words) if words.last().is_some_and(|it| it.ends_with(end)));
        // What ends in "slow" takes four seconds, longer than Slack waits.
        let (is_slow, is_held) = (ends_in("slow"), ends_in("held"));
        self.served.lock().unwrap().push(invocation);
        Box::pin(async move {
            if is_slow {
                tokio::time::sleep(Duration::from_secs(4)).await;
            }
            if is_held {
                self.lets_go.cancelled().await;
                return Reply { says: Says::Nothing, ..reply };
            }
            reply
        })
    }
}

/// Says this to the asker, whatever they did.
pub(crate) fn always(text: &'static str) -> Line {
    Box::new(move |_| Reply { audience: Audience::Asker, says: Says::Message(Message::plain(text)) })
}

/// A vault with one secret, for one account.
pub(crate) struct One {
    pub(crate) secret: String,
    pub(crate) of: Mutex<Option<Account>>,
}

impl Vault for One {
    fn open<'a>(&'a self, _: &'a SecretHandle, who: &'a Account) -> BoxFuture<'a, Result<Revealed, VaultError>> {
        let is_theirs = self.of.lock().unwrap().as_ref() == Some(who);
        let until = steward::clock::moment(1_800_000_000_000);
        let opened = if is_theirs {
            Ok(Revealed { secret: self.secret.clone().into(), until: Some(until) })
        } else {
            Err(VaultError::NotYours)
        };
        Box::pin(std::future::ready(opened))
    }
}

/// The platform between the fake and a script.
pub(crate) struct Scene {
    pub(crate) fake: Slack,
    pub(crate) script: Arc<Script>,
    pub(crate) platform: Arc<slack::Slack>,
    /// A full member.
    pub(crate) ada: String,
    /// Where they talk.
    pub(crate) general: String,
    /// Of HTTP mode: where the platform listens.
    pub(crate) base: String,
    stop: CancellationToken,
}

impl Scene {
    pub(crate) async fn open(mode: Mode, line: Line) -> Self {
        let vault = One { secret: String::new(), of: Mutex::default() };
        Self::open_with(mode, line, Arc::new(vault), Patience::default()).await
    }

    pub(crate) async fn open_with(mode: Mode, line: Line, vault: Arc<dyn Vault>, patience: Patience) -> Self {
        let clock = Clock::system();
        let beat = clock.clone();
        let fake = Slack::open(mode, Arc::new(move || beat.now().as_millisecond())).await;
        let (ada, general) = (fake.user("ada", |_| {}), fake.channel("general", |_| {}));
        let script = Arc::new(Script::of(line));
        let api = Api::new(&fake.api_url(), &BOT_TOKEN.to_owned().into());
        let team = slack::team(&api).await.unwrap();
        let people = People::new(api.clone(), TEAM);
        let parts = Parts { answers: Arc::clone(&script) as _, vault, people, clock };
        let address = Address {
            api_url: fake.api_url(),
            bot_token: BOT_TOKEN.to_owned().into(),
            response_hosts: AllowedHosts::slack_hooks().and_loopback(),
            api_hosts: AllowedHosts::none().and_loopback(),
        };
        let platform = Arc::new(slack::Slack::new(address, api, &team, parts).unwrap());
        let stop = CancellationToken::new();
        let mut scene = Self { fake, script, platform, ada, general, base: String::new(), stop };
        match mode {
            Mode::Socket => scene.listen(patience).await,
            Mode::Http => scene.serve().await,
        }
        scene
    }

    async fn listen(&self, patience: Patience) {
        let app = Api::new(&self.fake.api_url(), &APP_TOKEN.to_owned().into());
        let (ours, stop) = (Arc::clone(&self.platform), self.stop.clone());
        tokio::spawn(async move { ours.listen(app, patience, Random::system(), stop).await });
        self.until("both connections are open", || self.platform.connections().open() == slack::CONNECTIONS).await;
    }

    async fn serve(&mut self) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        self.base = format!("http://{}", listener.local_addr().unwrap());
        self.fake.delivers_to(&self.base);
        let router = self.platform.router(&SIGNING_SECRET.to_owned().into());
        let stop = self.stop.clone();
        tokio::spawn(async move { steward::server::serve(listener, router, stop).await });
    }

    /// Waits until something holds, and tells how long that took.
    #[track_caller]
    pub(crate) fn until<'a>(
        &'a self,
        what: &'a str,
        holds: impl Fn() -> bool + 'a,
    ) -> impl Future<Output = Duration> + 'a {
        let at = std::panic::Location::caller();
        async move {
            let began = std::time::Instant::now();
            while !holds() {
                assert!(began.elapsed() < Duration::from_secs(45), "{at}: never {what}: {:?}", self.fake.trouble());
                tokio::time::sleep(Duration::from_millis(3)).await;
            }
            began.elapsed()
        }
    }

    /// What `user` alone has been shown, newest last, as the fallback text of each message.
    pub(crate) fn whispers(&self, user: &str) -> Vec<String> {
        let all = self.fake.ephemerals(user);
        all.iter().map(|it| it.body["text"].as_str().unwrap_or_default().to_owned()).collect()
    }

    /// What `user` was told in the conversation with the bot.
    pub(crate) fn told(&self, user: &str) -> Vec<String> {
        let all = self.fake.messages(&self.fake.direct(user));
        all.iter().map(|it| it.body["text"].as_str().unwrap_or_default().to_owned()).collect()
    }

    /// Ends it; Slack has nothing to complain about.
    pub(crate) async fn close(self) {
        self.stop.cancel();
        self.platform.finish().await;
        assert_eq!(self.fake.trouble(), Vec::<String>::new());
    }
}
