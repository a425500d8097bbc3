//! A text becomes words, like in a shell, but for people who type in a chat. Nothing here fails, whatever comes.
//!
//! - A quote opens at the beginning of a word, or of the value behind `key=` and `key:`. It closes where a word ends:
//!   *don't* needs no care; one that never closes is a sign like any other. Curly, low and angular quotes and
//!   backticks are quotes too, because chats and phones write them by themselves. Inside straight double
//!   quotes, `\"` and `\\` stand for the sign itself.
//! - Any space separates, also those that cannot be broken. Signs that nobody sees are dropped.
//! - One dash or several, of any length, before a letter begin an option: `—role` is `--role`.
//! - A chat's links around an address or a URL are taken off: `<mailto:a@b.cc|a@b.cc>` is `a@b.cc`.
//! - **A word in quotes is always a value, never an option**: where it could be read as one, a space is put before it.
//!   Values are trimmed in the end, and an option begins with a dash and nothing else.

/// What opens a quote, and what closes it. A straight one is closed by its like alone: a program that puts a value
/// between straight quotes has `"` and `\` to take care of, and nothing else.
const QUOTES: [(&[char], &[char]); 5] = [
    (&['"'], &['"']),
    (&['“', '”', '„', '‟', '«', '»', '″'], &['“', '”', '„', '‟', '«', '»', '″', '"']),
    (&['\''], &['\'']),
    (&['‘', '’', '‚', '‛', '‹', '›', '′'], &['‘', '’', '‚', '‛', '‹', '›', '′', '\'']),
    (&['`'], &['`']),
];

/// The words of a text, without the root command.
#[must_use]
pub fn split(text: &str) -> Vec<String> {
    let mut reader = Reader { text: unwrap_links(&visible(text)), at: 0, unclosed: [false; QUOTES.len()] };
    let mut words = Vec::new();
    while let Some(word) = reader.word() {
        words.push(word);
    }
    words
}

/// A text that [`split`] takes apart into the same words again.
#[must_use]
pub fn join(words: &[String]) -> String {
    words.iter().map(|word| written(word)).collect::<Vec<_>>().join(" ")
}

fn written(word: &str) -> String {
    let opens = |text: &str| text.starts_with(|it| opened_by(it).is_some());
    let is_read_back = |text: &String| split(text).as_slice() == [word];
    let value = key_and_value(word).map_or("", |(_, value)| value);
    let bare = Some(word.to_owned()).filter(|_| !opens(word) && !opens(value));
    let quoted = || format!("\"{}\"", escaped(word));
    let value_quoted = || format!("{}\"{}\"", &word[..word.len() - value.len()], escaped(value));
    bare.filter(is_read_back)
        .or_else(|| Some(quoted()).filter(is_read_back))
        .or_else(|| Some(value_quoted()).filter(is_read_back))
        .unwrap_or_else(quoted)
}

fn escaped(text: &str) -> String {
    let escape = |it: char| if is_escapable(it) { vec!['\\', it] } else { vec![it] };
    text.chars().flat_map(escape).collect()
}

/// The text without signs that nobody sees: they make two different words look the same.
pub(super) fn visible(text: &str) -> String {
    text.chars().filter(|it| !is_invisible(*it)).collect()
}

fn is_invisible(it: char) -> bool {
    let marks_direction = matches!(it, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let has_no_width = matches!(it, '\u{ad}' | '\u{180e}' | '\u{200b}' | '\u{2060}'..='\u{2064}' | '\u{feff}');
    marks_direction || has_no_width || (it.is_control() && !it.is_whitespace())
}

/// The option that a word asks for, without its dashes: `role` of `--role`, `role=x` of `—role=x`.
pub(super) fn option(word: &str) -> Option<&str> {
    let rest = word.trim_start_matches(is_dash);
    (rest.len() < word.len() && rest.starts_with(|it: char| it.is_ascii_alphabetic())).then_some(rest)
}

/// `key:value` or `key=value`, cut at the first of the two signs; dashes in front belong to the key.
pub(super) fn key_and_value(word: &str) -> Option<(&str, &str)> {
    let at = word.find([':', '='])?;
    let key = option(&word[..at]).unwrap_or(&word[..at]);
    let is_key = key.starts_with(|it: char| it.is_ascii_alphabetic())
        && key.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'-' || it == b'_');
    is_key.then(|| (&word[..at], &word[at + 1..]))
}

fn is_dash(it: char) -> bool {
    matches!(it, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' | '\u{ff0d}')
}

fn opened_by(it: char) -> Option<usize> {
    QUOTES.iter().position(|(opening, _)| opening.contains(&it))
}

fn is_escapable(it: char) -> bool {
    it == '\\' || it == '"'
}

/// Replaces `<mailto:address|label>` by the address and `<https://…|label>` by the URL. Mentions stay as they are: the
/// platform that wrote them knows what they mean.
fn unwrap_links(text: &str) -> Vec<char> {
    let mut out: Vec<char> = Vec::with_capacity(text.len());
    let mut opened: Vec<usize> = Vec::new();
    for it in text.chars() {
        match it {
            '<' => opened.push(out.len()),
            '>' => {
                if let Some(start) = opened.pop() {
                    let inside: String = out[start + 1..].iter().collect();
                    if let Some(target) = link_target(&inside) {
                        out.truncate(start);
                        out.extend(target.chars());
                        continue;
                    }
                    opened.clear();
                }
            }
            _ if it.is_whitespace() => opened.clear(),
            _ => {}
        }
        out.push(it);
    }
    out
}

fn link_target(inside: &str) -> Option<&str> {
    let (target, _) = inside.split_once('|').unwrap_or((inside, ""));
    let target = match target.strip_prefix("mailto:") {
        Some(address) => address.split('?').next().unwrap_or_default(),
        None if target.starts_with("https://") || target.starts_with("http://") => target,
        None => "",
    };
    (!target.is_empty()).then_some(target)
}

/// Reads a text word by word, once from left to right.
struct Reader {
    text: Vec<char>,
    at: usize,
    /// Quotes that are known to close nowhere ahead, so that nothing is searched twice.
    unclosed: [bool; QUOTES.len()],
}

impl Reader {
    fn word(&mut self) -> Option<String> {
        while self.text.get(self.at)?.is_whitespace() {
            self.at += 1;
        }
        match self.quoted() {
            Some(quoted) if option(&quoted).is_some() || quoted == "--" || key_and_value(&quoted).is_some() => {
                Some(format!(" {quoted}"))
            }
            Some(quoted) => Some(quoted),
            None => Some(self.bare()),
        }
    }

    /// A word without quotes around it, perhaps with a value in quotes at its end.
    fn bare(&mut self) -> String {
        let mut word = String::new();
        let mut has_value = false;
        while let Some(&it) = self.text.get(self.at).filter(|it| !it.is_whitespace()) {
            word.push(it);
            self.at += 1;
            if !has_value && matches!(it, ':' | '=') {
                has_value = true;
                if key_and_value(&word).is_some()
                    && let Some(value) = self.quoted()
                {
                    word.push_str(&value);
                    break;
                }
            }
        }
        match option(&word) {
            Some(rest) => format!("--{rest}"),
            None => word,
        }
    }

    /// What stands in the quotes that open here and close at the end of a word. Otherwise nothing is read.
    fn quoted(&mut self) -> Option<String> {
        let quote = opened_by(*self.text.get(self.at)?)?;
        if self.unclosed[quote] {
            return None;
        }
        let mut inside = String::new();
        let mut at = self.at + 1;
        while let Some(&it) = self.text.get(at) {
            let next = self.text.get(at + 1).copied();
            match next {
                Some(sign) if it == '\\' && quote == 0 && is_escapable(sign) => {
                    inside.push(sign);
                    at += 1;
                }
                _ if QUOTES[quote].1.contains(&it) && next.is_none_or(char::is_whitespace) => {
                    self.at = at + 1;
                    return Some(inside);
                }
                _ => inside.push(it),
            }
            at += 1;
        }
        self.unclosed[quote] = true;
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_split_as_people_mean_it() {
        for (text, words) in [
            ("", vec![]),
            ("  \u{a0}\t\n ", vec![]),
            ("invite  ada@example.com", vec!["invite", "ada@example.com"]),
            ("a\u{a0}b\u{202f}c\u{2003}d", vec!["a", "b", "c", "d"]),
            ("--reason \"joins us\" x", vec!["--reason", "joins us", "x"]),
            (
                "“joins us” „und wir“ «et nous» ‘you too’ `x y`",
                vec!["joins us", "und wir", "et nous", "you too", "x y"],
            ),
            ("I don't know, it's ada's", vec!["I", "don't", "know,", "it's", "ada's"]),
            ("say \"never closed", vec!["say", "\"never", "closed"]),
            ("'", vec!["'"]),
            ("\"a “ b” c\" “d\" “e’ f”", vec!["a “ b” c", "d", "e’ f"]),
            (r#""a \"b\" c\\" \d"#, vec![r#"a "b" c\"#, r"\d"]),
            (
                "—role –role ―role -role --role −5 — --",
                vec!["--role", "--role", "--role", "--role", "--role", "−5", "—", "--"],
            ),
            ("role:\"a b\" --reason=“c d” reason='e f'", vec!["role:a b", "--reason=c d", "reason=e f"]),
            ("<mailto:a@b.cc|a@b.cc> --of=<mailto:a@b.cc>", vec!["a@b.cc", "--of=a@b.cc"]),
            (
                "<https://example.com/a|example> <@U01|name> <#C1>",
                vec!["https://example.com/a", "<@U01|name>", "<#C1>"],
            ),
            ("ad\u{200b}a \u{202e}bo\u{feff}", vec!["ada", "bo"]),
            ("\"\" x", vec!["", "x"]),
        ] {
            assert_eq!(split(text), words, "{text}");
        }
    }

    #[test]
    fn a_word_in_quotes_is_never_an_option() {
        assert_eq!(
            split("\"--role\" “—role” 'role:admin' \"--\" \"-5\""),
            [" --role", " —role", " role:admin", " --", "-5"]
        );
        assert_eq!(split("--reason=\"--dry-run\""), ["--reason=--dry-run"]);
    }

    #[test]
    fn words_are_joined_so_that_they_can_be_split_again() {
        for text in [
            "invite ada@example.com --reason=\"joins us\" ''",
            "don't \"say “hi” now\" \\ \"\\\\ \"",
            "\"--role\" 'a:b' \"'\"",
            "role:\"\"\"x\"",
            "--a\"b --a=\"b \"never closed",
            "<mailto:<mailto:a|b>|c> <<mailto:mailto:b|x>>",
            "— – -- “”",
        ] {
            let words = split(text);
            assert_eq!(split(&join(&words)), words, "{text}");
        }
    }
}
