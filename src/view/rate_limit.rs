//! Rate limits in words: what they are about, and what they count.

use crate::claude::{LimitKind, ModelGroup};

/// What limits are about: a name for people, else the models, else the kind.
#[must_use]
pub fn group(group: Option<&ModelGroup>, models: &[String]) -> String {
    let name = group.and_then(|it| it.display_name.clone());
    let kind = || match group.map(|it| it.kind.as_str()) {
        None => "something else".to_owned(),
        Some("model_group") => "other models".to_owned(),
        Some("batch") => "message batches".to_owned(),
        Some("token_count") => "token counting".to_owned(),
        Some(kind) => kind.replace('_', " "),
    };
    name.unwrap_or_else(|| if models.is_empty() { kind() } else { models.join(", ") })
}

/// What a limit counts.
#[must_use]
pub fn limit(kind: &LimitKind) -> String {
    match kind {
        LimitKind::RequestsPerMinute => "requests per minute",
        LimitKind::InputTokensPerMinute => "input tokens per minute",
        LimitKind::InputTokensPerMinuteCacheAware => "input tokens per minute, without cache reads",
        LimitKind::OutputTokensPerMinute => "output tokens per minute",
        LimitKind::TokensPerMinute => "tokens per minute",
        LimitKind::TokensPerDay => "tokens per day",
        LimitKind::ToolUsesPerSecond => "tool uses per second",
        LimitKind::FastInputTokensPerMinuteCacheAware => "input tokens per minute in fast mode, without cache reads",
        LimitKind::FastOutputTokensPerMinute => "output tokens per minute in fast mode",
        LimitKind::EnqueuedBatchRequests => "requests waiting in batches",
        LimitKind::Other(name) => return name.replace('_', " "),
    }
    .to_owned()
}
