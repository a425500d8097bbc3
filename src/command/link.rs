//! `/claude link` ties a chat account to a member of the organization.

/// Link your chat account to your membership.
///
/// By the address in your chat profile, if it is on one of the company's verified domains and exactly one member has
/// it.
#[derive(Clone, Debug, Default, PartialEq, Eq, clap::Args)]
#[command(after_help = "link")]
pub struct Link {}
