//! What somebody with the database, but without the key, can do to the audit trail.

use sqlx::{AnyConnection, Error};
use steward::random::Random;

use crate::bench::Engine;
use crate::store_ground::{number, run};

/// A column of text, and the statement that writes it: the value, then the row.
const TEXTS: [(&str, &str); 7] = [
    ("SELECT actor FROM audit WHERE seq = $1", "UPDATE audit SET actor = $1 WHERE seq = $2"),
    ("SELECT action FROM audit WHERE seq = $1", "UPDATE audit SET action = $1 WHERE seq = $2"),
    ("SELECT about FROM audit WHERE seq = $1", "UPDATE audit SET about = $1 WHERE seq = $2"),
    ("SELECT detail FROM audit WHERE seq = $1", "UPDATE audit SET detail = $1 WHERE seq = $2"),
    ("SELECT previous FROM audit WHERE seq = $1", "UPDATE audit SET previous = $1 WHERE seq = $2"),
    ("SELECT hash FROM audit WHERE seq = $1", "UPDATE audit SET hash = $1 WHERE seq = $2"),
    ("SELECT mac FROM audit WHERE seq = $1", "UPDATE audit SET mac = $1 WHERE seq = $2"),
];

/// Edits of the head that an append must notice.
pub(crate) const HEAD_EDITS: [&str; 8] = [
    "UPDATE audit_head SET seq = seq + 1",
    "UPDATE audit_head SET seq = seq - 1",
    "UPDATE audit_head SET seq = 0",
    "UPDATE audit_head SET hash = ''",
    "UPDATE audit_head SET mac = ''",
    "UPDATE audit_head SET mac = UPPER(mac)",
    "UPDATE audit_head SET seq = 3, hash = (SELECT hash FROM audit WHERE seq = 3), mac = (SELECT mac FROM audit WHERE seq = 3)",
    "DELETE FROM audit_head",
];

/// More that can be done to the head.
const HEAD: [&str; 5] = [
    "UPDATE audit_head SET id = 2",
    "UPDATE audit_head SET hash = (SELECT hash FROM audit WHERE seq = 1)",
    "INSERT INTO audit_head (id, seq, hash, mac) VALUES (2, 0, '', '')",
    "INSERT INTO audit_head (id, seq, hash, mac) SELECT 0, seq, hash, mac FROM audit_head",
    "UPDATE audit_head SET seq = 0, hash = '', mac = ''",
];

/// What only SQLite lets happen: values of another sort in a column.
const SORTS: [&str; 6] = [
    "UPDATE audit SET actor = CAST(actor AS BLOB) WHERE seq = 4",
    "UPDATE audit SET at_ms = 'soon' WHERE seq = 4",
    "UPDATE audit SET at_ms = at_ms + 0.5 WHERE seq = 4",
    "UPDATE audit SET seq = 'last' WHERE seq = 4",
    "UPDATE audit SET seq = 3.5 WHERE seq = 4",
    "UPDATE audit_head SET hash = CAST(hash AS BLOB)",
];

const ADD: &str = "INSERT INTO audit (seq, at_ms, actor, action, about, detail, previous, hash, mac)
    SELECT CAST($1 AS BIGINT), at_ms, actor, action, about, detail, previous, hash, mac FROM audit WHERE seq = $2";

/// The head made to fit the last entry that is left, as far as that goes without the key.
const FIT: &str = "UPDATE audit_head SET seq = (SELECT MAX(seq) FROM audit),
    hash = (SELECT hash FROM audit ORDER BY seq DESC LIMIT 1)";

/// One edit.
#[derive(Clone, Debug)]
pub(crate) enum Edit {
    /// Another text in a column: the column, the row, how it is changed.
    Text(usize, i64, Change),
    /// Another time.
    Time(i64, i64),
    /// Another number.
    Number(i64, i64),
    /// An entry is taken out.
    Remove(i64),
    /// All are.
    RemoveAll,
    /// The last ones are; the head is made to fit if asked to.
    Truncate(i64, bool),
    /// A copy of the second under a number of its own.
    Add(i64, i64),
    /// A copy in the middle, with everything behind it moved.
    Squeeze(i64),
    /// Two entries change places.
    Swap(i64, i64),
    /// A statement as it is.
    Statement(&'static str),
}

/// How a text is changed.
#[derive(Clone, Debug)]
pub(crate) enum Change {
    Empty,
    Longer,
    Shorter,
    Capitals,
    Letter(u64),
    /// As in another row.
    Of(i64),
}

impl Edit {
    /// Any of them, anywhere.
    pub(crate) fn random(random: &Random, engine: Engine, entries: i64) -> Self {
        let below = |most: i64| i64::try_from(random.below(most.unsigned_abs())).expect("it is small");
        let (row, other) = (below(entries) + 1, below(entries) + 1);
        match random.below(if engine == Engine::Sqlite { 20 } else { 19 }) {
            0..8 => {
                let change = match random.below(6) {
                    0 => Change::Empty,
                    1 => Change::Longer,
                    2 => Change::Shorter,
                    3 => Change::Capitals,
                    4 => Change::Letter(random.below(1_000)),
                    _ => Change::Of(other),
                };
                Self::Text(usize::try_from(below(7)).expect("it is small"), row, change)
            }
            8 => Self::Time(
                row,
                [1, -1, 86_400_000, i64::from(i32::MAX)][usize::try_from(below(4)).expect("it is small")],
            ),
            9 => Self::Number(
                row,
                [0, -1, entries + 1, entries + 7, i64::MAX, other][usize::try_from(below(6)).expect("it is small")],
            ),
            10 => Self::Remove(row),
            11 => [Self::Remove(1), Self::Remove(entries), Self::RemoveAll]
                [usize::try_from(below(3)).expect("it is small")]
            .clone(),
            12 => Self::Truncate(below(entries - 1) + 1, random.below(2) == 0),
            13 => Self::Add(
                [entries + 1, 0, -1, i64::MIN, entries + 2][usize::try_from(below(5)).expect("it is small")],
                row,
            ),
            14 => Self::Squeeze(row),
            15 => Self::Swap(row, other),
            16 | 17 => Self::Statement(HEAD_EDITS[usize::try_from(below(8)).expect("it is small")]),
            18 => Self::Statement(HEAD[usize::try_from(below(5)).expect("it is small")]),
            _ => Self::Statement(SORTS[usize::try_from(below(6)).expect("it is small")]),
        }
    }

    /// All of them, at the beginning, in the middle and at the end.
    pub(crate) fn edges(engine: Engine, entries: i64) -> Vec<Self> {
        let mut edits = vec![Self::RemoveAll];
        for row in [1, 2, entries / 2, entries] {
            let texts = 0..TEXTS.len();
            // The first entry follows nothing: there, `previous` is empty already.
            edits.extend(texts.clone().filter(|it| (*it, row) != (4, 1)).map(|it| Self::Text(it, row, Change::Empty)));
            edits.extend(texts.map(|it| Self::Text(it, row, Change::Longer)));
            edits.extend([
                Self::Time(row, 1),
                Self::Time(row, -1),
                Self::Number(row, entries + 1),
                Self::Number(row, 0),
            ]);
            edits.extend([Self::Remove(row), Self::Squeeze(row), Self::Add(0, row), Self::Add(-1, row)]);
            edits.extend([Self::Add(i64::MIN, row), Self::Add(entries + 1, row), Self::Swap(row, entries / 2 + 1)]);
        }
        for left_out in [1, 2, entries - 1] {
            edits.extend([Self::Truncate(left_out, false), Self::Truncate(left_out, true)]);
        }
        edits.extend(HEAD_EDITS.into_iter().chain(HEAD).map(Self::Statement));
        if engine == Engine::Sqlite {
            edits.extend(SORTS.map(Self::Statement));
        }
        edits
    }

    /// Makes it.
    pub(crate) async fn make(&self, on: &mut AnyConnection) -> Result<(), Error> {
        let two = async |on: &mut AnyConnection, sql: &'static str, one: i64, other: i64| {
            sqlx::query(sql).bind(one).bind(other).execute(on).await.map(drop)
        };
        match self {
            Self::Text(column, row, change) => text(on, *column, *row, change).await,
            Self::Time(row, by) => two(on, "UPDATE audit SET at_ms = at_ms + $1 WHERE seq = $2", *by, *row).await,
            Self::Number(row, to) => two(on, "UPDATE audit SET seq = $1 WHERE seq = $2", *to, *row).await,
            Self::Remove(row) => two(on, "DELETE FROM audit WHERE seq >= $1 AND seq <= $2", *row, *row).await,
            Self::RemoveAll => two(on, "DELETE FROM audit WHERE seq >= $1 AND seq <= $2", 1, i64::MAX).await,
            Self::Truncate(count, fit) => {
                two(on, "DELETE FROM audit WHERE seq + $1 > (SELECT MAX(seq) FROM audit) AND seq > $2", *count, 0)
                    .await?;
                if *fit {
                    sqlx::query(FIT).execute(on).await?;
                }
                Ok(())
            }
            Self::Add(number, like) => two(on, ADD, *number, *like).await,
            Self::Squeeze(row) => {
                two(on, "UPDATE audit SET seq = -seq - $1 WHERE seq >= $2", 1, *row).await?;
                two(on, "UPDATE audit SET seq = $1 - seq WHERE seq < $2", 0, 0).await?;
                two(on, ADD, *row, *row + 1).await
            }
            Self::Swap(one, other) if one == other => Ok(()),
            Self::Swap(one, other) => {
                two(on, "UPDATE audit SET seq = $1 WHERE seq = $2", -1, *one).await?;
                two(on, "UPDATE audit SET seq = $1 WHERE seq = $2", *one, *other).await?;
                two(on, "UPDATE audit SET seq = $1 WHERE seq = $2", *other, -1).await
            }
            Self::Statement(sql) => sqlx::query(*sql).execute(on).await.map(drop),
        }
    }
}

async fn text(on: &mut AnyConnection, column: usize, row: i64, change: &Change) -> Result<(), Error> {
    let (read, write) = TEXTS[column];
    let was: String = sqlx::query_scalar(read).bind(row).fetch_one(&mut *on).await?;
    let becomes = match change {
        Change::Empty => String::new(),
        Change::Longer => format!("{was} "),
        Change::Shorter => was.chars().skip(1).collect(),
        Change::Capitals => was.to_uppercase(),
        Change::Letter(place) => {
            let place = usize::try_from(*place).expect("it is small") % was.chars().count().max(1);
            was.chars()
                .enumerate()
                .map(|(at, it)| if at == place { if it == '0' { '1' } else { '0' } } else { it })
                .collect()
        }
        Change::Of(other) => sqlx::query_scalar(read).bind(other).fetch_one(&mut *on).await?,
    };
    sqlx::query(write).bind(becomes).bind(row).execute(on).await.map(drop)
}

/// Keeps the tables as they are, to go back to.
pub(crate) async fn keep(on: &mut AnyConnection) {
    run(on, "CREATE TABLE audit_kept AS SELECT * FROM audit; CREATE TABLE audit_head_kept AS SELECT * FROM audit_head")
        .await;
}

/// Puts the tables back.
pub(crate) async fn restore(on: &mut AnyConnection) {
    run(
        on,
        "BEGIN; DELETE FROM audit; INSERT INTO audit SELECT * FROM audit_kept;
         DELETE FROM audit_head; INSERT INTO audit_head SELECT * FROM audit_head_kept; COMMIT",
    )
    .await;
}

/// Whether any value of the tables is another one than was kept.
pub(crate) async fn is_changed(on: &mut AnyConnection) -> bool {
    let differing = number(
        on,
        "SELECT (SELECT COUNT(*) FROM (SELECT * FROM audit EXCEPT SELECT * FROM audit_kept) a)
              + (SELECT COUNT(*) FROM (SELECT * FROM audit_kept EXCEPT SELECT * FROM audit) b)
              + (SELECT COUNT(*) FROM (SELECT * FROM audit_head EXCEPT SELECT * FROM audit_head_kept) c)
              + (SELECT COUNT(*) FROM (SELECT * FROM audit_head_kept EXCEPT SELECT * FROM audit_head) d)",
    );
    differing.await != 0
}
