//! The commands behind buttons and forms.

use sqlx::Row;

use super::{Error, Store, Tx};
use crate::chat::{Form, Message, Token};
use crate::clock::Moment;
use crate::random::Random;

impl Store {
    /// Stores the command behind each button of `message` that has none yet, and gives the button its token.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn stow(&self, tx: &mut Tx<'_>, message: &mut Message, random: &Random, at: Moment) -> Result<(), Error> {
        for button in message.buttons_mut().filter(|it| it.token.is_none()) {
            let id = keep(tx, &button.words, random, at).await?;
            button.token = Some(Token { acknowledgement: button.acknowledgement, id });
        }
        Ok(())
    }

    /// Stores the command behind a form and gives the form its token.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn stow_form(&self, tx: &mut Tx<'_>, form: &mut Form, random: &Random, at: Moment) -> Result<(), Error> {
        let id = keep(tx, &form.words, random, at).await?;
        form.token = Some(Token { acknowledgement: crate::chat::Acknowledgement::Whisper, id });
        Ok(())
    }

    /// The command behind a token; none if it was never stored or is too old.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn pressed(&self, id: &str) -> Result<Option<Vec<String>>, Error> {
        let row = sqlx::query("SELECT words FROM press WHERE id = $1").bind(id).fetch_optional(&self.reader).await?;
        let Some(row) = row else { return Ok(None) };
        let words: String = row.try_get(0)?;
        serde_json::from_str(&words).map(Some).map_err(|_| Error::Corrupt("press.words"))
    }

    /// Forgets the commands behind buttons older than `before`.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn forget_presses(&self, before: Moment) -> Result<u64, Error> {
        let mut tx = self.begin().await?;
        let done = sqlx::query("DELETE FROM press WHERE created_at_ms < $1")
            .bind(before.as_millisecond())
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(done.rows_affected())
    }
}

async fn keep(tx: &mut Tx<'_>, words: &[String], random: &Random, at: Moment) -> Result<String, Error> {
    let id = random.short(20);
    let words = serde_json::to_string(words).map_err(|_| Error::Corrupt("press.words"))?;
    sqlx::query("INSERT INTO press (id, words, created_at_ms) VALUES ($1, $2, $3)")
        .bind(&id)
        .bind(words)
        .bind(at.as_millisecond())
        .execute(&mut **tx)
        .await?;
    Ok(id)
}
