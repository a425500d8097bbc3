//! A real browser for stories on the chat page: headless Chromium, spoken to over a pipe.
//!
//! Only loopback can be reached from it, its profile is new and goes away with it, and it ends with its [`Browser`].
//! `STEWARD_TEST_CHROMIUM` names the program; `tests/run` sets it.

mod page;
mod wire;

use std::env;
use std::fs::{self, File};
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::json;
use tokio::process::{Child, Command};

pub(crate) use page::Page;
use wire::Wire;

use crate::bench::{Folder, is_left_out};

/// The browser speaks on its descriptors 3 and 4; the shell puts our pipes there and then becomes the browser.
const REDIRECT: &str = r#"exec "$0" "$@" 3<&0 4>&1 </dev/null >/dev/null"#;

const FLAGS: [&str; 18] = [
    "--headless",
    "--no-sandbox",
    "--remote-debugging-pipe",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--disable-breakpad",
    "--disable-extensions",
    "--disable-dev-shm-usage",
    "--disable-component-update",
    "--disable-background-networking",
    "--disable-features=Translate,OptimizationHints,MediaRouter",
    "--no-first-run",
    "--no-default-browser-check",
    "--no-proxy-server",
    "--hide-scrollbars",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
    "--password-store=basic",
];

/// A running browser.
pub(crate) struct Browser {
    wire: Arc<Wire>,
    process: Child,
    /// Removed after the process has ended.
    _profile: Folder,
}

impl Browser {
    /// Starts one. `None` if the run was told to do without a browser: the test returns then, and is told as left out.
    pub(crate) async fn start() -> Option<Self> {
        if is_left_out("browser") {
            return None;
        }
        let program = env::var("STEWARD_TEST_CHROMIUM").unwrap_or_else(|_| {
            panic!(
                "these tests need Chromium: run them by `tests/run`, which finds it, or set STEWARD_TEST_CHROMIUM to \
                 its path, or STEWARD_TEST_WITHOUT=browser to do without"
            )
        });
        let profile = Folder::new();
        let log = profile.path().join("stderr");
        let mut process = Command::new("sh")
            .args(["-c", REDIRECT, &program])
            .args(FLAGS)
            .arg(format!("--user-data-dir={}", profile.path().join("profile").display()))
            .env("HOME", profile.path())
            .env("TMPDIR", profile.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(File::create(&log).expect("the new folder takes a file"))
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .expect("a shell can be started");
        let (to, from) = (process.stdin.take(), process.stdout.take());
        let wire = Wire::over(to.expect("it was piped above"), from.expect("it was piped above"));
        let browser = Self { wire, process, _profile: profile };
        if let Err(why) = browser.wire.call(None, "Browser.getVersion", json!({})).await {
            panic!("{program} did not start: {why}\n{}", fs::read_to_string(log).unwrap_or_default());
        }
        Some(browser)
    }

    /// Opens `url` in a new tab with a view of `width` by `height` pixels.
    pub(crate) async fn page(&self, url: &str, width: u32, height: u32) -> Page {
        let page = Page::open(Arc::clone(&self.wire)).await;
        page.set_size(width, height, false).await;
        page.goto(url).await;
        page
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // The browser leads a group of its own, which holds all that it started.
        if let Some(id) = self.process.id() {
            let kill = format!("kill -s KILL -- -{id}");
            let is_killed = std::process::Command::new("sh").args(["-c", &kill]).status().is_ok_and(|it| it.success());
            assert!(is_killed || std::thread::panicking(), "the browser {id} could not be ended");
        }
        let began = Instant::now();
        while matches!(self.process.try_wait(), Ok(None)) && began.elapsed() < Duration::from_secs(2) {
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::Folder;
    use axum::{Router, response::Html, routing::get};

    const PAGE: &str = r#"<!doctype html><link rel=icon href="data:,"><style>
        body { font: 20px sans-serif; background: white; color: black }
        @media (prefers-color-scheme: dark) { body { background: black; color: white } }</style>
        <h1>Steward</h1><form><input id=what autofocus><button id=go>Send</button></form><ul id=said></ul>
        <button id=wrong onclick="console.error('told', {a: 1}); throw new Error('thrown')">Wrong</button>
        <script>const keys = []; addEventListener('keydown', it => keys.push(it.key));
        document.forms[0].onsubmit = it => { it.preventDefault();
          setTimeout(() => { said.append(Object.assign(document.createElement('li'), { textContent: what.value })); what.value = '' }, 20) }</script>"#;

    async fn serve() -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().route("/", get(|| async { Html(PAGE) }));
        tokio::spawn(async move { axum::serve(listener, router).await });
        format!("http://{address}/")
    }

    #[tokio::test]
    async fn a_page_is_typed_into_clicked_and_seen() {
        let Some(browser) = Browser::start().await else { return };
        let url = serve().await;
        let page = browser.page(&url, 800, 600).await;
        page.type_text("#what", "/claude invite Zoë ✓").await;
        page.click("#go").await;
        page.wait_for("said.children.length === 1", "the first line").await;
        page.type_text("#what", "ab").await;
        page.press_key("Shift+ArrowLeft").await;
        page.press_key("Enter").await;
        page.wait_for("said.children.length === 2", "the second line").await;
        let said = page.eval("[...said.children].map(it => it.textContent)").await;
        assert_eq!(said, json!(["/claude invite Zoë ✓", "ab"]));
        let keys = page.eval("Promise.resolve(keys.slice(-4))").await;
        assert_eq!(keys, json!(["a", "b", "ArrowLeft", "Enter"]));

        page.set_size(390, 700, true).await;
        page.set_dark(true).await;
        let seen = page.eval("[innerWidth > 0, screen.width, getComputedStyle(document.body).backgroundColor]").await;
        assert_eq!(seen, json!([true, 390, "rgb(0, 0, 0)"]));
        let folder = Folder::new();
        let place = folder.path().join("page.png");
        page.screenshot(&place).await;
        assert!(fs::read(&place).unwrap().starts_with(b"\x89PNG"));
        if let Ok(kept) = env::var("STEWARD_TEST_SCREENSHOTS") {
            fs::copy(&place, format!("{kept}/chromium.png")).unwrap();
        }
        assert!(page.console_errors().is_empty(), "{:?}", page.console_errors());
        page.click("#wrong").await;
        page.wait_for("true", "the events that came before").await;
        let errors = page.console_errors().join("\n");
        assert!(errors.contains("told") && errors.contains("thrown"), "{errors}");
    }

    #[tokio::test]
    #[should_panic(expected = "no such thing")]
    async fn an_exception_in_the_page_fails_the_test() {
        let Some(browser) = Browser::start().await else { panic!("left out: no such thing") };
        browser.page("about:blank", 100, 100).await.eval("throw new Error('no such thing')").await;
    }
}
