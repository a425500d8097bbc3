//! Which path leads where. Everything passes the gate first.

use super::{
    activities, analytics, claude_code, cost_report, federation_issuers, federation_rules, invites, keys, members,
    rate_limits, service_accounts, usage_report, users, workspaces,
};
use crate::sandbox::answer::{not_like_this, nothing_here};
use crate::sandbox::organization::Organization;
use crate::sandbox::{exchange, gate, messages};
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};

/// No call of the Admin API needs more.
const LARGEST_BODY: usize = 1024 * 1024;

impl Organization {
    /// The Admin API and `POST /v1/messages`, to be nested under `/anthropic`.
    ///
    /// No call creates a key: `POST /v1/organizations/api_keys` is not among the routes, as at the real service.
    pub fn admin_api(&self) -> Router {
        let organization = Router::new()
            .route("/me", get(users::me))
            .route("/users", get(users::list))
            .route("/users/{id}", get(users::get).post(users::update).delete(users::remove))
            .route("/invites", get(invites::list).post(invites::create))
            .route("/invites/{id}", get(invites::get).delete(invites::withdraw))
            .route("/workspaces", get(workspaces::list).post(workspaces::create))
            .route("/workspaces/{id}", get(workspaces::get).post(workspaces::update))
            .route("/workspaces/{id}/archive", post(workspaces::archive))
            .route("/workspaces/{id}/members", get(members::list).post(members::add))
            .route("/workspaces/{id}/members/{user}", get(members::get).post(members::update).delete(members::remove))
            .route("/workspaces/{id}/rate_limits", get(rate_limits::of_workspace))
            .route("/workspaces/{id}/rate_limits/{entry}", post(rate_limits::set))
            .route("/api_keys", get(keys::list))
            .route("/api_keys/{id}", get(keys::get).post(keys::update))
            .route("/rate_limits", get(rate_limits::of_organization))
            .route("/usage_report/messages", get(usage_report::messages))
            .route("/usage_report/claude_code", get(claude_code::list))
            .route("/cost_report", get(cost_report::list))
            .route("/analytics/usage", get(analytics::usage))
            .route("/analytics/cost", get(analytics::cost));
        Router::new()
            .nest("/v1/organizations", organization.merge(federation()))
            .route("/v1/oauth/token", post(exchange::token))
            .route("/v1/compliance/activities", get(activities::list))
            .route("/v1/messages", post(messages::create))
            .fallback(nothing_here)
            .method_not_allowed_fallback(not_like_this)
            .layer(DefaultBodyLimit::max(LARGEST_BODY))
            .layer(from_fn_with_state(self.clone(), gate::pass))
    }
}

/// What takes an `org:admin` token and no key.
fn federation() -> Router {
    Router::new()
        .route("/service_accounts", get(service_accounts::list).post(service_accounts::create))
        .route("/service_accounts/{id}", get(service_accounts::get).post(service_accounts::update))
        .route("/service_accounts/{id}/archive", post(service_accounts::archive))
        .route("/service_accounts/{id}/workspaces", get(service_accounts::seats).post(service_accounts::seat))
        .route("/federation_issuers", get(federation_issuers::list).post(federation_issuers::create))
        .route("/federation_issuers/{id}", get(federation_issuers::get))
        .route("/federation_issuers/{id}/archive", post(federation_issuers::archive))
        .route("/federation_rules", get(federation_rules::list).post(federation_rules::create))
        .route("/federation_rules/{id}", get(federation_rules::get))
        .route("/federation_rules/{id}/archive", post(federation_rules::archive))
}
