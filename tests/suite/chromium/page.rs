//! One tab: looks, waits, clicks and types as a person would, with real events. Whatever goes wrong fails the test.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use data_encoding::BASE64;
use serde_json::{Value, json};

use super::wire::{Wire, exception};

/// How long [`Page::wait_for`] waits at most.
const PATIENCE: Duration = Duration::from_mins(1);

/// How long it rests between two looks.
const REST: Duration = Duration::from_millis(25);

/// The bit of a key event that says that Shift is held; alone it does not keep a key from typing.
const SHIFT: u8 = 8;

/// An open tab.
pub(crate) struct Page {
    wire: Arc<Wire>,
    session: String,
}

impl Page {
    pub(super) async fn open(wire: Arc<Wire>) -> Self {
        let made = wire.call(None, "Target.createTarget", json!({ "url": "about:blank" })).await;
        let target = made.expect("a tab can be opened")["targetId"].take();
        let attached = wire.call(None, "Target.attachToTarget", json!({ "targetId": target, "flatten": true })).await;
        let session = attached.expect("a tab can be attached to")["sessionId"].as_str().unwrap_or_default().to_owned();
        let page = Self { wire, session };
        for domain in ["Page", "Runtime", "Log"] {
            page.call(&format!("{domain}.enable"), json!({})).await;
        }
        page
    }

    async fn call(&self, method: &str, params: Value) -> Value {
        self.wire.call(Some(&self.session), method, params).await.unwrap_or_else(|why| panic!("{why}"))
    }

    /// Goes to `url` and waits until it is loaded.
    pub(crate) async fn goto(&self, url: &str) {
        let went = self.call("Page.navigate", json!({ "url": url })).await;
        assert!(went["errorText"].is_null(), "{url}: {}", went["errorText"]);
        self.wait_for("document.readyState === 'complete'", url).await;
    }

    /// The value of a JavaScript expression, awaited if it is a promise.
    pub(crate) async fn eval(&self, js: &str) -> Value {
        self.try_eval(js).await.unwrap_or_else(|why| panic!("{why}\nin: {js}"))
    }

    async fn try_eval(&self, js: &str) -> Result<Value, String> {
        let params = json!({ "expression": js, "awaitPromise": true, "returnByValue": true, "userGesture": true });
        let mut answer = self.wire.call(Some(&self.session), "Runtime.evaluate", params).await?;
        match answer.get("exceptionDetails") {
            Some(details) => Err(exception(details)),
            None => Ok(answer["result"]["value"].take()),
        }
    }

    /// Waits until the condition holds; `what` says in the failure what did not come.
    pub(crate) async fn wait_for(&self, js_condition: &str, what: &str) {
        let began = Instant::now();
        loop {
            // While the page changes hands, it cannot be asked: then the condition does not hold yet.
            let held = self.try_eval(&format!("!!({js_condition})")).await;
            if held == Ok(Value::Bool(true)) {
                return;
            } else if began.elapsed() > PATIENCE {
                let shown = self.try_eval("document.body.innerText.slice(0, 1000)").await;
                let errors = self.console_errors().join("\n");
                panic!("waited {PATIENCE:?} for {what}: {held:?}\nthe page shows: {shown:?}\nits console: {errors}");
            }
            tokio::time::sleep(REST).await;
        }
    }

    /// Clicks into the middle of the element, once it is there; it must be on top, as for a person.
    pub(crate) async fn click(&self, selector: &str) {
        let quoted = Value::from(selector);
        self.wait_for(&format!("document.querySelector({quoted})"), selector).await;
        let spot = self
            .eval(&format!(
                "(() => {{ const it = document.querySelector({quoted}); it.scrollIntoView({{ block: 'nearest', behavior: 'instant' }});
                   const box = it.getBoundingClientRect(), x = box.x + box.width / 2, y = box.y + box.height / 2;
                   const top = document.elementFromPoint(x, y);
                   if (!it.contains(top)) throw new Error({quoted} + ' is covered by ' + (top?.outerHTML ?? 'nothing').slice(0, 200));
                   return {{ x, y }} }})()"
            ))
            .await;
        for (kind, buttons) in [("mouseMoved", 0), ("mousePressed", 1), ("mouseReleased", 0)] {
            let button = if kind == "mouseMoved" { "none" } else { "left" };
            let params = json!({ "type": kind, "x": spot["x"], "y": spot["y"], "button": button, "buttons": buttons, "clickCount": 1 });
            self.call("Input.dispatchMouseEvent", params).await;
        }
    }

    /// Clicks the field and types, key by key; what no keyboard has is put in as an input method would.
    pub(crate) async fn type_text(&self, selector: &str, text: &str) {
        self.click(selector).await;
        for letter in text.chars() {
            if letter.is_ascii_graphic() || letter == ' ' {
                self.key("keyDown", json!({ "key": letter, "text": letter, "unmodifiedText": letter })).await;
                self.key("keyUp", json!({ "key": letter })).await;
            } else {
                self.call("Input.insertText", json!({ "text": letter })).await;
            }
        }
    }

    /// Presses a key by its DOM name, with modifiers in front: `Enter`, `Escape`, `Shift+Tab`, `Control+k`.
    pub(crate) async fn press_key(&self, name: &str) {
        let mut parts: Vec<&str> = name.split('+').collect();
        let key = parts.pop().expect("a split has a last part");
        let bit = |held: &str| match held {
            "Alt" => 1,
            "Control" => 2,
            "Meta" => 4,
            "Shift" => SHIFT,
            other => panic!("`{other}` is no key to be held"),
        };
        let modifiers: u8 = parts.into_iter().map(bit).sum();
        let (code, text) = code_of(key);
        let mut params = json!({ "key": key, "code": key, "windowsVirtualKeyCode": code, "modifiers": modifiers });
        if let (Some(text), true) = (text, modifiers == 0 || modifiers == SHIFT) {
            params["text"] = text.into();
        }
        self.key("keyDown", params.clone()).await;
        self.key("keyUp", params).await;
    }

    async fn key(&self, kind: &str, mut params: Value) {
        params["type"] = kind.into();
        self.call("Input.dispatchKeyEvent", params).await;
    }

    /// Writes what is in view as a PNG.
    pub(crate) async fn screenshot(&self, path: &Path) {
        let shot = self.call("Page.captureScreenshot", json!({ "format": "png" })).await;
        let image =
            BASE64.decode(shot["data"].as_str().unwrap_or_default().as_bytes()).expect("the browser sends base64");
        std::fs::write(path, image).expect("the screenshot can be written");
    }

    /// Makes the view `width` by `height` pixels, as a phone shows it if `mobile`.
    pub(crate) async fn set_size(&self, width: u32, height: u32, mobile: bool) {
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": mobile,
                           "screenWidth": width, "screenHeight": height });
        self.call("Emulation.setDeviceMetricsOverride", size).await;
        self.call("Emulation.setTouchEmulationEnabled", json!({ "enabled": mobile })).await;
    }

    /// Whether this person likes it dark.
    pub(crate) async fn set_dark(&self, dark: bool) {
        let value = if dark { "dark" } else { "light" };
        let features = json!({ "features": [{ "name": "prefers-color-scheme", "value": value }] });
        self.call("Emulation.setEmulatedMedia", features).await;
    }

    /// Everything that the page complained about: `console.error`, uncaught exceptions, failed loads.
    pub(crate) fn console_errors(&self) -> Vec<String> {
        self.wire.errors(&self.session)
    }
}

/// The number of a key, and the text that it types.
fn code_of(key: &str) -> (u32, Option<&str>) {
    match key {
        "Backspace" => (8, None),
        "Tab" => (9, None),
        "Enter" => (13, Some("\r")),
        "Escape" => (27, None),
        "PageUp" => (33, None),
        "PageDown" => (34, None),
        "End" => (35, None),
        "Home" => (36, None),
        "ArrowLeft" => (37, None),
        "ArrowUp" => (38, None),
        "ArrowRight" => (39, None),
        "ArrowDown" => (40, None),
        "Delete" => (46, None),
        letter => match (letter.chars().next(), letter.chars().count()) {
            (Some(first), 1) => (u32::from(first.to_ascii_uppercase()), Some(letter)),
            _ => panic!("`{key}` is no key that this driver knows"),
        },
    }
}
