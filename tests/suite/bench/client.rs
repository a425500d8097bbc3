//! Speaking HTTP to a server of the test's own.

/// A client that goes nowhere but where it is told.
#[expect(clippy::disallowed_methods, reason = "a test speaks to its own loopback server")]
pub(crate) fn client() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().build().unwrap()
}
