//! The organization in a real Chromium: two approvals, a request that lapses, a broken glass, an offboarding, a sync.

use crate::bench::Folder;
use crate::chromium::{Browser, Page};
use crate::sandbox_program::Program;
use crate::sandbox_story::{pictures, press, reads, say};

const READY: &str = "document.documentElement.dataset.ready === 'true'";

/// Both widths of what is on a page now; nothing scrolls sideways on a phone.
async fn look(page: &Page, folder: &std::path::Path, name: &str) {
    page.screenshot(&folder.join(format!("{name}-1280.png"))).await;
    page.set_size(390, 844, true).await;
    let overflow = page.eval("document.documentElement.scrollWidth - document.documentElement.clientWidth").await;
    assert_eq!(overflow, 0, "{name}: nothing scrolls sideways at 390 pixels");
    let away = "document.getElementById('sidebar').getBoundingClientRect().right <= 0";
    page.wait_for(away, "the drawer has slid away").await;
    page.screenshot(&folder.join(format!("{name}-390.png"))).await;
    page.set_size(1280, 800, false).await;
}

#[tokio::test]
async fn requests_are_decided_by_two_lapse_and_break_the_glass() {
    let Some(browser) = Browser::start().await else { return };
    let program = Program::start().await;
    let folder = Folder::new();
    let pictures = pictures(&folder);
    let at = |who: &str| format!("{}/#as={who}&in=approvals", program.address);

    program.say("kenji", "/claude workspace add production me --role workspace_user").await;
    let ada = browser.page(&at("ada"), 1280, 800).await;
    ada.wait_for(READY, "the page starts").await;
    reads(&ada, "#messages li", "asks to").await;
    press(&ada, "#messages", "Approve").await;
    reads(&ada, "#messages li", "1 of 2").await;
    look(&ada, &pictures, "two-step").await;
    let grace = browser.page(&at("grace"), 1280, 800).await;
    grace.wait_for(READY, "the page starts").await;
    press(&grace, "#messages", "Approve").await;
    reads(&grace, "#messages li", "Done: ").await;
    look(&grace, &pictures, "two-step-done").await;

    program.say("mira", "/claude invite tom@example.com").await;
    reads(&ada, "#messages li", "invite tom@example.com as user").await;
    program.past_steward("/invites", &serde_json::json!({ "email": "tom@example.com", "role": "developer" })).await;
    press(&ada, "#messages", "Approve").await;
    reads(&ada, "#messages li", "Lapsed: ").await;
    look(&ada, &pictures, "lapsed").await;

    let asked = program.say("mira", "/claude invite ines@example.com").await;
    let id = asked.iter().find_map(|it| id_in(&it.to_string())).expect("a request with an id");
    program.say("grace", &format!("/claude request override {id} --reason \"the demo is tonight\"")).await;
    reads(&ada, "#messages li", "glass broken").await;
    look(&ada, &pictures, "break-glass").await;
    for page in [&ada, &grace] {
        assert_eq!(page.console_errors(), Vec::<String>::new());
    }
    program.kill().await;
}

/// The first `C17-k3f9` in a text.
fn id_in(text: &str) -> Option<String> {
    let words = text.split(|it: char| !it.is_ascii_alphanumeric() && it != '-');
    let is_id = |it: &&str| it.parse::<steward::domain::ChangeId>().is_ok();
    words.filter(|it| it.starts_with('C')).find(is_id).map(ToOwned::to_owned)
}

#[tokio::test]
async fn an_admin_looks_at_an_offboarding_and_a_sync() {
    let Some(browser) = Browser::start().await else { return };
    let program = Program::start().await;
    let folder = Folder::new();
    let pictures = pictures(&folder);
    program.post("/api/clock", &serde_json::json!({ "advance": "1h" })).await;

    let ada = browser.page(&format!("{}/#as=ada&in=general", program.address), 1280, 800).await;
    ada.wait_for(READY, "the page starts").await;
    say(&ada, "/claude sync").await;
    reads(&ada, "#messages li", "By the workspace map").await;
    look(&ada, &pictures, "sync").await;
    press(&ada, "#messages", "Only add (3)").await;
    press(&ada, "#messages", "Do all 3").await;
    reads(&ada, "#messages li", "Done: ").await;

    say(&ada, "/claude offboard mira@example.com").await;
    reads(&ada, "#messages li", "Personal keys, which die with them").await;
    look(&ada, &pictures, "offboard").await;
    press(&ada, "#messages", "Freeze now").await;
    reads(&ada, "#messages li", "chat accounts of Mira Chen are suspended").await;
    assert_eq!(ada.console_errors(), Vec::<String>::new());
    program.kill().await;
}
