//! What API keys are called.

/// What stands between a key's name and the mark of the request that it was issued for.
const BEFORE_MARK: &str = " (steward ";

/// What a key is called in the organization once it is issued: the mark says there, outside the database, that it is taken.
#[must_use]
pub fn marked_name(name: &str, mark: &str) -> String {
    format!("{name}{BEFORE_MARK}{mark})")
}

/// What people call a key: its name without the mark.
#[must_use]
pub fn spoken_name(name: &str) -> &str {
    name.rfind(BEFORE_MARK).filter(|at| *at > 0 && name.ends_with(')')).map_or(name, |at| &name[..at])
}

/// The same key under another name: the mark stays.
#[must_use]
pub fn renamed(old: &str, name: &str) -> String {
    format!("{name}{}", &old[spoken_name(old).len()..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mark_stays_and_is_not_spoken() {
        let marked = marked_name("evals", "k3f9");
        assert_eq!(marked, "evals (steward k3f9)");
        assert_eq!(spoken_name(&marked), "evals");
        assert_eq!(renamed(&marked, "nightly"), "nightly (steward k3f9)");
        assert_eq!((spoken_name("evals"), renamed("evals", "nightly")), ("evals", "nightly".to_owned()));
        assert_eq!(spoken_name(" (steward k3f9)"), " (steward k3f9)", "nothing would be left");
    }
}
