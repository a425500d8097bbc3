//! How wide words are, about: no font is asked, since the page has one of its own.

/// Text of at most `room` units in letters of `size`, shortened with an ellipsis.
pub(super) fn fitting(text: &str, size: f64, room: f64) -> String {
    if width(text, size) <= room {
        return text.to_owned();
    }
    let mut taken = em('…') * size;
    let fits = |it: &char| {
        taken += em(*it) * size;
        taken <= room
    };
    let kept: String = text.chars().take_while(fits).collect();
    format!("{}…", kept.trim_end())
}

/// About how wide a text is.
pub(super) fn width(text: &str, size: f64) -> f64 {
    text.chars().map(em).sum::<f64>() * size
}

/// The width of a letter, as a part of its height; rather too much than too little.
fn em(letter: char) -> f64 {
    match letter {
        'i' | 'j' | 'l' | 'I' | '.' | ',' | ':' | ';' | '\'' | '|' | '!' | ' ' | '(' | ')' | '[' | ']' | 'f' | 't'
        | 'r' => 0.42,
        'm' | 'w' | 'M' | 'W' | '@' | '%' | '…' => 1.0,
        'A'..='Z' | '0'..='9' => 0.7,
        '\u{300}'..='\u{36f}' | '\u{200b}'..='\u{200f}' | '\u{fe00}'..='\u{fe0f}' => 0.0,
        '\u{1100}'..='\u{11ff}' | '\u{2e80}'..='\u{d7ff}' | '\u{f900}'..='\u{faff}' | '\u{fe30}'..='\u{ffff}' => 1.05,
        letter if u32::from(letter) > 0xffff => 1.1,
        _ => 0.64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_wide_is_cut() {
        assert_eq!(fitting("research", 10.0, 200.0), "research");
        assert_eq!(fitting("research and development", 10.0, 60.0), "research…");
        assert_eq!(fitting("research and development", 10.0, 56.0), "researc…");
        assert_eq!(fitting("😀😀😀😀", 10.0, 35.0), "😀😀…");
        assert_eq!(fitting("abc", 10.0, 0.0), "…");
    }
}
