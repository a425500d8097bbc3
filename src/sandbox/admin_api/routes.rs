//! Which path leads where. Everything passes the gate first.

use super::{activities, invites, keys, members, rate_limits, usage_report, users, workspaces};
use crate::sandbox::answer::{not_like_this, nothing_here};
use crate::sandbox::organization::Organization;
use crate::sandbox::{gate, messages};
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
            .route("/usage_report/messages", get(usage_report::messages));
        Router::new()
            .nest("/v1/organizations", organization)
            .route("/v1/compliance/activities", get(activities::list))
            .route("/v1/messages", post(messages::create))
            .fallback(nothing_here)
            .method_not_allowed_fallback(not_like_this)
            .layer(DefaultBodyLimit::max(LARGEST_BODY))
            .layer(from_fn_with_state(self.clone(), gate::pass))
    }
}
