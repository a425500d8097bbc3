//! Tokens, and the key that signs for them, are nowhere but where they must be.

use std::io::Write;
use std::sync::{Arc, Mutex};

use data_encoding::{BASE64, HEXLOWER};
use tracing_subscriber::fmt::MakeWriter;

use super::story::{gets, granted, handle, opened, stage_with};
use crate::bench::engines;
use crate::keys::stored;

/// Everything that this thread traces, at every level.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

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
    fn listening(&self) -> (tracing::Dispatch, tracing::subscriber::DefaultGuard) {
        let [one, other] = [(), ()].map(|()| {
            let format = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE);
            tracing::Dispatch::new(format.with_writer(self.clone()).finish())
        });
        (one, tracing::dispatcher::set_default(&other))
    }
}

#[tokio::test]
async fn a_token_is_in_no_message_no_log_no_trail_and_no_database() {
    for engine in engines() {
        let log = Log::default();
        let guards = log.listening();
        let stage = stage_with(engine, 2).await;
        let ready = granted(&stage).await;
        let oskar = stage.person("oskar");
        let mut tokens = vec![gets(&stage, &oskar, &ready).await];
        // Made, and lost on the way; and one that nobody ever takes out of the tray.
        for fault in ["cut-after", "malformed", "500-after"] {
            stage.organization.misbehave("POST /v1/oauth/token", fault.parse().unwrap(), 1);
            tokens.push(gets(&stage, &oskar, &ready).await);
        }
        let untaken = handle(&oskar, &ready).await;
        for typed in ["key list", "key list --json", "key show etl", "home", "whoami", "doctor key"] {
            oskar.says(&format!("/claude {typed}")).await;
        }
        stage.settle().await;

        let mut everything: Vec<u8> = log.0.lock().unwrap().clone();
        assert!(everything.len() > 10_000, "the log was listened to");
        everything.extend(format!("{:?}", stage.chat.everything()).into_bytes());
        let wanted = steward::store::Trail { after_seq: Some(0), limit: 100_000, ..Default::default() };
        everything.extend(format!("{:?}", stage.house.store.trail(&wanted).await.unwrap()).into_bytes());
        for (_, bytes) in stored(&stage.database.url, engine).await {
            everything.extend(bytes);
        }
        tokens.push(opened(&stage, &untaken, &oskar).await.unwrap());
        for token in &tokens {
            let middle = &token.as_bytes()[20..60];
            let forms = [middle.to_vec(), HEXLOWER.encode(middle).into_bytes(), {
                let text = BASE64.encode(middle);
                text.as_bytes()[..text.len() - 4].to_vec()
            }];
            for form in forms {
                assert!(!everything.windows(form.len()).any(|it| it == form), "{engine:?}: a token is somewhere");
            }
        }
        // An assertion is used up at once, and is worth nothing later; it is told nobody all the same.
        assert!(!everything.windows(10).any(|it| it == b"eyJhbGciOi"), "{engine:?}: an assertion is somewhere");
        drop(guards);
        stage.chat.forget_unheard();
        stage.close().await;
    }
}
