//! `POST /hooks/leak`: what a scanner signs is dealt with, once; everything else is refused without an effect.

use std::sync::Arc;

use serde_json::{Value, json};
use steward::sandbox::KeyStatus;
use steward::seal::{HookKey, STAMP_HEADER};
use steward::server::{LeakHook, leak_hook};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::bench::{client, engines};
use crate::keys::{key_of, with_a_key};
use crate::stage::Stage;

const SECRET: &str = "a-secret-that-the-scanner-knows";

async fn opened(stage: &Stage, stop: &CancellationToken) -> String {
    let hook = LeakHook {
        key: HookKey::shared(SECRET.to_owned().into()),
        store: stage.house.store.clone(),
        pipeline: Arc::clone(&stage.house.pipeline),
        rules: Arc::clone(&stage.house.rules),
        clock: stage.clock.clone(),
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hooks/leak", listener.local_addr().unwrap());
    tokio::spawn(steward::server::serve(listener, leak_hook(hook), stop.clone()));
    url
}

async fn sent(url: &str, stamps: &[String], body: &str) -> (u16, Value) {
    let mut request = client().post(url).body(body.to_owned());
    for stamp in stamps {
        request = request.header(STAMP_HEADER, stamp);
    }
    let answer = request.send().await.unwrap();
    let status = answer.status().as_u16();
    (status, answer.json().await.unwrap_or(Value::Null))
}

#[tokio::test]
async fn what_a_scanner_signs_is_dealt_with_once() {
    for engine in engines() {
        let (stage, secret) = with_a_key(engine).await;
        let stop = CancellationToken::new();
        let url = opened(&stage, &stop).await;
        let key = HookKey::shared(SECRET.to_owned().into());
        let now = stage.clock.now().as_second();
        let body = json!({ "text": format!("leaked in a gist: {secret}") }).to_string();
        let good = key.stamp(now, body.as_bytes());
        let forged = HookKey::shared("another".to_owned().into()).stamp(now, body.as_bytes());
        let stale = key.stamp(now - 301, body.as_bytes());
        for stamps in
            [vec![], vec![forged], vec![stale], vec![good.clone(), good.clone()], vec![good.replace("v1=", "v1=0")]]
        {
            assert_eq!(sent(&url, &stamps, &body).await.0, 401, "{stamps:?}");
        }
        assert_eq!(sent(&url, std::slice::from_ref(&good), &body.replace("gist", "list")).await.0, 401, "another body");
        assert_eq!(key_of(&stage, &secret).switched, KeyStatus::Active, "nothing had an effect");

        assert_eq!(sent(&url, std::slice::from_ref(&good), &body).await, (200, json!({ "matched": 1 })));
        assert_eq!(key_of(&stage, &secret).switched, KeyStatus::Inactive);
        assert_eq!(sent(&url, &[good], &body).await.0, 409, "once");
        for wrong in ["[]", "{}", "not json", r#"{"text":7}"#] {
            assert_eq!(sent(&url, &[key.stamp(now, wrong.as_bytes())], wrong).await.0, 400, "{wrong}");
        }
        let huge = "x".repeat(300_000);
        assert_eq!(sent(&url, &[key.stamp(now, huge.as_bytes())], &huge).await.0, 413);
        let unknown = r#"{"hint":"sk-ant-api03-zzz...zzzz"}"#;
        assert_eq!(sent(&url, &[key.stamp(now, unknown.as_bytes())], unknown).await, (200, json!({ "matched": 0 })));
        stop.cancel();
        stage.settle().await;
        stage.chat.forget_unheard();
        stage.close().await;
    }
}
