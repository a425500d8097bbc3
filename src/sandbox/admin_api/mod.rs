//! The Admin API: one file for each resource, and the routes that lead to them.

mod activities;
mod invites;
mod keys;
mod members;
mod rate_limits;
mod routes;
mod usage_report;
mod users;
mod workspaces;

pub(super) use keys::shown as key_shown;
