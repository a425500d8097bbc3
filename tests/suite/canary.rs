//! The admin key and the master key are nowhere but where they must be.

use std::io::Write;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use data_encoding::{BASE64, BASE64URL_NOPAD, HEXLOWER};
use secrecy::ExposeSecret as _;
use steward::chat::{Said, Says};
use steward::command::split;
use steward::random::Random;
use steward::sandbox::Fault;
use steward::seal::MasterKey;
use tracing_subscriber::fmt::MakeWriter;

use crate::bench::{Engine, engines};
use crate::stage::{STAGE_SEED, Stage};

/// Everything that this thread traces, at every level.
#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

impl Log {
    /// Two, because with a single one a trace point that another thread reaches first is remembered as one that nobody hears.
    pub(crate) fn listening(&self) -> (tracing::Dispatch, tracing::subscriber::DefaultGuard) {
        let [one, other] = [(), ()].map(|()| {
            let format = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE);
            tracing::Dispatch::new(format.with_writer(self.clone()).finish())
        });
        (one, tracing::dispatcher::set_default(&other))
    }

    /// What was traced since this was asked last.
    pub(crate) fn taken(&self) -> Vec<u8> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

/// A secret in every form in which it could have slipped out.
struct Canary(Vec<(&'static str, Vec<u8>)>);

impl Canary {
    fn of(secrets: &[&[u8]]) -> Self {
        let mut forms = Vec::new();
        for secret in secrets {
            // Base64 of a part depends on where it begins, so its middle is looked for at each of the three offsets.
            let inner = |skip: usize| {
                let text = BASE64.encode(&secret[skip..]);
                text.as_bytes()[..text.len() / 4 * 4 - 4].to_vec()
            };
            forms.push(("as it is", secret.to_vec()));
            forms.push(("in hexadecimal", HEXLOWER.encode(secret).into_bytes()));
            forms.push(("in base64", inner(0)));
            forms.push(("in base64, behind one more", inner(1)));
            forms.push(("in base64, behind two more", inner(2)));
            forms.push(("in base64 for addresses", BASE64URL_NOPAD.encode(secret).into_bytes()));
            let numbers: Vec<String> = secret[4..12].iter().map(u8::to_string).collect();
            forms.push(("as numbers", numbers.join(", ").into_bytes()));
        }
        Self(forms)
    }

    fn is_not_in(&self, place: &str, bytes: &[u8]) {
        let lower = bytes.to_ascii_lowercase();
        for (form, needle) in &self.0 {
            let found = |hay: &[u8], needle: &[u8]| hay.windows(needle.len()).any(|it| it == needle);
            assert!(!found(bytes, needle), "a key is in {place}, {form}");
            assert!(*form != "in hexadecimal" || !found(&lower, needle), "a key is in {place}, {form}");
        }
    }
}

/// What is asked and answered, in good times and bad.
async fn a_day(stage: &Stage, key: &str) -> Vec<String> {
    let [ada, mira, lea] = stage.cast(["ada", "mira", "lea"]);
    let mut heard = Vec::new();
    for fault in ["500-before", "500-after", "cut-after", "malformed", "html", "redirect:307", "429", "529"] {
        stage.organization.misbehave("/v1/organizations", fault.parse::<Fault>().unwrap(), 6);
        heard.push(ada.says(&format!("/claude invite {}@example.com", fault.replace(':', "-"))).await.reads());
        stage.advance(1).await;
    }
    // Somebody pastes the key where a word belongs. It is their secret to lose, but not ours to keep.
    for typed in [
        format!("invite {key}"),
        format!("{key} invite"),
        format!("member show {key}"),
        format!("workspace show {key}"),
        format!("help {key}"),
        format!("approve {key}"),
    ] {
        match ada.reply(Said::Command(split(&typed))).await.says {
            Says::Message(message) => heard.push(format!("{message:?}")),
            other => heard.push(format!("{other:?}")),
        }
    }
    for typed in ["whoami", "status", "status --json", "home", "audit", "member list --json", "doctor"] {
        heard.push(ada.says(&format!("/claude {typed}")).await.reads());
        heard.push(lea.says(&format!("/claude {typed}")).await.reads());
    }
    let id = mira.says("/claude invite lea@example.com").await.request();
    heard.push(ada.says(&format!("/claude approve {id}")).await.reads());
    stage.settle().await;
    heard.extend(stage.chat.everything().iter().map(|(_, message)| format!("{message:?}")));
    stage.chat.forget_unheard();
    heard
}

#[tokio::test]
async fn the_keys_are_in_no_message_no_log_and_no_database() {
    for engine in engines() {
        let log = Log::default();
        let guards = log.listening();
        let stage = Stage::open(engine).await;
        let key = stage.organization.admin_key();
        let master = MasterKey::generate(&Random::seeded(STAGE_SEED)).to_base64();
        let raw = BASE64.decode(master.expose_secret().as_bytes()).unwrap();
        let canary = Canary::of(&[key.as_bytes(), &raw, master.expose_secret().as_bytes()]);

        for heard in a_day(&stage, &key).await {
            canary.is_not_in("a message", heard.as_bytes());
        }
        for (name, bytes) in files(&stage, engine) {
            assert!(!bytes.is_empty() || name.ends_with("-wal"), "{name} is empty");
            canary.is_not_in(&name, &bytes);
        }
        drop(guards);
        let logged = log.0.lock().unwrap().clone();
        assert!(logged.len() > 10_000, "the log was listened to");
        canary.is_not_in("the log", &logged);
        stage.close().await;
    }
}

/// The bytes of a SQLite database and its write-ahead log. PostgreSQL's lie on a server; what is sent there is the same.
fn files(stage: &Stage, engine: Engine) -> Vec<(String, Vec<u8>)> {
    if engine == Engine::Postgres {
        return Vec::new();
    }
    let path = stage.database.url.trim_start_matches("sqlite://");
    ["", "-wal", "-shm"]
        .into_iter()
        .map(|ending| PathBuf::from(format!("{path}{ending}")))
        .filter(|it| it.exists())
        .map(|it| (it.display().to_string(), std::fs::read(&it).unwrap()))
        .collect()
}

#[test]
fn a_canary_is_found_in_each_form() {
    let secret = b"sk-ant-admin01-abcdefghijklmnop";
    let canary = Canary::of(&[secret]);
    for place in [
        secret.to_vec(),
        HEXLOWER.encode(secret).to_uppercase().into_bytes(),
        BASE64.encode(secret).into_bytes(),
        BASE64.encode(&[b"x".as_slice(), secret].concat()).into_bytes(),
        BASE64.encode(&[b"xy".as_slice(), secret].concat()).into_bytes(),
        format!("{secret:?}").into_bytes(),
    ] {
        assert!(
            std::panic::catch_unwind(|| canary.is_not_in("a test", &place)).is_err(),
            "{}",
            String::from_utf8_lossy(&place)
        );
    }
    canary.is_not_in("a test", b"nothing");
}
