//! A simulated organization on a real socket, and a plain client that believes nothing.

use reqwest::header::HeaderMap;
use reqwest::{Client, Method, RequestBuilder};
use serde_json::Value;
use steward::clock::{Clock, Moment, moment};
use steward::sandbox::Organization;

pub(crate) const DAY_MS: i64 = 86_400_000;

/// A served organization whose clock stands at 2026-12-01 until it is moved.
pub(crate) struct Sandbox {
    pub(crate) org: Organization,
    pub(crate) clock: Clock,
    pub(crate) base: String,
    pub(crate) http: Client,
    key: String,
}

/// An answer, read to its end.
pub(crate) struct Heard {
    pub(crate) status: u16,
    pub(crate) body: Value,
    pub(crate) headers: HeaderMap,
}

pub(crate) fn first_of_december() -> Clock {
    Clock::standing("2026-12-01T09:00:00Z".parse::<Moment>().unwrap())
}

#[expect(clippy::disallowed_methods, reason = "the judge brings a client of its own, without our client's manners")]
pub(crate) fn plain_client() -> Client {
    Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .timeout(std::time::Duration::from_secs(20))
        .build()
        .unwrap()
}

impl Sandbox {
    pub(crate) async fn empty() -> Self {
        let clock = first_of_december();
        Self::serve(Organization::empty(1, clock.clone()), clock).await
    }

    pub(crate) async fn seeded() -> Self {
        let clock = first_of_december();
        Self::serve(Organization::seeded(7, clock.clone()), clock).await
    }

    pub(crate) async fn serve(org: Organization, clock: Clock) -> Self {
        let router = axum::Router::new().nest("/anthropic", org.admin_api()).merge(org.desk());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { key: org.admin_key(), org, clock, base, http: plain_client() }
    }

    /// A request to the API below `/v1/organizations`, with the admin key and the version.
    pub(crate) fn ask(&self, method: &str, path: &str) -> RequestBuilder {
        self.bare(method, &format!("/anthropic/v1/organizations{path}"))
            .header("x-api-key", &self.key)
            .header("anthropic-version", "2023-06-01")
    }

    /// A request without any header.
    pub(crate) fn bare(&self, method: &str, path: &str) -> RequestBuilder {
        self.http.request(method.parse::<Method>().unwrap(), format!("{}{path}", self.base))
    }

    pub(crate) async fn get(&self, path: &str) -> Heard {
        hear(self.ask("GET", path)).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Heard {
        hear(self.ask("POST", path).json(&body)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Heard {
        hear(self.ask("DELETE", path)).await
    }

    /// A call to the desk.
    pub(crate) async fn desk(&self, method: &str, path: &str, body: Value) -> Heard {
        hear(self.bare(method, path).json(&body)).await
    }

    /// One tiny message with this secret.
    pub(crate) async fn message(&self, secret: &str) -> Heard {
        let body = serde_json::json!({
            "model": "claude-haiku-5-5", "max_tokens": 16, "messages": [{ "role": "user", "content": "hello" }],
        });
        let request = self.bare("POST", "/anthropic/v1/messages").header("anthropic-version", "2023-06-01");
        hear(request.header("x-api-key", secret).json(&body)).await
    }

    /// The member with this address's name, `user_…`.
    pub(crate) fn id_of(&self, handle: &str) -> String {
        let email = format!("{handle}@example.com");
        self.org.members().into_iter().find(|member| member.email == email).unwrap().id
    }

    /// The workspace with this name, `wrkspc_…`.
    pub(crate) fn workspace(&self, name: &str) -> String {
        self.org.workspaces().into_iter().find(|workspace| workspace.name == name).unwrap().id
    }

    /// Makes a key at the Console: its id and its secret.
    pub(crate) async fn make_key(&self, by: &str, workspace: &str, kind: &str) -> (String, String) {
        let order = serde_json::json!({ "as": by, "workspace": workspace, "name": "a key", "kind": kind });
        let made = self.desk("POST", "/api/console/key", order).await;
        assert_eq!(made.status, 200, "{}", made.body);
        (made.text("/id"), made.text("/secret"))
    }

    /// Moves the clock.
    pub(crate) fn pass(&self, ms: i64) {
        self.clock.advance_to(moment(self.clock.now().as_millisecond() + ms));
    }
}

pub(crate) async fn hear(request: RequestBuilder) -> Heard {
    let answer = request.send().await.unwrap();
    let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
    let text = answer.text().await.unwrap();
    Heard { status, body: serde_json::from_str(&text).unwrap_or(Value::String(text)), headers }
}

impl Heard {
    /// The text at this place of the body.
    pub(crate) fn text(&self, pointer: &str) -> String {
        let found = self.body.pointer(pointer).and_then(Value::as_str);
        found.unwrap_or_else(|| panic!("no text at {pointer} of {}", self.body)).to_owned()
    }

    /// This field of each row.
    pub(crate) fn each(&self, field: &str) -> Vec<String> {
        let rows = self.body["data"].as_array().unwrap_or_else(|| panic!("no list: {}", self.body));
        rows.iter().map(|row| row[field].as_str().unwrap_or_default().to_owned()).collect()
    }

    /// Asserts a refusal: status, type, the envelope, and the id in both places.
    #[track_caller]
    pub(crate) fn refused(&self, status: u16, kind: &str) -> &Self {
        assert_eq!(self.status, status, "{}", self.body);
        assert_eq!(self.body["type"], "error", "{}", self.body);
        assert_eq!(self.body["error"]["type"], kind, "{}", self.body);
        assert!(!self.text("/error/message").is_empty());
        assert!(self.text("/request_id").starts_with("req_"));
        assert_eq!(self.headers["request-id"], self.text("/request_id"));
        self
    }

    /// Asserts success, which is always 200.
    #[track_caller]
    pub(crate) fn ok(self) -> Self {
        assert_eq!(self.status, 200, "{}", self.body);
        assert!(self.headers["request-id"].to_str().unwrap().starts_with("req_"));
        self
    }
}
