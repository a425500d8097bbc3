//! Slips of the finger: which known word was meant.

/// Longer words are no slips.
const LONGEST: usize = 40;

/// The nearest of the known words, if one is near enough for a slip of the finger.
pub(super) fn nearest(word: &str, known: impl Iterator<Item = String>) -> Option<String> {
    let word = word.trim().to_lowercase();
    let length = word.chars().count();
    if length == 0 || length > LONGEST {
        return None;
    }
    let begins = |it: &String| length >= 3 && it.trim_start_matches('-').starts_with(word.trim_start_matches('-'));
    let distance = |it: &String| if begins(it) { 0 } else { strsim::damerau_levenshtein(&word, it) };
    let near = known.map(|it| (distance(&it), it)).min_by_key(|(distance, _)| *distance);
    near.filter(|(distance, it)| *distance <= 2 && *distance * 2 < length.min(it.chars().count())).map(|(_, it)| it)
}
