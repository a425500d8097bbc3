//! Writing many rows of whole numbers with few statements.
//!
//! The texts are made once, of a beginning and placeholders alone, and kept for as long as the process runs.

use super::{Engine, Error, Tx};

/// Rows that go into one statement. SQLite takes 32,766 values at once, and gains little beyond this.
const ROWS: usize = 100;

/// A statement for `N` columns, once for many rows and once for one, as each engine wants it.
pub(super) struct Many<const N: usize> {
    sqlite: Texts,
    postgres: Texts,
}

struct Texts {
    full: &'static str,
    single: &'static str,
}

impl<const N: usize> Many<N> {
    /// From what stands before `VALUES …`.
    pub(super) fn new(before: &str) -> Self {
        Self::of(before, "")
    }

    /// The same where each row begins with one more value, alike for all.
    pub(super) fn led_by(first: &str, before: &str) -> Self {
        Self::of(before, &format!("{first}, "))
    }

    fn of(before: &str, lead: &str) -> Self {
        // SQLite's library looks each name up among all the names before it: a thousand named places take fifty times as long
        // as a thousand unnamed ones.
        let unnamed = |_: usize| "?".to_owned();
        let numbered = |at: usize| format!("${at}");
        let texts = |place: &dyn Fn(usize) -> String| Texts {
            full: text::<N>(before, lead, ROWS, place),
            single: text::<N>(before, lead, 1, place),
        };
        Self { sqlite: texts(&unnamed), postgres: texts(&numbered) }
    }

    /// Writes all rows.
    pub(super) async fn write(&self, engine: Engine, tx: &mut Tx<'_>, rows: &[[i64; N]]) -> Result<(), Error> {
        let texts = match engine {
            Engine::Sqlite => &self.sqlite,
            Engine::Postgres => &self.postgres,
        };
        let chunks = rows.chunks_exact(ROWS);
        let rest = chunks.remainder();
        let whole = chunks.map(|chunk| (texts.full, chunk)).chain(rest.chunks(1).map(|chunk| (texts.single, chunk)));
        for (text, chunk) in whole {
            let mut query = sqlx::query(text);
            for value in chunk.iter().flatten() {
                query = query.bind(*value);
            }
            query.execute(&mut **tx).await?;
        }
        Ok(())
    }
}

fn text<const N: usize>(before: &str, lead: &str, rows: usize, place: &dyn Fn(usize) -> String) -> &'static str {
    let row = |at: usize| {
        let places: Vec<String> = (1..=N).map(|column| place(at * N + column)).collect();
        format!("({lead}{})", places.join(", "))
    };
    let rows: Vec<String> = (0..rows).map(row).collect();
    format!("{before} VALUES {}", rows.join(", ")).leak()
}
