//! Where the keys that are to be loaded come from: a file, standard input, or a prompt that hides them. Never an argument.

use std::io::{BufRead, BufReader, IsTerminal, Read, stdin};
use std::path::Path;

use anyhow::Context;
use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use super::exit::Misuse;
use super::setup::{Interview, Question};

/// More than anybody loads at once, in bytes.
const MOST: u64 = 4 * 1024 * 1024;
/// More than anybody types.
const MOST_TYPED: usize = 500;

/// The keys, one a line.
pub(super) async fn keys(file: Option<&Path>) -> anyhow::Result<Vec<SecretString>> {
    match file {
        Some(path) if path == Path::new("-") => lines(stdin().lock()),
        Some(path) => lines(std::fs::File::open(path).with_context(|| format!("{} cannot be read", path.display()))?),
        None if stdin().is_terminal() => typed().await,
        None => Err(Misuse("Name a file with one key a line, or - for standard input.".to_owned()).into()),
    }
}

fn lines(from: impl Read) -> anyhow::Result<Vec<SecretString>> {
    let mut reader = BufReader::new(from.take(MOST + 1));
    let (mut keys, mut read) = (Vec::new(), 0);
    loop {
        let mut line = Zeroizing::new(String::with_capacity(1_024));
        let count = reader.read_line(&mut line).map_err(|_| Misuse("That is no text.".to_owned()))?;
        read += count as u64;
        if read > MOST {
            return Err(Misuse("That is too much for one load: 4 MiB at most.".to_owned()).into());
        }
        if count == 0 {
            return Ok(keys);
        }
        keys.push(line.trim().into());
    }
}

async fn typed() -> anyhow::Result<Vec<SecretString>> {
    let mut interview = Interview::on_stdin(false);
    let mut keys: Vec<SecretString> = Vec::new();
    while keys.len() < MOST_TYPED {
        let text = format!("Key {} (it is not shown; nothing ends the list):", keys.len() + 1);
        let question = Question { text: &text, default: Some(""), is_secret: true };
        let key = interview.ask(&question, async |answer| Ok(answer)).await?;
        if key.expose_secret().is_empty() {
            break;
        }
        keys.push(key);
    }
    Ok(keys)
}
