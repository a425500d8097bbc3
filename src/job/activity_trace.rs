//! What Anthropic's activity feed shows of a call of Steward's.

use crate::change::Effect;
use crate::store::BegunCall;

/// The trace that a call leaves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Trace {
    /// Any of these shows that it was done: kind and about what.
    pub(super) shown_by: Vec<(&'static str, String)>,
    /// What may come along with it. Without a name: about anything.
    pub(super) along: Vec<(&'static str, Option<String>)>,
}

impl Trace {
    /// The trace of a call as the ledger keeps it; none if it leaves none, or if it is a call that this version does not know.
    pub(super) fn of(body: &str) -> Option<Self> {
        let effect: Effect = serde_json::from_str(body).ok()?;
        let fields: serde_json::Value = serde_json::from_str(body).ok()?;
        let field = |name: &str| fields.get(name).and_then(|it| it.as_str()).unwrap_or_default().to_owned();
        // Every call is here, so that a new one is not forgotten: what Steward does must never look like somebody else's.
        Some(match effect {
            Effect::SendInvite(_) => {
                let email = field("email").to_lowercase();
                Self::shown([("org_user_invite_sent", &email)]).with("org_user_invite_re_sent", Some(&email))
            }
            Effect::DeleteInvite(_) => Self::shown([("org_user_invite_deleted", &field("invite_id"))]),
            Effect::SetRole(_) => {
                let user = field("user_id");
                Self::shown([("claude_user_role_updated", &user), ("role_assignment_granted", &user)])
                    .with("role_assignment_revoked", Some(&user))
            }
            Effect::RemoveUser(_) => {
                let user = field("user_id");
                Self::shown([("org_user_deleted", &user)])
                    .with("platform_workspace_member_removed", Some(&user))
                    .with("role_assignment_revoked", Some(&user))
                    .with("platform_api_key_updated", None)
            }
            // Who was only invited when this was planned has no id in it: whoever was let in at that time may have been them.
            Effect::JoinWorkspace(_) if field("user_id").is_empty() => {
                Self::default().with("platform_workspace_member_added", None)
            }
            Effect::JoinWorkspace(_) => Self::shown([("platform_workspace_member_added", &field("user_id"))]),
            Effect::LeaveWorkspace(_) => Self::shown([("platform_workspace_member_removed", &field("user_id"))]),
            Effect::SetWorkspaceRole(_) => Self::shown([("platform_workspace_member_updated", &field("user_id"))]),
            Effect::SetKeyStatus(_) | Effect::ParkKey(_) => {
                Self::shown([("platform_api_key_updated", &field("key_id"))])
            }
            // Which key of the stock it is, is not in the plan.
            Effect::NameKey(_) if field("key_id").is_empty() => Self::default().with("platform_api_key_updated", None),
            Effect::NameKey(_) => Self::shown([("platform_api_key_updated", &field("key_id"))]),
            Effect::HandOver(_) => Self::default().with("platform_api_key_updated", None),
            // What is new has no id in the plan: whatever was made at that time may have been it.
            Effect::MakeWorkspace(_) => Self::default().with("platform_workspace_created", None),
            Effect::NameWorkspace(_) => Self::shown([("platform_workspace_updated", &field("workspace_id"))]),
            Effect::CloseWorkspace(_) => Self::shown([("platform_workspace_archived", &field("workspace_id"))])
                .with("platform_api_key_updated", None)
                .with("platform_workspace_member_removed", None),
            Effect::SetLimits(_) => {
                let workspace = field("workspace_id");
                let kinds = ["platform_workspace_rate_limit_updated", "platform_workspace_rate_limit_deleted"];
                Self::shown(kinds.map(|kind| (kind, &workspace)))
            }
            // No call, so no trace.
            Effect::Local(_) => return None,
        })
    }

    /// Whether the feed should show this call, and does not yet. A call that nothing shows is never waited for.
    pub(super) fn is_awaited(call: &BegunCall) -> bool {
        let shown = |kind: &str| call.shown_as.iter().any(|it| it == kind);
        let waits = |trace: Self| !trace.shown_by.is_empty() && !trace.shown_by.iter().any(|(kind, _)| shown(kind));
        Self::of(&call.body).is_some_and(waits)
    }

    fn shown<const N: usize>(by: [(&'static str, &String); N]) -> Self {
        Self { shown_by: by.map(|(kind, about)| (kind, about.clone())).into(), along: Vec::new() }
    }

    fn with(mut self, kind: &'static str, about: Option<&String>) -> Self {
        self.along.push((kind, about.cloned()));
        self
    }

    /// Whether an activity shows that the call was made.
    pub(super) fn shows(&self, kind: &str, about: &str) -> bool {
        self.shown_by.iter().any(|(it, what)| *it == kind && what == about)
    }

    /// Whether an activity may have come along with the call.
    pub(super) fn may_bring(&self, kind: &str, about: &str) -> bool {
        self.along.iter().any(|(it, what)| *it == kind && what.as_deref().is_none_or(|it| it == about))
    }
}
