//! The names that the settings may use but do not define, handed in from above.

/// Which kinds of change, permissions and built-in roles there are.
#[derive(Clone, Copy, Debug)]
pub struct Catalogue<'a> {
    /// The kinds of change that a policy may name.
    pub changes: &'a [&'a str],
    /// The permissions that a custom role may have.
    pub permissions: &'a [&'a str],
    /// The built-in roles.
    pub roles: &'a [&'a str],
}

/// The known name that `name` was probably meant to be.
pub(super) fn nearest<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    let name = name.to_ascii_lowercase();
    known
        .iter()
        .map(|&it| (strsim::damerau_levenshtein(&name, it), it))
        .filter(|&(distance, it)| distance <= 2.max(it.len() / 3))
        .min_by_key(|&(distance, _)| distance)
        .map(|(_, it)| it)
}

/// How to go on after a name that is not known: the one that was meant, or all there are.
pub(super) fn instead_of(name: &str, known: &[&str]) -> String {
    match nearest(name, known) {
        Some(near) => format!("did you mean `{near}`?"),
        None if known.is_empty() => "there is nothing to set here".to_owned(),
        None => format!("known here: {}", known.join(", ")),
    }
}
