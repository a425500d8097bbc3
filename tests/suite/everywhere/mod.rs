//! One table of stories, told on every chat platform: in the browser, in Slack over a socket, in Slack over HTTP.

mod browser;
pub(crate) mod seen;
mod slack;
mod stories;
pub(crate) mod town;
