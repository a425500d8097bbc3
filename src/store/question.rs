//! What approvers asked the requester of a change, and what they answered.

use sqlx::Row;
use sqlx::any::AnyRow;

use super::{Error, Store, Tx};
use crate::chat::Account;
use crate::clock::Moment;
use crate::domain::Question;

impl Store {
    /// Writes a question down. False if so many were asked already that one more would not be read.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn ask_back(
        &self,
        tx: &mut Tx<'_>,
        number: i64,
        (by, question): (&Account, &str),
        at: Moment,
    ) -> Result<bool, Error> {
        let done = sqlx::query(
            "INSERT INTO question (change_number, position, asked_by, question, asked_at_ms)
             SELECT $1, COUNT(*), $2, $3, $4 FROM question WHERE change_number = $1 HAVING COUNT(*) < 10",
        )
        .bind(number)
        .bind(by.to_string())
        .bind(question)
        .bind(at.as_millisecond())
        .execute(&mut **tx)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Writes down the answer to the newest question that has none. None if there is no such question; else who asked it.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn answer(
        &self,
        tx: &mut Tx<'_>,
        number: i64,
        answer: &str,
        at: Moment,
    ) -> Result<Option<Account>, Error> {
        let row = sqlx::query(
            "UPDATE question SET answer = $1, answered_at_ms = $2 WHERE change_number = $3 AND answer IS NULL
                AND position = (SELECT MAX(position) FROM question WHERE change_number = $3 AND answer IS NULL)
             RETURNING asked_by",
        )
        .bind(answer)
        .bind(at.as_millisecond())
        .bind(number)
        .fetch_optional(&mut **tx)
        .await?;
        row.map(|row| row.try_get::<String, _>(0)?.parse().map_err(|_| Error::Corrupt("question.asked_by"))).transpose()
    }

    /// The questions about a change, in order.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn questions(&self, number: i64) -> Result<Vec<Question>, Error> {
        let rows =
            sqlx::query("SELECT asked_by, question, answer FROM question WHERE change_number = $1 ORDER BY position")
                .bind(number)
                .fetch_all(&self.reader)
                .await?;
        let read = |row: &AnyRow| {
            let by: String = row.try_get("asked_by")?;
            Ok(Question {
                by: by.parse().map_err(|_| Error::Corrupt("question.asked_by"))?,
                question: row.try_get("question")?,
                answer: row.try_get("answer")?,
            })
        };
        rows.iter().map(read).collect()
    }
}
