//! A key in a real Chromium: asked for in a form, approved on a phone, revealed in a dialog, used, and switched off.

use crate::bench::{Folder, client};
use crate::chromium::Browser;
use crate::sandbox_program::Program;
use crate::sandbox_story::{pictures, press, reads, say};

/// What `POST /v1/messages` answers with this key.
async fn messages(program: &Program, key: &str) -> u16 {
    let body = r#"{"model":"claude-haiku-4-5","max_tokens":16,"messages":[{"role":"user","content":"Hello"}]}"#;
    let request = client()
        .post(format!("{}/anthropic/v1/messages", program.address))
        .header("x-api-key", key)
        .header("anthropic-version", "2023-06-01")
        .header("content-type", "application/json")
        .body(body);
    request.send().await.unwrap().status().as_u16()
}

#[tokio::test]
async fn somebody_gets_a_key_and_it_works() {
    let Some(browser) = Browser::start().await else { return };
    let program = Program::start().await;
    let folder = Folder::new();
    let pictures = pictures(&folder);
    let at = |hash: &str| format!("{}/#{hash}", program.address);
    let ready = "document.documentElement.dataset.ready === 'true'";

    let mira = browser.page(&at("as=mira&in=general"), 1280, 800).await;
    mira.wait_for(ready, "the page starts").await;
    say(&mira, "/claude key request").await;
    reads(&mira, "#messages li", "Ask for an API key").await;
    mira.screenshot(&pictures.join("key-form-1280.png")).await;
    mira.type_text("dialog [name='--workspace']", "research").await;
    mira.type_text("dialog [name='--purpose']", "nightly evals").await;
    mira.type_text("dialog [name='--name']", "evals").await;
    press(&mira, "dialog", "Ask").await;
    reads(&mira, "#messages li", "Asked: issue the dev API key evals in research").await;

    let phone = browser.page(&at("as=ada&in=approvals"), 390, 844).await;
    phone.set_size(390, 844, true).await;
    phone.wait_for(ready, "the page starts").await;
    reads(&phone, "#messages li", "asks to issue the dev API key evals in research").await;
    phone.screenshot(&pictures.join("key-card-390.png")).await;
    press(&phone, "#messages", "Approve").await;
    reads(&phone, "#messages li", "It waits for Mira Chen to reveal it").await;

    mira.goto(&at("as=mira&in=@mira")).await;
    mira.wait_for(ready, "the page starts").await;
    reads(&mira, "#messages li", "Your API key evals for research is ready").await;
    mira.screenshot(&pictures.join("key-offer-1280.png")).await;
    press(&mira, "#messages", "Reveal").await;
    reads(&mira, "dialog", "sk-ant-api03-").await;
    reads(&mira, "dialog", "ANTHROPIC_API_KEY").await;
    mira.screenshot(&pictures.join("key-secret-1280.png")).await;
    let shown = "document.querySelector('dialog[open] .revealed code').textContent";
    let key = mira.eval(shown).await.as_str().unwrap().to_owned();
    assert_eq!(messages(&program, &key).await, 200, "it works");
    mira.press_key("Escape").await;
    say(&mira, "/claude key disable evals").await;
    reads(&mira, "#messages li", "Done: the API key evals is inactive").await;
    assert_eq!(messages(&program, &key).await, 401, "and does not any more");
    let leaks = format!("document.getElementById('messages').textContent.includes('{}')", &key[16..40]);
    assert_eq!(mira.eval(&leaks).await, serde_json::json!(false), "the secret is in no message");
    for page in [&mira, &phone] {
        assert_eq!(page.console_errors(), Vec::<String>::new());
    }
    program.kill().await;
}
