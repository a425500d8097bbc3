//! The fake Slack is as strict as the real one.

use std::sync::Arc;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message as Frame;

use crate::bench::client;
use crate::fake::slack::{APP_TOKEN, BOT_TOKEN, Fault, Mode, Slack};

async fn open() -> Slack {
    Slack::open(Mode::Socket, Arc::new(|| 1_800_000_000_000)).await
}

async fn call(slack: &Slack, token: &str, method: &str, body: Value) -> Value {
    let http = client();
    let url = format!("{}/{method}", slack.api_url());
    http.post(url).bearer_auth(token).json(&body).send().await.unwrap().json().await.unwrap()
}

/// Acknowledges every envelope.
async fn listen(slack: &Slack) {
    let told = call(slack, APP_TOKEN, "apps.connections.open", json!({})).await;
    let (mut socket, _) = tokio_tungstenite::connect_async(told["url"].as_str().unwrap()).await.unwrap();
    let hello = socket.next().await.unwrap().unwrap();
    assert!(hello.into_text().unwrap().contains("\"num_connections\":1"));
    tokio::spawn(async move {
        while let Some(Ok(Frame::Text(text))) = socket.next().await {
            let frame: Value = serde_json::from_str(text.as_str()).unwrap();
            let ack = json!({ "envelope_id": frame["envelope_id"] }).to_string();
            socket.send(Frame::text(ack)).await.unwrap();
        }
    });
}

#[tokio::test]
async fn a_command_a_modal_and_a_button_go_there_and_back() {
    let slack = open().await;
    let (ada, ops) = (slack.user("ada", |_| {}), slack.channel("ops", |_| {}));
    listen(&slack).await;
    let told = slack.says(&ada, &ops, "/claude help").await.acknowledged();
    assert_eq!(told.payload["text"], "help");
    let input = json!({ "type": "input", "block_id": "why", "label": { "type": "plain_text", "text": "Why" }, "element": { "type": "plain_text_input", "action_id": "a" } });
    let title = json!({ "type": "plain_text", "text": "Ask" });
    let view = json!({ "type": "modal", "title": title, "submit": title, "blocks": [input] });
    let asked = json!({ "trigger_id": told.payload["trigger_id"], "view": view });
    assert_eq!(call(&slack, BOT_TOKEN, "views.open", asked.clone()).await["ok"], true);
    assert_eq!(call(&slack, BOT_TOKEN, "views.open", asked).await["error"], "exchanged_trigger_id");
    slack.submits(&ada, json!({ "Why": "canary" })).await.acknowledged();
    assert!(slack.views(&ada).is_empty() && slack.bytes_contain("canary"));
    let button = json!({ "type": "button", "action_id": "go", "text": { "type": "plain_text", "text": "Go" } });
    let blocks = json!([{ "type": "actions", "elements": [button] }]);
    let sent =
        call(&slack, BOT_TOKEN, "chat.postMessage", json!({ "channel": ops, "text": "x", "blocks": blocks })).await;
    slack.press(&ada, sent["ts"].as_str().unwrap(), "Go").await.acknowledged();
    assert_eq!(slack.trouble(), Vec::<String>::new());
}

#[tokio::test]
async fn faults_tokens_and_limits_bite() {
    let slack = open().await;
    let ops = slack.channel("ops", |_| {});
    assert_eq!(call(&slack, "xoxb-wrong", "auth.test", json!({})).await["error"], "invalid_auth");
    assert_eq!(call(&slack, APP_TOKEN, "auth.test", json!({})).await["error"], "not_allowed_token_type");
    slack.fault("*", Fault::Busy(3), 1);
    assert_eq!(call(&slack, BOT_TOKEN, "auth.test", json!({})).await["error"], "ratelimited");
    let long = json!({ "channel": ops, "text": "x", "blocks": [{ "type": "header", "text": { "type": "plain_text", "text": "x".repeat(151) } }] });
    assert_eq!(call(&slack, BOT_TOKEN, "chat.postMessage", long).await["error"], "invalid_blocks");
    assert_eq!(slack.trouble().len(), 1);
    slack.outage(true);
    tokio::time::sleep(Duration::from_millis(100)).await;
    let refused = client().get(slack.api_url()).send().await;
    assert!(refused.is_err());
    slack.outage(false);
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(call(&slack, BOT_TOKEN, "auth.test", json!({})).await["ok"], true);
}
