//! The model's text as Discord's Markdown. Whatever a user typed is escaped: it never mentions, links or formats.

use crate::chat::{Platform, Span, Text};
use crate::platform::measure::length;
use crate::platform::pieces::{Pieces, first};

/// A text as Markdown, in pieces of at most `most`: a mention, a link or an escaped sign is never cut in two.
pub(super) fn pieces(text: &Text, most: usize) -> Vec<String> {
    let mut writing = Writing(Pieces::of(most));
    text.spans().iter().for_each(|it| writing.span(it));
    writing.0.finished()
}

/// A text as Markdown, at most `most` long; what does not fit is cut and marked.
pub(super) fn one(text: &Text, most: usize) -> String {
    first(pieces(text, most.saturating_sub(1)))
}

/// Small print, a line each.
pub(super) fn small(text: &Text, most: usize) -> Vec<String> {
    // Each line is marked: the marks need room, too.
    let pieces = pieces(text, most / 2);
    pieces.iter().map(|it| it.lines().map(|line| format!("-# {line}")).collect::<Vec<_>>().join("\n")).collect()
}

/// Something typed literally, in fenced blocks of at most `most`. Nothing in them is markup.
pub(super) fn fenced(text: &str, most: usize) -> Vec<String> {
    let text = if text.trim().is_empty() { "–".to_owned() } else { text.replace("```", "'''") };
    let room = most - length("```\n\n```");
    let mut blocks = vec![String::new()];
    for line in text.lines() {
        for part in cut(line, room) {
            let open = blocks.last_mut().filter(|it| length(it) + length(&part) < room || it.is_empty());
            match open {
                Some(open) if open.is_empty() => open.push_str(&part),
                Some(open) => {
                    open.push('\n');
                    open.push_str(&part);
                }
                None => blocks.push(part),
            }
        }
    }
    blocks.retain(|it| !it.trim().is_empty());
    blocks.into_iter().map(|it| format!("```\n{it}\n```")).collect()
}

/// A line in parts of at most `most`.
fn cut(line: &str, most: usize) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut used = 0;
    for letter in line.chars() {
        if used + letter.len_utf16() > most {
            parts.push(String::new());
            used = 0;
        }
        used += letter.len_utf16();
        if let Some(part) = parts.last_mut() {
            part.push(letter);
        }
    }
    parts
}

/// Whom a text mentions, as Discord's ids: people, then roles.
pub(super) fn mentioned(text: &Text, people: &mut Vec<String>, roles: &mut Vec<String>) {
    for span in text.spans() {
        if let Some(id) = person(span) {
            people.push(id.to_owned());
        } else if let Some(id) = role(span) {
            roles.push(id.to_owned());
        }
    }
}

fn person(span: &Span) -> Option<&str> {
    let Span::Mention(account) = span else { return None };
    (account.platform() == Platform::Discord && is_id(account.id())).then(|| account.id())
}

fn role(span: &Span) -> Option<&str> {
    let Span::Group(group) = span else { return None };
    group.strip_prefix("discord-role:").filter(|id| is_id(id))
}

/// An id as Discord makes them.
pub(super) fn is_id(text: &str) -> bool {
    (1..=20).contains(&text.len()) && text.bytes().all(|it| it.is_ascii_digit())
}

struct Writing(Pieces);

impl Writing {
    fn span(&mut self, span: &Span) {
        if let Some(id) = person(span) {
            return self.0.push(&format!("<@{id}>"));
        }
        if let Some(id) = role(span) {
            return self.0.push(&format!("<@&{id}>"));
        }
        match span {
            Span::Plain(text) => self.letters(text),
            Span::Strong(text) => self.strong(text),
            Span::Code(text) | Span::Command(text) => self.code(text),
            Span::Mention(account) => self.letters(&format!("@{}", account.id())),
            Span::Group(group) => self.letters(&format!("@{}", group.rsplit(':').next().unwrap_or(group))),
            Span::Link { label, url } if is_safe(url) && !label.trim().is_empty() => {
                let url = url.replace('(', "%28").replace(')', "%29");
                let link = format!("[{}](<{url}>)", escaped(&label.replace('\n', " ")));
                if self.0.fits(&link) { self.0.push(&link) } else { self.letters(label) }
            }
            Span::Link { label, .. } => self.letters(label),
            Span::Time(at) => self.0.push(&format!("<t:{}:f>", at.as_second())),
        }
    }

    /// Text that may be parted anywhere but inside an escaped sign.
    fn letters(&mut self, text: &str) {
        let mut rest = text;
        while let Some(letter) = rest.chars().next() {
            let sign = sign(letter, rest, self.0.is_at_start());
            self.0.push(&sign);
            rest = &rest[letter.len_utf8()..];
        }
    }

    fn strong(&mut self, text: &str) {
        let text = text.replace('\n', " ");
        let whole = format!("**{}**", escaped(text.trim()));
        let fits = self.0.fits(&whole) && !text.trim().is_empty();
        if fits { self.0.push(&whole) } else { self.letters(&text) }
    }

    fn code(&mut self, text: &str) {
        let text = text.replace('`', "'").replace('\n', " ");
        let whole = format!("`{text}`");
        let fits = self.0.fits(&whole) && !text.trim().is_empty();
        if fits { self.0.push(&whole) } else { self.letters(&text) }
    }
}

/// Text in which nothing is markup.
pub(super) fn escaped(text: &str) -> String {
    let mut writing = Writing(Pieces::of(usize::MAX));
    writing.letters(text);
    writing.0.joined()
}

/// One letter, with a backslash where it would mean something. `rest` begins with it.
/// <https://docs.discord.com/developers/reference#message-formatting>
fn sign(letter: char, rest: &str, at_start: bool) -> String {
    let means = match letter {
        '\\' | '*' | '_' | '~' | '`' | '|' | '<' | '>' | '#' | '[' | ']' => true,
        // An address becomes a link by itself.
        ':' => rest.starts_with("://"),
        '-' | '+' => at_start,
        _ => false,
    };
    if means { format!("\\{letter}") } else { letter.to_string() }
}

/// Only the web, and never in plain text.
fn is_safe(url: &str) -> bool {
    url.starts_with("https://") && url.bytes().all(|it| it.is_ascii_graphic() && !b"<>\\".contains(&it))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat::Account;
    use crate::clock::moment;

    #[test]
    fn only_the_model_mentions_and_links() {
        let text = Text::plain("<@1> @everyone [Approve](https://evil.example) ")
            .mention(&Account::discord("80351110224678912"))
            .then(" ")
            .mention(&Account::slack("T1", "U1"))
            .mention(&Account::discord("1>x"))
            .span(Span::Group("discord-role:7".into()))
            .span(Span::Link { label: "a]b".into(), url: "https://example.com/?a=(1)".into() })
            .span(Span::Link { label: "no".into(), url: "javascript:alert(1)".into() });
        let expected = r"\<@1\> @everyone \[Approve\](https\://evil.example) <@80351110224678912> @U1@1\>x<@&7>[a\]b](<https://example.com/?a=%281%29>)no";
        assert_eq!(one(&text, 1_000), expected);
        let (mut people, mut roles) = (Vec::new(), Vec::new());
        mentioned(&text, &mut people, &mut roles);
        assert_eq!((people, roles), (vec!["80351110224678912".to_owned()], vec!["7".to_owned()]));
    }

    #[test]
    fn emphasis_code_and_moments_are_discords() {
        let text = Text::new().strong("a*b").then(" ").code("C17`").then(" ").time(moment(0)).then("\n- no list");
        assert_eq!(one(&text, 300), "**a\\*b** `C17'` <t:0:f>\n\\- no list");
    }

    #[test]
    fn nothing_is_cut_in_two() {
        let text = Text::plain("****").mention(&Account::discord("12345"));
        assert_eq!(pieces(&text, 8), [r"\*\*\*\*", "<@12345>"]);
        assert_eq!(one(&text, 9), r"\*\*\*\*…");
    }

    #[test]
    fn a_fence_cannot_be_left() {
        assert_eq!(fenced("a ``` b", 100), ["```\na ''' b\n```"]);
        let long = fenced(&"x\n".repeat(3_000), 1_900);
        assert!(long.len() > 3 && long.iter().all(|it| length(it) <= 1_900));
        assert_eq!(fenced(&"w".repeat(5_000), 1_000).len(), 6);
    }
}
