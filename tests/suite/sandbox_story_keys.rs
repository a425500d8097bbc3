//! A key in a real Chromium: asked for in a form, approved on a phone, revealed in a dialog, used, replaced three months later;
//! and the new one leaks.

use std::path::Path;

use crate::bench::Folder;
use crate::chromium::{Browser, Page};
use crate::everywhere::town::messages;
use crate::sandbox_program::Program;
use crate::sandbox_story::{pictures, press, reads, say};

/// The secret that is shown.
const SHOWN: &str = "document.querySelector('dialog[open] .revealed code').textContent";

/// Chooses in the simulated Console when a program uses a key.
async fn used(console: &Page, key: &str, rhythm: &str) {
    let tail = &key[key.len() - 4..];
    console.wait_for("document.querySelector('li select') !== null", "keys with programs").await;
    let choose = format!(
        "(() => {{ const rows = [...document.querySelectorAll('li')].filter(it => it.querySelector('code')?.textContent.endsWith('{tail}'));
           const select = rows[0].querySelector('select'); select.value = '{rhythm}';
           select.dispatchEvent(new Event('change')); rows[0].scrollIntoView({{block: 'center'}}); return rows.length; }})()"
    );
    assert_eq!(console.eval(&choose).await, serde_json::json!(1));
    let chosen = format!(
        "[...document.querySelectorAll('li')].some(it => it.querySelector('code')?.textContent.endsWith('{tail}') && it.querySelector('select')?.value === '{rhythm}')"
    );
    console.wait_for(&chosen, "it is chosen").await;
}

/// Three months later Mira is reminded and replaces her key; the old one goes once its program has moved. Answers the new one.
async fn replaced((browser, program, mira): (&Browser, &Program, &Page), pictures: &Path, key: &str) -> String {
    let anthropic = format!("{}/anthropic", program.address);
    let console = browser.page(&format!("{}/console", program.address), 1280, 800).await;
    used(&console, key, "nightly").await;
    console.screenshot(&pictures.join("key-console-1280.png")).await;
    program.post("/api/clock", &serde_json::json!({ "advance": "90d" })).await;
    reads(mira, "#messages li", "The API key evals in research is to be replaced now").await;
    mira.screenshot(&pictures.join("key-reminder-1280.png")).await;
    press(mira, "#messages", "Replace it").await;
    reads(mira, "#messages li", "replace the API key evals").await;
    press(mira, "#messages", "Reveal").await;
    reads(mira, "dialog", "sk-ant-api03-").await;
    let new = mira.eval(SHOWN).await.as_str().unwrap().to_owned();
    mira.press_key("Escape").await;
    assert_ne!(key, new);
    assert_eq!((messages(&anthropic, key).await, messages(&anthropic, &new).await), (200, 200), "both work");
    used(&console, key, "").await;
    used(&console, &new, "nightly").await;
    program.post("/api/clock", &serde_json::json!({ "advance": "2d" })).await;
    reads(mira, "#messages li", "nothing uses it any more, so it is switched off").await;
    assert_eq!(messages(&anthropic, key).await, 401, "the old one is off");
    mira.screenshot(&pictures.join("key-replaced-1280.png")).await;
    new
}

#[tokio::test]
async fn a_key_is_used_replaced_and_leaks() {
    let Some(browser) = Browser::start().await else { return };
    let program = Program::start().await;
    let folder = Folder::new();
    let pictures = pictures(&folder);
    let anthropic = format!("{}/anthropic", program.address);
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
    let key = mira.eval(SHOWN).await.as_str().unwrap().to_owned();
    assert_eq!(messages(&anthropic, &key).await, 200, "it works");
    mira.press_key("Escape").await;
    let new = replaced((&browser, &program, &mira), &pictures, &key).await;
    say(&mira, &format!("/claude key leak {new}")).await;
    reads(&mira, "#messages li", "was reported as leaked, and is switched off").await;
    assert_eq!(messages(&anthropic, &new).await, 401, "within a second");
    mira.screenshot(&pictures.join("key-leaked-1280.png")).await;
    let leaks = format!("document.getElementById('messages').textContent.includes('{}')", &key[16..40]);
    assert_eq!(mira.eval(&leaks).await, serde_json::json!(false), "the secret is in no message");
    for page in [&mira, &phone] {
        assert_eq!(page.console_errors(), Vec::<String>::new());
    }
    program.kill().await;
}
