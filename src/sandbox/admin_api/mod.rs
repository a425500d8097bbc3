//! The Admin API: one file for each resource, and the routes that lead to them.

mod activities;
mod analytics;
mod analytics_group;
mod claude_code;
mod cost_report;
mod federation_issuers;
mod federation_rules;
mod invites;
mod keys;
mod members;
mod rate_limits;
mod reporting;
mod routes;
mod service_accounts;
mod usage_report;
mod users;
mod workspaces;

pub(super) use keys::shown as key_shown;
