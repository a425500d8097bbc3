//! A file that goes along with a message.

use serde::{Deserialize, Serialize};

use super::Chart;

/// A file that goes along with a message: told beside it where the platform can, offered for download where it cannot.
///
/// It is seen by whoever sees the message, and by nobody else.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct File {
    /// What it is called, its ending included; see [`File::name`].
    name: String,
    /// What is in it, for those who do not open it.
    pub about: String,
    /// What it holds.
    pub content: Content,
}

/// What a file holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Content {
    /// A table as text, in which no cell is a formula.
    Csv(String),
    /// A chart, drawn as a PNG where it leaves the house.
    Picture(Box<Chart>),
}

impl File {
    /// A table as CSV. `name` is without its ending.
    #[must_use]
    pub fn csv(name: &str, about: impl Into<String>, text: String) -> Self {
        Self { name: format!("{}.csv", harmless(name)), about: about.into(), content: Content::Csv(text) }
    }

    /// A chart as a picture. `name` is without its ending.
    #[must_use]
    pub fn picture(name: &str, chart: Chart) -> Self {
        let about = chart.to_plain();
        Self { name: format!("{}.png", harmless(name)), about, content: Content::Picture(Box::new(chart)) }
    }

    /// Its name: letters, digits, `-`, `_` and dots inside, so that it is one name on every system and in every header.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its media type.
    #[must_use]
    pub fn media_type(&self) -> &'static str {
        match self.content {
            Content::Csv(_) => "text/csv; charset=utf-8",
            Content::Picture(_) => "image/png",
        }
    }
}

fn harmless(name: &str) -> String {
    let plain = |it: char| if it.is_ascii_alphanumeric() || matches!(it, '-' | '_') { it } else { '-' };
    let name: String = name.chars().take(80).map(plain).collect();
    let name = name.trim_matches('-');
    if name.is_empty() { "steward".to_owned() } else { name.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_name_everywhere() {
        let name = |it: &str| File::csv(it, "", String::new()).name().to_owned();
        assert_eq!(name("usage-2026-11"), "usage-2026-11.csv");
        assert_eq!(name("../../etc/pass\"wd\r\nx: y"), "etc-pass-wd--x--y.csv");
        assert_eq!(name("…"), "steward.csv");
    }
}
