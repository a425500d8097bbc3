//! Writing many rows of whole numbers with few statements.
//!
//! The texts are made once, of a beginning and placeholders alone, and kept for as long as the process runs.

use super::{Error, Tx};

/// Rows that go into one statement. SQLite takes 32,766 values at once, and gains little beyond this.
const ROWS: usize = 100;

/// A statement for `N` columns, once for many rows and once for one.
pub(super) struct Many<const N: usize> {
    full: &'static str,
    single: &'static str,
}

impl<const N: usize> Many<N> {
    /// From what stands before `VALUES …`.
    pub(super) fn new(before: &str) -> Self {
        Self { full: text::<N>(before, "", ROWS), single: text::<N>(before, "", 1) }
    }

    /// The same where each row begins with one more value, alike for all.
    pub(super) fn led_by(first: &str, before: &str) -> Self {
        let lead = format!("{first}, ");
        Self { full: text::<N>(before, &lead, ROWS), single: text::<N>(before, &lead, 1) }
    }

    /// Writes all rows.
    pub(super) async fn write(&self, tx: &mut Tx<'_>, rows: &[[i64; N]]) -> Result<(), Error> {
        let chunks = rows.chunks_exact(ROWS);
        let rest = chunks.remainder();
        let whole = chunks.map(|chunk| (self.full, chunk)).chain(rest.chunks(1).map(|chunk| (self.single, chunk)));
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

fn text<const N: usize>(before: &str, lead: &str, rows: usize) -> &'static str {
    let row = |at: usize| {
        let places: Vec<String> = (1..=N).map(|column| format!("${}", at * N + column)).collect();
        format!("({lead}{})", places.join(", "))
    };
    let rows: Vec<String> = (0..rows).map(row).collect();
    format!("{before} VALUES {}", rows.join(", ")).leak()
}
