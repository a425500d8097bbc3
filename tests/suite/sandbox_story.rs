//! The first story in a real Chromium: a member asks, an admin approves on the card, the mail is accepted, the directory
//! shows the member, the trail verifies. Looked at in two widths.

use std::path::PathBuf;

use crate::bench::Folder;
use crate::chromium::{Browser, Page};
use crate::sandbox_program::Program;

/// Clicks what a person would: the last visible button with this text.
pub(crate) async fn press(page: &Page, inside: &str, label: &str) {
    let found = format!(
        "(() => {{ const all = [...document.querySelectorAll('{inside} button')].filter(it => it.textContent.trim() === '{label}' && !it.disabled);
           document.querySelectorAll('[data-story]').forEach(it => it.removeAttribute('data-story'));
           if (all.length === 0) return false;
           all.at(-1).setAttribute('data-story', ''); all.at(-1).scrollIntoView({{block: 'center'}}); return true; }})()"
    );
    page.wait_for(&found, &format!("a button {label}")).await;
    page.click("[data-story]").await;
}

pub(crate) async fn reads(page: &Page, selector: &str, text: &str) {
    let found = format!("[...document.querySelectorAll('{selector}')].some(it => it.textContent.includes('{text}'))");
    page.wait_for(&found, text).await;
}

pub(crate) async fn say(page: &Page, text: &str) {
    page.type_text("#say", text).await;
    page.press_key("Escape").await;
    page.click("#say").await;
    page.press_key("Enter").await;
}

/// Where pictures go: a named folder for whoever wants to look, else one that is removed.
pub(crate) fn pictures(folder: &Folder) -> PathBuf {
    std::env::var_os("STEWARD_TEST_SCREENSHOTS").map_or_else(|| folder.path().to_owned(), PathBuf::from)
}

#[tokio::test]
async fn a_member_asks_an_admin_approves_and_somebody_joins() {
    let Some(browser) = Browser::start().await else { return };
    let program = Program::start().await;
    let folder = Folder::new();
    let pictures = pictures(&folder);
    let at = |hash: &str| format!("{}/#{hash}", program.address);
    let ready = "document.documentElement.dataset.ready === 'true'";

    let mira = browser.page(&at("as=mira&in=general"), 1280, 800).await;
    mira.wait_for(ready, "the page starts").await;
    say(&mira, "/claude invite lea@example.com --role developer").await;
    reads(&mira, "#messages li", "Asked: invite lea@example.com as developer.").await;
    reads(&mira, "#messages li", "Only visible to you").await;

    let ada = browser.page(&at("as=ada&in=approvals"), 1280, 800).await;
    ada.wait_for(ready, "the page starts").await;
    reads(&ada, "#messages li", "asks to invite lea@example.com as developer").await;
    ada.screenshot(&pictures.join("card-1280.png")).await;
    press(&ada, "#messages", "Approve").await;
    reads(&ada, "#messages li", "Done: lea@example.com was invited as developer.").await;
    let none = "![...document.querySelectorAll('#messages button')].some(it => it.textContent.trim() === 'Approve')";
    ada.wait_for(none, "a receipt without Approve").await;

    ada.goto(&at("as=ada&in=approvals&bench=mail")).await;
    ada.wait_for(ready, "the page starts").await;
    ada.wait_for(
        "!!document.querySelector('#bench button[aria-label=\"Accept the invitation to lea@example.com\"]')",
        "Lea's mail",
    )
    .await;
    ada.click("#bench button[aria-label=\"Accept the invitation to lea@example.com\"]").await;
    reads(&ada, "#toasts", "lea@example.com accepted the invitation").await;

    ada.goto(&at("as=ada&in=general&bench=clock")).await;
    ada.wait_for(ready, "the page starts").await;
    press(&ada, "#bench", "An hour").await;
    reads(&ada, "#bench", "fell due").await;
    say(&ada, "/claude members lea").await;
    reads(&ada, "#messages td", "Lea Novak").await;

    ada.goto(&at("as=ada&in=general&bench=audit")).await;
    ada.wait_for(ready, "the page starts").await;
    reads(&ada, "#bench", "The trail verifies").await;
    reads(&ada, "#bench", "invite.applied").await;
    ada.screenshot(&pictures.join("audit-1280.png")).await;

    let phone = browser.page(&at("as=ada&in=approvals"), 390, 844).await;
    phone.set_size(390, 844, true).await;
    phone.wait_for(ready, "the page starts").await;
    reads(&phone, "#messages li", "Done: lea@example.com was invited as developer.").await;
    let overflow = phone.eval("document.documentElement.scrollWidth - document.documentElement.clientWidth").await;
    assert_eq!(overflow, 0, "nothing scrolls sideways at 390 pixels");
    let away = "document.getElementById('sidebar').getBoundingClientRect().right <= 0";
    phone.wait_for(away, "the drawer has slid away").await;
    phone.screenshot(&pictures.join("receipt-390.png")).await;

    let lea = browser.page(&at("as=lea&in=general"), 1280, 800).await;
    lea.wait_for(ready, "the page starts").await;
    say(&lea, "/claude link").await;
    reads(&lea, "#messages li", "Linked: you are Lea Novak").await;
    for page in [&mira, &ada, &phone, &lea] {
        assert_eq!(page.console_errors(), Vec::<String>::new());
    }
    program.kill().await;
}
