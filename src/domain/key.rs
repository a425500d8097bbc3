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

/// Does a hint, such as `sk-ant-api03-R2D...igAA`, belong to this key?
#[must_use]
pub fn is_hint_of(hint: &str, key: &str) -> bool {
    hint.split_once("...").is_some_and(|(head, tail)| {
        let says_something = !head.is_empty() && !tail.is_empty() && key.len() > hint.len();
        says_something && key.starts_with(head) && key.ends_with(tail)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hint_belongs_to_whole_keys_alone() {
        let key = "sk-ant-api03-R2Dxxxxxxxxxxxxxxxxxxxxxxx-igAA";
        assert!(is_hint_of("sk-ant-api03-R2D...igAA", key));
        for other in ["sk-ant-api03-R2D...igAB", "sk-ant-api03-R2E...igAA", "...igAA", "sk-ant-api03-R2D...", key] {
            assert!(!is_hint_of(other, key), "{other}");
        }
        assert!(!is_hint_of("sk-ant-api03-R2D...igAA", "sk-ant-api03-R2D...igAA"), "a hint is no key");
    }

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
