//! Writing many rows of whole numbers with few statements.
//!
//! The texts are made once, of their two ends and placeholders alone, and kept for as long as the process runs.

use super::{Error, Tx};

/// Rows that go into one statement. SQLite takes 32,766 values at once, and gains little beyond this.
const ROWS: usize = 100;

/// A statement for `N` columns, once for many rows and once for one.
pub(super) struct Many<const N: usize> {
    full: &'static str,
    single: &'static str,
}

impl<const N: usize> Many<N> {
    /// From what stands before and after `VALUES …`.
    pub(super) fn new(before: &str, after: &str) -> Self {
        Self { full: text::<N>(before, after, ROWS), single: text::<N>(before, after, 1) }
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

fn text<const N: usize>(before: &str, after: &str, rows: usize) -> &'static str {
    let row = |at: usize| {
        let places: Vec<String> = (1..=N).map(|column| format!("${}", at * N + column)).collect();
        format!("({})", places.join(", "))
    };
    let rows: Vec<String> = (0..rows).map(row).collect();
    format!("{before} VALUES {} {after}", rows.join(", ")).leak()
}
