//! What somebody writes to set or clear a limit: `opus:requests=100`, `opus:requests`, `opus`, `all`.

use std::fmt;
use std::str::FromStr;

use crate::claude::LimitKind;

/// The largest limit that is taken.
const MOST: u64 = 1_000_000_000_000;

/// Short words for what is counted, beside the names that the API has.
const SHORT: [(&str, LimitKind); 6] = [
    ("requests", LimitKind::RequestsPerMinute),
    // The kind that goes in step with the organization's own limit.
    ("input", LimitKind::InputTokensPerMinuteCacheAware),
    ("input_tokens", LimitKind::InputTokensPerMinuteCacheAware),
    ("output", LimitKind::OutputTokensPerMinute),
    ("output_tokens", LimitKind::OutputTokensPerMinute),
    ("tokens", LimitKind::TokensPerMinute),
];

/// The names that the API has, as they are told to whoever wrote another one.
const KNOWN: &str = "requests, input, output, or a name of the API such as input_tokens_per_minute, tokens_per_day, \
                     tool_uses_per_second";

/// A limit that is meant, or several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LimitName {
    /// A group of models or a feature, in whatever words; none: all of them.
    pub group: Option<String>,
    /// What is counted; none: everything.
    pub kind: Option<LimitKind>,
}

/// A limit and what it is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LimitValue {
    /// A group of models or a feature, in whatever words.
    pub group: String,
    /// What is counted.
    pub kind: LimitKind,
    /// How much of it.
    pub value: u64,
}

/// Why a text names no limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BadLimit {
    /// It has another shape.
    Shape,
    /// Nothing of that name is counted.
    Kind,
    /// It is counted, but for the organization alone.
    OrganizationsAlone,
    /// It is no number, or none that makes sense.
    Number,
}

impl fmt::Display for BadLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Shape => {
                f.write_str("a limit is written like opus:requests=100, and cleared by opus:requests, opus or all")
            }
            Self::Kind => write!(f, "what is counted is one of {KNOWN}"),
            Self::OrganizationsAlone => f.write_str("this is limited for the organization alone, not for a workspace"),
            Self::Number => write!(f, "a limit is a whole number from 1 to {MOST}; to take it away, clear it"),
        }
    }
}

impl std::error::Error for BadLimit {}

fn kind(text: &str) -> Result<LimitKind, BadLimit> {
    let text = text.trim().to_lowercase().replace(['-', ' '], "_");
    let short = SHORT.into_iter().find(|(short, _)| *short == text).map(|(_, kind)| kind);
    match short.unwrap_or_else(|| LimitKind::from(text.as_str())) {
        LimitKind::Other(_) => Err(BadLimit::Kind),
        kind if !kind.assignable() => Err(BadLimit::OrganizationsAlone),
        kind => Ok(kind),
    }
}

impl FromStr for LimitName {
    type Err = BadLimit;

    fn from_str(text: &str) -> Result<Self, BadLimit> {
        let text = text.trim();
        if text.eq_ignore_ascii_case("all") {
            return Ok(Self { group: None, kind: None });
        }
        let (group, counted) = match text.rsplit_once(':') {
            Some((group, counted)) => (group.trim(), Some(kind(counted)?)),
            None => (text, None),
        };
        if group.is_empty() { Err(BadLimit::Shape) } else { Ok(Self { group: Some(group.to_owned()), kind: counted }) }
    }
}

impl FromStr for LimitValue {
    type Err = BadLimit;

    fn from_str(text: &str) -> Result<Self, BadLimit> {
        let (limit, value) = text.trim().rsplit_once(['=', ':']).ok_or(BadLimit::Shape)?;
        let LimitName { group: Some(group), kind: Some(kind) } = limit.parse()? else { return Err(BadLimit::Shape) };
        let digits: String = value.trim().chars().filter(|it| !matches!(it, '_' | '\'')).collect();
        let value = digits.parse().ok().filter(|it| (1..=MOST).contains(it)).ok_or(BadLimit::Number)?;
        Ok(Self { group, kind, value })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_written_in_several_ways() {
        let set = |text: &str| text.parse::<LimitValue>().map(|it| (it.group, it.kind, it.value));
        let requests = || LimitKind::RequestsPerMinute;
        assert_eq!(set("opus:requests=100"), Ok(("opus".into(), requests(), 100)));
        assert_eq!(set("Claude Opus 5:requests_per_minute:1_000"), Ok(("Claude Opus 5".into(), requests(), 1_000)));
        assert_eq!(set("opus:input=5"), Ok(("opus".into(), LimitKind::InputTokensPerMinuteCacheAware, 5)));
        let cleared = |text: &str| text.parse::<LimitName>().map(|it| (it.group, it.kind));
        assert_eq!(cleared("ALL"), Ok((None, None)));
        assert_eq!(cleared("opus"), Ok((Some("opus".into()), None)));
        assert_eq!(cleared("opus:output"), Ok((Some("opus".into()), Some(LimitKind::OutputTokensPerMinute))));
    }

    #[test]
    fn what_is_no_limit_is_refused_with_the_reason() {
        let set = |text: &str| text.parse::<LimitValue>().unwrap_err();
        for text in ["opus", "100", "requests=100", "all=5", ":requests=5"] {
            assert_eq!(set(text), BadLimit::Shape, "{text}");
        }
        assert_eq!(set("opus:speed=5"), BadLimit::Kind);
        assert_eq!(set("batch:enqueued_batch_requests=5"), BadLimit::OrganizationsAlone);
        for text in ["opus:requests=0", "opus:requests=-1", "opus:requests=many", "opus:requests=1.5"] {
            assert_eq!(set(text), BadLimit::Number, "{text}");
        }
    }
}
