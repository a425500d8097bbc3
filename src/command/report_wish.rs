//! The first word of a report: how often, or, where that goes without saying, which one.

use std::str::FromStr;

use crate::change::Failure;
use crate::domain::{ReportKind, Rhythm};

/// How often, or which.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// `daily`, `weekly`, `monthly`.
    Often(Rhythm),
    /// `digest`, `warnings`, `requests`, `audit`.
    Which(ReportKind),
}

impl FromStr for Wish {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.to_lowercase();
        let often = Rhythm::stored(&text).map(Self::Often);
        often
            .or_else(|| ReportKind::stored(&text).map(Self::Which))
            .ok_or("daily, weekly or monthly is expected, or digest, warnings, requests or audit")
    }
}

/// The rhythm and the kind that are meant: weekly, and the digest, if nothing else is said.
///
/// # Errors
///
/// [`Failure::Mistake`] if two kinds are named.
pub(super) fn meant(first: Option<Wish>, kind: Option<ReportKind>) -> Result<(Rhythm, ReportKind), Failure> {
    let (rhythm, named) = match first {
        Some(Wish::Often(rhythm)) => (Some(rhythm), None),
        Some(Wish::Which(kind)) => (None, Some(kind)),
        None => (None, None),
    };
    if named.is_some() && kind.is_some() {
        return Err(Failure::mistake(
            "Two reports are named.",
            "Nothing was changed. Name one, and say it once for each.",
        ));
    }
    Ok((rhythm.unwrap_or(Rhythm::Weekly), named.or(kind).unwrap_or(ReportKind::Digest)))
}
