//! Reads Rust source as words, for the tests that look at the house itself.
//!
//! Comments vanish and strings become one word each, so that prose never counts as code. What stands under
//! `#[cfg(test)]` can be left out. This is a reader of words, not of grammar: enough to find paths and names.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The folder that holds `Cargo.toml`.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Files by their path from the root of the repository, with forward slashes.
pub(crate) struct Tree(pub(crate) BTreeMap<String, String>);

impl Tree {
    /// Every file under `folder` whose name ends in `ending`, but the font, which is no text. A folder that is not there yet has
    /// no files.
    pub(crate) fn read(folder: &str, ending: &str) -> Self {
        let mut files = BTreeMap::new();
        let mut waiting: Vec<PathBuf> = vec![root().join(folder)];
        while let Some(next) = waiting.pop() {
            for entry in fs::read_dir(&next).into_iter().flatten() {
                let path = entry.expect("a folder of the repository can be read").path();
                if path.is_dir() {
                    waiting.push(path);
                } else if path.to_string_lossy().ends_with(ending) && path.extension().is_none_or(|it| it != "ttf") {
                    let text = fs::read_to_string(&path).expect("a source file is text");
                    let name = path.strip_prefix(root()).expect("it lies below the root");
                    files.insert(name.to_string_lossy().replace('\\', "/"), text);
                }
            }
        }
        Self(files)
    }

    /// A tree that exists only in the test.
    pub(crate) fn of(files: &[(&str, &str)]) -> Self {
        Self(files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect())
    }
}

/// What a word is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// An identifier, a keyword or a number.
    Name,
    /// The inside of a string, escapes left as written.
    Text,
    /// One sign, or `::`.
    Sign,
}

/// One word of a source file.
#[derive(Clone, Debug)]
pub(crate) struct Word {
    pub(crate) line: usize,
    pub(crate) kind: Kind,
    pub(crate) text: String,
}

impl Word {
    /// Is it this name or sign? Never true of a string.
    pub(crate) fn is(&self, text: &str) -> bool {
        self.kind != Kind::Text && self.text == text
    }
}

/// The words of a source file in order.
pub(crate) fn words(source: &str) -> Vec<Word> {
    let mut reader = Reader { rest: source, line: 1, words: Vec::new() };
    while reader.step() {}
    reader.words
}

struct Reader<'a> {
    rest: &'a str,
    line: usize,
    words: Vec<Word>,
}

impl Reader<'_> {
    /// Reads one comment, string, name or sign; false at the end.
    fn step(&mut self) -> bool {
        let Some(first) = self.rest.chars().next() else { return false };
        if first.is_whitespace() {
            self.skip(first.len_utf8());
        } else if self.rest.starts_with("//") {
            self.skip(self.rest.find('\n').unwrap_or(self.rest.len()));
        } else if self.rest.starts_with("/*") {
            self.skip(block_comment(self.rest));
        } else if let Some((start, inside, end)) = string(self.rest) {
            let text = self.rest[start..inside].to_owned();
            self.take(Kind::Text, text, end);
        } else if first == '\'' {
            self.skip(quote(self.rest));
        } else if first.is_alphanumeric() || first == '_' {
            let raw = if self.rest.starts_with("r#") { 2 } else { 0 };
            let name = self.rest[raw..].split(|it: char| !it.is_alphanumeric() && it != '_').next().unwrap_or_default();
            self.take(Kind::Name, name.to_owned(), raw + name.len());
        } else {
            let length = if self.rest.starts_with("::") { 2 } else { first.len_utf8() };
            self.take(Kind::Sign, self.rest[..length].to_owned(), length);
        }
        true
    }

    fn take(&mut self, kind: Kind, text: String, length: usize) {
        self.words.push(Word { line: self.line, kind, text });
        self.skip(length);
    }

    fn skip(&mut self, length: usize) {
        let length = length.clamp(1, self.rest.len());
        self.line += self.rest[..length].matches('\n').count();
        self.rest = &self.rest[length..];
    }
}

/// How long the comment is that starts here; comments nest.
fn block_comment(text: &str) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while let Some(first) = text[at..].chars().next() {
        if text[at..].starts_with("/*") {
            (depth, at) = (depth + 1, at + 2);
        } else if text[at..].starts_with("*/") {
            (depth, at) = (depth - 1, at + 2);
            if depth == 0 {
                return at;
            }
        } else {
            at += first.len_utf8();
        }
    }
    text.len()
}

/// Where the inside of the string begins and ends that starts here, and where the string itself ends.
fn string(text: &str) -> Option<(usize, usize, usize)> {
    let prefix = text.find(|it: char| !matches!(it, 'b' | 'c' | 'r'))?;
    let (marks, after) = (&text[..prefix], &text[prefix..]);
    if !matches!(marks, "" | "b" | "c" | "r" | "br" | "cr") {
        return None;
    }
    let hashes = after.find(|it: char| it != '#')?;
    if !after[hashes..].starts_with('"') || (hashes > 0 && !marks.ends_with('r')) {
        return None;
    }
    let start = prefix + hashes + 1;
    if marks.ends_with('r') {
        let close = format!("\"{}", "#".repeat(hashes));
        let inside = text[start..].find(&close).map_or(text.len(), |at| start + at);
        return Some((start, inside, (inside + close.len()).min(text.len())));
    }
    let mut escaped = false;
    for (at, it) in text[start..].char_indices() {
        if it == '"' && !escaped {
            return Some((start, start + at, start + at + 1));
        }
        escaped = it == '\\' && !escaped;
    }
    Some((start, text.len(), text.len()))
}

/// How long the character or the lifetime's mark is that starts here.
fn quote(text: &str) -> usize {
    let mut letters = text.char_indices().skip(1);
    match (letters.next(), letters.next()) {
        (Some((_, '\\')), Some((at, it))) => {
            let after = at + it.len_utf8();
            text[after..].find('\'').map_or(1, |end| after + end + 1)
        }
        (Some(_), Some((at, '\''))) => at + 1,
        _ => 1,
    }
}

/// The words without the items that are compiled for tests only.
pub(crate) fn without_tests(words: &[Word]) -> Vec<Word> {
    let mut kept = Vec::new();
    let mut at = 0;
    while at < words.len() {
        match attribute(words, at) {
            Some(end) if is_for_tests(&words[at..end]) => at = item_end(words, end),
            Some(end) => {
                kept.extend_from_slice(&words[at..end]);
                at = end;
            }
            None => {
                kept.push(words[at].clone());
                at += 1;
            }
        }
    }
    kept
}

/// The attributes of a file, each as its words.
pub(crate) fn attributes(words: &[Word]) -> Vec<&[Word]> {
    (0..words.len()).filter_map(|at| attribute(words, at).map(|end| &words[at..end])).collect()
}

/// Where the attribute ends that starts at `at`, if one does.
pub(crate) fn attribute(words: &[Word], at: usize) -> Option<usize> {
    let open = at + 1 + usize::from(words.get(at + 1).is_some_and(|it| it.is("!")));
    (words.get(at)?.is("#") && words.get(open)?.is("[")).then(|| closing(words, open))
}

fn is_for_tests(attribute: &[Word]) -> bool {
    let says = |text: &str| attribute.iter().any(|it| it.is(text));
    attribute.get(2).is_some_and(|it| it.is("cfg")) && says("test") && !says("not")
}

/// Just behind the bracket that closes the one at `open`.
pub(crate) fn closing(words: &[Word], open: usize) -> usize {
    let mut depth = 0_usize;
    for (at, word) in words.iter().enumerate().skip(open) {
        if ["(", "[", "{"].iter().any(|it| word.is(it)) {
            depth += 1;
        } else if [")", "]", "}"].iter().any(|it| word.is(it)) {
            depth -= 1;
            if depth == 0 {
                return at + 1;
            }
        }
    }
    words.len()
}

/// Just behind the item that starts at `at`, its further attributes included.
fn item_end(words: &[Word], mut at: usize) -> usize {
    while let Some(end) = attribute(words, at) {
        at = end;
    }
    while at < words.len() {
        if words[at].is(";") {
            return at + 1;
        } else if words[at].is("{") {
            return closing(words, at);
        } else if words[at].is("(") || words[at].is("[") {
            at = closing(words, at);
        } else if words[at].is("}") {
            return at;
        } else {
            at += 1;
        }
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(source: &str) -> String {
        without_tests(&words(source)).iter().map(|it| it.text.as_str()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn prose_and_tests_are_no_code() {
        assert_eq!(read("a // b\n/* c /* d */ e */ f"), "a f");
        assert_eq!(read("#[cfg(test)]\nmod tests { fn a() {} }\nfn b() {}"), "fn b ( ) { }");
        assert_eq!(read("#[cfg(test)] #[x] use a::{b}; c"), "; c");
        assert_eq!(read("#[cfg(not(test))] use a;"), "# [ cfg ( not ( test ) ) ] use a ;");
    }

    #[test]
    fn strings_characters_and_lifetimes_are_told_apart() {
        assert_eq!(
            read(r##"let a: &'a str = r#"x "y" z"#; '"'; '\''; b"q\"" r#type"##),
            "let a : & a str = x \"y\" z ; ; ; q\\\" type"
        );
        let lines: Vec<usize> = words("a\n\"b\nc\"\nd").iter().map(|it| it.line).collect();
        assert_eq!(lines, [1, 2, 4]);
    }
}
