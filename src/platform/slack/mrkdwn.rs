//! The model's text as Slack's *mrkdwn*. Whatever a user typed is escaped: it never mentions, links or calls anybody.

use crate::chat::{Platform, Span, Text};
use crate::platform::pieces::{Pieces, first};

/// Escapes the three signs that mean something. <https://docs.slack.dev/messaging/formatting-message-text>
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            other => out.push(other),
        }
    }
    out
}

/// A text as mrkdwn, in pieces of at most `most`: a mention, a link or an escaped sign is never cut in two.
pub(super) fn pieces(text: &Text, most: usize) -> Vec<String> {
    let mut writing = Writing(Pieces::of(most));
    text.spans().iter().for_each(|it| writing.span(it));
    writing.0.finished()
}

/// A text as mrkdwn, at most `most` long; what does not fit is cut and marked.
pub(super) fn one(text: &Text, most: usize) -> String {
    first(pieces(text, most.saturating_sub(1)))
}

struct Writing(Pieces);

impl Writing {
    fn span(&mut self, span: &Span) {
        match span {
            Span::Plain(text) => self.letters(text),
            Span::Strong(text) => self.marked('*', text),
            Span::Code(text) | Span::Command(text) => self.marked('`', text),
            Span::Mention(account) if account.platform() == Platform::Slack => {
                self.0.push(&format!("<@{}>", account.id()));
            }
            Span::Mention(account) => self.letters(&format!("@{}", account.id())),
            Span::Group(group) => match group.strip_prefix("slack-group:") {
                Some(id) => self.0.push(&format!("<!subteam^{id}>")),
                None => self.letters(&format!("@{}", group.rsplit(':').next().unwrap_or(group))),
            },
            Span::Link { label, url } if is_safe(url) => {
                let link = format!("<{}|{}>", escaped(url).replace('|', "%7C"), escaped(label).replace('|', "¦"));
                let fits = self.0.fits(&link) && !label.trim().is_empty();
                if fits { self.0.push(&link) } else { self.letters(label) }
            }
            Span::Link { label, .. } => self.letters(label),
            Span::Time(at) => {
                let fallback = at.strftime("%Y-%m-%d %H:%M UTC");
                self.0.push(&format!("<!date^{}^{{date_short_pretty}} {{time}}|{fallback}>", at.as_second()));
            }
        }
    }

    /// Text that may be parted anywhere but inside an escaped sign.
    fn letters(&mut self, text: &str) {
        for letter in text.chars() {
            let mut buffer = [0; 4];
            self.0.push(&escaped(letter.encode_utf8(&mut buffer)));
        }
    }

    /// Emphasis ends at the end of a line, and its own sign within it would end it early.
    fn marked(&mut self, mark: char, text: &str) {
        let text = text.replace(mark, if mark == '`' { "'" } else { "" }).replace('\n', " ");
        if text.trim().is_empty() {
            return self.letters(&text);
        }
        let whole = format!("{mark}{}{mark}", escaped(&text));
        if self.0.fits(&whole) { self.0.push(&whole) } else { self.letters(&text) }
    }
}

/// Only the web, and never in plain text.
pub(super) fn is_safe(url: &str) -> bool {
    url.starts_with("https://") && url.bytes().all(|it| it.is_ascii_graphic() && !b"<>".contains(&it))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat::Account;
    use crate::clock::moment;

    #[test]
    fn only_the_model_mentions_and_links() {
        let text = Text::plain("<!channel> & <https://evil.example|Approve> ")
            .mention(&Account::slack("T1", "U1"))
            .then(" ")
            .mention(&Account::browser("ada"))
            .span(Span::Group("slack-group:S1".into()))
            .span(Span::Link { label: "a|b".into(), url: "https://example.com/?a=1&b=2".into() })
            .span(Span::Link { label: "no".into(), url: "javascript:alert(1)".into() });
        let expected = "&lt;!channel&gt; &amp; &lt;https://evil.example|Approve&gt; <@U1> @ada<!subteam^S1>\
                        <https://example.com/?a=1&amp;b=2|a¦b>no";
        assert_eq!(one(&text, 3_000), expected);
    }

    #[test]
    fn emphasis_code_and_moments_are_slacks() {
        let text = Text::new().strong("a*b").then(" ").code("C17`").then(" ").time(moment(0));
        assert_eq!(one(&text, 300), "*ab* `C17'` <!date^0^{date_short_pretty} {time}|1970-01-01 00:00 UTC>");
    }

    #[test]
    fn nothing_is_cut_in_two() {
        let text = Text::plain("&&&&").mention(&Account::slack("T1", "U12345"));
        assert_eq!(pieces(&text, 12), ["&amp;&amp;", "&amp;&amp;", "<@U12345>"]);
        assert_eq!(one(&text, 13), "&amp;&amp;…");
    }
}
