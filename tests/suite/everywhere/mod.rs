//! One table of stories, told on every chat platform: in the browser, in Slack over a socket, in Slack over HTTP, in
//! Discord over its gateway, in Discord over HTTP.

mod browser;
mod discord;
mod features;
pub(crate) mod seen;
mod slack;
mod stories;
pub(crate) mod town;

pub(crate) use discord::open_door as open_discord;
