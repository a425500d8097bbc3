//! How the API keys of a workspace are called.

use std::fmt;
use std::str::FromStr;

/// How much of a text becomes one word of a name, in characters.
const LONGEST_WORD: usize = 24;

/// What the places in a pattern stand for.
#[derive(Clone, Copy, Debug)]
pub struct NameWords<'a> {
    /// Whose key it is.
    pub person: &'a str,
    /// What it is for.
    pub purpose: &'a str,
    /// The workspace.
    pub workspace: &'a str,
    /// Where it is used.
    pub environment: &'a str,
}

/// How names are made and what they have to look like: `{workspace}-{purpose}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamePattern(Vec<Part>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Literal(String),
    Person,
    Purpose,
    Workspace,
    Environment,
}

/// A text that is no pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "must be letters, digits, dashes and dots around `{{person}}`, `{{purpose}}`, `{{workspace}}` or `{{environment}}`"
)]
pub struct BadNamePattern;

impl NamePattern {
    /// A name for these words.
    #[must_use]
    pub fn fill(&self, words: NameWords<'_>) -> String {
        self.0.iter().map(|it| it.fill(words)).collect()
    }

    /// True if a name looks as it should. Who and what for is free; the workspace and where it is used are as they are.
    #[must_use]
    pub fn fits(&self, name: &str, words: NameWords<'_>) -> bool {
        fits(&self.0, name, words)
    }
}

impl Default for NamePattern {
    fn default() -> Self {
        Self(vec![Part::Person, Part::Literal("-".into()), Part::Purpose])
    }
}

impl FromStr for NamePattern {
    type Err = BadNamePattern;

    fn from_str(text: &str) -> Result<Self, BadNamePattern> {
        let (mut parts, mut rest) = (Vec::new(), text);
        while !rest.is_empty() {
            let literal = rest.find('{').unwrap_or(rest.len());
            if literal > 0 {
                let plain = |it: char| it.is_ascii_alphanumeric() || "-_.".contains(it);
                if !rest[..literal].chars().all(plain) {
                    return Err(BadNamePattern);
                }
                parts.push(Part::Literal(rest[..literal].to_owned()));
                rest = &rest[literal..];
                continue;
            }
            let (word, after) = rest[1..].split_once('}').ok_or(BadNamePattern)?;
            parts.push(match word {
                "person" => Part::Person,
                "purpose" => Part::Purpose,
                "workspace" => Part::Workspace,
                "environment" => Part::Environment,
                _ => return Err(BadNamePattern),
            });
            rest = after;
        }
        // Without one of these two, everybody's keys would have one name.
        let tells_apart = parts.iter().any(|it| matches!(it, Part::Person | Part::Purpose));
        if tells_apart && text.len() <= 60 { Ok(Self(parts)) } else { Err(BadNamePattern) }
    }
}

impl fmt::Display for NamePattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|part| match part {
            Part::Literal(text) => f.write_str(text),
            Part::Person => f.write_str("{person}"),
            Part::Purpose => f.write_str("{purpose}"),
            Part::Workspace => f.write_str("{workspace}"),
            Part::Environment => f.write_str("{environment}"),
        })
    }
}

impl Part {
    fn fill(&self, words: NameWords<'_>) -> String {
        match self {
            Self::Literal(text) => text.clone(),
            Self::Person => word(words.person),
            Self::Purpose => word(words.purpose),
            Self::Workspace => word(words.workspace),
            Self::Environment => words.environment.to_owned(),
        }
    }
}

fn fits(parts: &[Part], name: &str, words: NameWords<'_>) -> bool {
    let Some((first, rest)) = parts.split_first() else { return name.is_empty() };
    match first {
        Part::Person | Part::Purpose => {
            let ends = name.char_indices().map(|(at, it)| at + it.len_utf8());
            ends.into_iter().any(|end| fits(rest, &name[end..], words))
        }
        _ => name.strip_prefix(first.fill(words).as_str()).is_some_and(|it| fits(rest, it, words)),
    }
}

/// A text as one word of a name: letters, digits and dashes.
fn word(text: &str) -> String {
    let letters = text.to_lowercase().chars().map(|it| if it.is_alphanumeric() { it } else { '-' }).collect::<String>();
    let words: Vec<&str> = letters.split('-').filter(|it| !it.is_empty()).collect();
    let word: String = words.join("-").chars().take(LONGEST_WORD).collect();
    word.trim_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORDS: NameWords<'_> =
        NameWords { person: "Mira Chen", purpose: "Nightly evals!", workspace: "research", environment: "dev" };

    fn pattern(text: &str) -> NamePattern {
        text.parse().expect("a pattern")
    }

    #[test]
    fn names_are_made_of_words() {
        assert_eq!(NamePattern::default().fill(WORDS), "mira-chen-nightly-evals");
        let named = pattern("{workspace}.{environment}.{purpose}");
        assert_eq!(named.fill(WORDS), "research.dev.nightly-evals");
        assert_eq!(named.to_string(), "{workspace}.{environment}.{purpose}");
    }

    #[test]
    fn a_name_fits_or_not() {
        let named = pattern("{workspace}-{purpose}-{environment}");
        for fits in ["research-x-dev", "research-a-b-dev", "research-dev-dev", "research-ü-dev"] {
            assert!(named.fits(fits, WORDS), "{fits}");
        }
        for wrong in ["", "research--dev", "research-x-staging", "evals-x-dev", "research-x-dev2", "Research-x-dev"] {
            assert!(!named.fits(wrong, WORDS), "{wrong}");
        }
        assert!(pattern("{person}-{purpose}").fits(&NamePattern::default().fill(WORDS), WORDS));
    }

    #[test]
    fn what_is_no_pattern_is_refused() {
        for wrong in
            ["", "fixed", "{workspace}", "{what}-{purpose}", "{purpose", "a b {purpose}", "{purpose}}", "<{purpose}>"]
        {
            assert_eq!(wrong.parse::<NamePattern>(), Err(BadNamePattern), "{wrong}");
        }
        assert!(format!("{}{{purpose}}", "x".repeat(60)).parse::<NamePattern>().is_err());
    }
}
