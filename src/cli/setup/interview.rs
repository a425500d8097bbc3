//! Questions on standard error, answers from standard input, one line each. A secret is never shown.

use std::io::{BufRead, IsTerminal, Read, stdin};

use anyhow::anyhow;
use secrecy::SecretString;
use zeroize::Zeroizing;

use super::terminal::{Silence, restore_when_interrupted};
use crate::cli::exit::Misuse;
use crate::cli::output::{ask, remark};

/// The longest answer, in bytes.
const LONGEST: u64 = 64 * 1024;
/// How often a question is asked before it is given up.
const ATTEMPTS: usize = 5;

/// Somebody at a terminal, or answers that were piped in.
pub(in crate::cli) struct Interview {
    input: Box<dyn BufRead>,
    is_terminal: bool,
    /// Whether defaults are taken without asking.
    takes_defaults: bool,
}

impl Interview {
    /// An interview on standard input.
    pub(in crate::cli) fn on_stdin(takes_defaults: bool) -> Self {
        let is_terminal = stdin().is_terminal();
        if is_terminal {
            restore_when_interrupted();
        }
        Self { input: Box::new(stdin().lock()), is_terminal, takes_defaults }
    }

    /// Asks until `accept` takes the answer. Piped answers have one try: the next line belongs to the next question.
    pub(in crate::cli) async fn ask<T>(
        &mut self,
        question: &Question<'_>,
        mut accept: impl AsyncFnMut(SecretString) -> anyhow::Result<T>,
    ) -> anyhow::Result<T> {
        for _ in 0..ATTEMPTS {
            let answer = self.answer(question)?;
            match accept(answer).await {
                Ok(accepted) => return Ok(accepted),
                Err(why) if self.is_terminal => remark(format_args!("{why:#}")),
                Err(why) => return Err(why),
            }
        }
        Err(anyhow!("That was not answered in {ATTEMPTS} tries. Nothing was written."))
    }

    /// Yes or no; an empty answer is yes.
    pub(in crate::cli) async fn confirm(&mut self, question: &str) -> anyhow::Result<bool> {
        let question = Question { text: &format!("{question} [Y/n]"), default: Some("y"), is_secret: false };
        self.ask(&question, async |answer| match lowered(&answer).as_str() {
            "y" | "yes" => Ok(true),
            "n" | "no" => Ok(false),
            _ => Err(Misuse("It is answered with yes or no.".to_owned()).into()),
        })
        .await
    }

    /// Whether there may be another answer: piped ones end. For questions that came later than the scripts that pipe answers.
    pub(in crate::cli) fn has_more(&mut self) -> bool {
        self.is_terminal || self.takes_defaults || self.input.fill_buf().is_ok_and(|it| !it.is_empty())
    }

    fn answer(&mut self, question: &Question<'_>) -> anyhow::Result<SecretString> {
        if let (true, Some(default)) = (self.takes_defaults, question.default) {
            return Ok(default.into());
        }
        ask(question.text);
        let silence = if question.is_secret && self.is_terminal {
            let silence = Silence::begin();
            if silence.is_none() {
                let told = "\nThis terminal cannot hide what is typed. Pipe the answers in instead, one line each.";
                return Err(Misuse(told.to_owned()).into());
            }
            silence
        } else {
            None
        };
        let mut line = Zeroizing::new(String::with_capacity(1_024));
        let read = self.input.by_ref().take(LONGEST).read_line(&mut line);
        drop(silence);
        if question.is_secret || !self.is_terminal {
            remark("");
        }
        match read {
            Ok(0) => Err(Misuse("The answers ended before this question. Nothing was written.".to_owned()).into()),
            Ok(_) => Ok(match (line.trim(), question.default) {
                ("", Some(default)) => default.into(),
                (answer, _) => answer.into(),
            }),
            Err(_) => Err(Misuse("The answer is no text. Nothing was written.".to_owned()).into()),
        }
    }
}

/// One question.
pub(in crate::cli) struct Question<'a> {
    /// What is asked.
    pub(in crate::cli) text: &'a str,
    /// What an empty answer means; without, there must be one.
    pub(in crate::cli) default: Option<&'a str>,
    /// Whether the answer must not be seen.
    pub(in crate::cli) is_secret: bool,
}

fn lowered(answer: &SecretString) -> String {
    use secrecy::ExposeSecret;
    answer.expose_secret().to_lowercase()
}
