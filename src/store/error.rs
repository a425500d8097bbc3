//! What can go wrong with the database; codes only, because a driver's texts quote values.

/// Why the database could not be asked. Nothing of the statement or its values is in it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file or server cannot be reached, or the connection broke.
    #[error("the database cannot be reached")]
    Unreachable,
    /// The server is there, but lets this user in with no such password, or not at all.
    #[error("the database does not accept this user or password")]
    Denied,
    /// The server is there and knows the user, but has no database of this name.
    #[error("the server has no database of this name")]
    NoDatabase,
    /// The disk is full or refuses to be written.
    #[error("the database cannot write: its disk is full or read-only")]
    Full,
    /// Somebody else holds the lock for too long.
    #[error("the database is busy")]
    Busy,
    /// A row that must be unique is there already. Callers for whom that is an answer turn it into one.
    #[error("the row is there already")]
    Duplicate,
    /// The schema was made by a newer Steward, or a migration was changed.
    #[error("the database was made by another version of Steward ({0})")]
    Schema(&'static str),
    /// Another process runs on the same file.
    #[error("another Steward runs on this database")]
    Locked,
    /// `DATABASE_URL` names neither SQLite nor PostgreSQL. The address may hold a password, so it is not repeated.
    #[error("DATABASE_URL must begin with sqlite:// or postgres://")]
    Address,
    /// A stored value is not what we write.
    #[error("a stored value cannot be read ({0})")]
    Corrupt(&'static str),
    /// The embedded SQLite is older than the one that fixed a corruption of its write-ahead log.
    #[error("SQLite must be 3.51.3 or newer")]
    OldSqlite,
    /// Anything else, by the database's own code.
    #[error("the database refused a statement (code {0})")]
    Refused(String),
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::Database(refusal) if refusal.is_unique_violation() => Self::Duplicate,
            sqlx::Error::Database(refusal) => by_code(refusal.code().as_deref().unwrap_or("none")),
            sqlx::Error::PoolTimedOut => Self::Busy,
            sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) | sqlx::Error::ColumnNotFound(_) => {
                Self::Corrupt("column")
            }
            _ => Self::Unreachable,
        }
    }
}

/// SQLite's result codes are numbers (the low byte is the primary one), PostgreSQL's are five letters.
fn by_code(code: &str) -> Error {
    if let Ok(number) = code.parse::<u32>()
        && code.len() < 5
    {
        return match number & 0xff {
            5 | 6 => Error::Busy,
            8 | 10 | 13 => Error::Full,
            11 | 26 => Error::Corrupt("file"),
            14 => Error::Unreachable,
            _ => Error::Refused(code.to_owned()),
        };
    }
    match code {
        "53100" | "25006" => Error::Full,
        "55P03" | "57014" | "40001" | "40P01" | "53300" => Error::Busy,
        "3D000" => Error::NoDatabase,
        _ if code.starts_with("28") => Error::Denied,
        _ if code.starts_with("08") || code.starts_with("57P") => Error::Unreachable,
        _ => Error::Refused(code.to_owned()),
    }
}

impl From<sqlx::migrate::MigrateError> for Error {
    fn from(error: sqlx::migrate::MigrateError) -> Self {
        use sqlx::migrate::MigrateError as M;
        match error {
            M::VersionMissing(_) | M::VersionTooOld(..) | M::VersionTooNew(..) => Self::Schema("newer"),
            M::VersionMismatch(_) => Self::Schema("changed"),
            M::Dirty(_) => Self::Schema("half-made"),
            M::Execute(inner) | M::ExecuteMigration(inner, _) => inner.into(),
            _ => Self::Schema("unreadable"),
        }
    }
}
