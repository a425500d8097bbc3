//! A drawing as a tree of SVG's elements: written as SVG, or told to the page, which builds each element by itself.

use serde_json::{Value, json};

/// One element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    tag: &'static str,
    attributes: Vec<(&'static str, String)>,
    inside: Vec<Inside>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Inside {
    Node(Node),
    Text(String),
}

impl Node {
    pub(super) fn new(tag: &'static str) -> Self {
        Self { tag, attributes: Vec::new(), inside: Vec::new() }
    }

    pub(super) fn set(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.attributes.push((name, value.into()));
        self
    }

    /// A length, to the tenth.
    pub(super) fn at(self, name: &'static str, value: f64) -> Self {
        self.set(name, tenth(value))
    }

    pub(super) fn holding(mut self, nodes: impl IntoIterator<Item = Node>) -> Self {
        self.inside.extend(nodes.into_iter().map(Inside::Node));
        self
    }

    pub(super) fn saying(mut self, text: &str) -> Self {
        self.inside.push(Inside::Text(shown(text)));
        self
    }

    /// The element as SVG, everything that anybody typed escaped.
    pub(super) fn write(&self, into: &mut String) {
        into.push('<');
        into.push_str(self.tag);
        for (name, value) in &self.attributes {
            into.push(' ');
            into.push_str(name);
            into.push_str("=\"");
            into.push_str(&escaped(value));
            into.push('"');
        }
        if self.inside.is_empty() {
            into.push_str("/>");
            return;
        }
        into.push('>');
        for it in &self.inside {
            match it {
                Inside::Node(node) => node.write(into),
                Inside::Text(text) => into.push_str(&escaped(text)),
            }
        }
        into.push_str("</");
        into.push_str(self.tag);
        into.push('>');
    }

    /// The element as the page builds it: tag, attributes, what is inside.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let attributes = self.attributes.iter().map(|(name, value)| ((*name).to_owned(), json!(value)));
        let mut all = vec![json!(self.tag), Value::Object(attributes.collect())];
        all.extend(self.inside.iter().map(|it| match it {
            Inside::Node(node) => node.to_json(),
            Inside::Text(text) => json!(text),
        }));
        Value::Array(all)
    }
}

/// Without what has no place in XML, and without what turns the order of letters around: a name could pose as a number.
fn shown(text: &str) -> String {
    let turns = |it: char| matches!(it, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let refused = |it: char| it.is_control() || turns(it) || matches!(it, '\u{fffe}' | '\u{ffff}');
    text.chars().map(|it| if it.is_whitespace() { ' ' } else { it }).filter(|it| !refused(*it)).collect()
}

fn escaped(text: &str) -> String {
    let mut written = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => written.push_str("&amp;"),
            '<' => written.push_str("&lt;"),
            '>' => written.push_str("&gt;"),
            '"' => written.push_str("&quot;"),
            '\'' => written.push_str("&#39;"),
            other => written.push(other),
        }
    }
    written
}

/// A length as it is written, without a zero behind the point.
pub(super) fn tenth(value: f64) -> String {
    let text = format!("{value:.1}");
    let text = text.strip_suffix(".0").unwrap_or(&text);
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_was_typed_is_text() {
        let mut svg = String::new();
        Node::new("text").set("x", "\"><script>").saying("a<b>&'\u{1}\u{202e}\n\u{ffff}z").write(&mut svg);
        assert_eq!(svg, "<text x=\"&quot;&gt;&lt;script&gt;\">a&lt;b&gt;&amp;&#39; z</text>");
        assert_eq!([tenth(1.0), tenth(-0.01), tenth(2.25)].join(" "), "1 0 2.2");
    }
}
