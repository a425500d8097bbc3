//! Reading the trail: by who, by what, about whom or what, in a span of time, in pages.

use sqlx::Row;
use sqlx::any::AnyRow;
use sqlx::query::Query;

use super::audit::entry;
use super::{Error, Store};
use crate::clock::Moment;
use crate::domain::AuditEntry;

/// How many names one person, member or workspace goes by at most: a statement has a fixed number of places.
pub const MOST_NAMES: usize = 8;

/// Which entries to read, newest first. Everything that is set must fit.
#[derive(Clone, Debug, Default)]
pub struct Trail {
    /// Only what one of these did, or had done to them. At most [`MOST_NAMES`] are looked for.
    pub of: Vec<String>,
    /// Only what concerns one of these: a change by its id, or a person, member or workspace by each of its names. Requests
    /// about it belong to it. At most [`MOST_NAMES`] are looked for.
    pub concerning: Vec<String>,
    /// Only this action: `invite.approved` itself, `invite` with every step of it, or `approved` whatever was.
    pub action: Option<String>,
    /// Only entries that name exactly this.
    pub about: Option<String>,
    /// Only at or after.
    pub since: Option<Moment>,
    /// Only before.
    pub until: Option<Moment>,
    /// Only after this entry, then oldest first: for a page that grows, and for reading on.
    pub after_seq: Option<i64>,
    /// Leaves out so many first.
    pub skip: i64,
    /// At most so many.
    pub limit: i64,
}

/// An entry with the link that binds it into the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The entry.
    pub entry: AuditEntry,
    /// Its hash, in hex, which covers all entries before it.
    pub hash: String,
}

/// True of an entry about one of the names that are bound at these places, or about a request that is: its subject, or any
/// text of its own in what it holds.
macro_rules! concerns {
    ($first:literal $($place:literal)*) => {
        concat!(
            "about IN ($", $first, $(", $", $place,)* ") OR about IN (SELECT id FROM change WHERE subject IN ($", $first,
            $(", $", $place,)* ") OR replace(body, '\"' || $", $first, " || '\"', '') <> body",
            $(" OR replace(body, '\"' || $", $place, " || '\"', '') <> body",)* ")"
        )
    };
}

/// The statement that both orders share.
macro_rules! found {
    ($order:literal) => {
        concat!(
            "SELECT seq, at_ms, actor, action, about, detail, hash FROM audit
              WHERE seq > $1 AND at_ms >= $2 AND at_ms < $3 AND ($4 = '' OR about = $4)
                AND ($5 = '' OR action = $5 OR substr(action, 1, length($5) + 1) = $5 || '.'
                     OR substr(action, length(action) - length($5)) = '.' || $5)
                AND ($6 = 0 OR actor IN ($7, $8, $9, $10, $11, $12, $13, $14) OR ",
            concerns!(7 8 9 10 11 12 13 14),
            ") AND ($15 = 0 OR ",
            concerns!(16 17 18 19 20 21 22 23),
            ") ORDER BY seq ",
            $order,
            " LIMIT $24 OFFSET $25"
        )
    };
}

impl Store {
    /// How often somebody did something since a moment.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn count_acts(&self, actor: &str, action: &str, since: Moment) -> Result<i64, Error> {
        let query = sqlx::query("SELECT COUNT(*) FROM audit WHERE actor = $1 AND action = $2 AND at_ms >= $3");
        let row = query.bind(actor).bind(action).bind(since.as_millisecond()).fetch_one(&self.reader).await?;
        Ok(row.try_get(0)?)
    }

    /// Entries, newest first; with `after_seq`, oldest first.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn trail(&self, wanted: &Trail) -> Result<Vec<AuditEntry>, Error> {
        Ok(self.links_of_trail(wanted).await?.into_iter().map(|it| it.entry).collect())
    }

    /// The same, each with its hash.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn links_of_trail(&self, wanted: &Trail) -> Result<Vec<Link>, Error> {
        let statement = if wanted.after_seq.is_some() { found!("ASC") } else { found!("DESC") };
        let query = sqlx::query(statement)
            .bind(wanted.after_seq.unwrap_or(i64::MIN))
            .bind(wanted.since.map_or(i64::MIN, Moment::as_millisecond))
            .bind(wanted.until.map_or(i64::MAX, Moment::as_millisecond))
            .bind(wanted.about.as_deref().unwrap_or_default())
            .bind(wanted.action.as_deref().unwrap_or_default());
        let query = bind_names(bind_names(query, &wanted.of), &wanted.concerning);
        let rows = query.bind(wanted.limit).bind(wanted.skip).fetch_all(&self.reader).await?;
        rows.iter().map(link).collect()
    }
}

type Asked<'q> = Query<'q, sqlx::Any, sqlx::any::AnyArguments>;

/// Binds whether there are names, and as many as there are places: the first one stands in for those that are not there.
fn bind_names<'q>(query: Asked<'q>, names: &'q [String]) -> Asked<'q> {
    let first = names.first().map_or("", String::as_str);
    let query = query.bind(i64::from(!names.is_empty()));
    (0..MOST_NAMES).fold(query, |query, at| query.bind(names.get(at).map_or(first, String::as_str)))
}

fn link(row: &AnyRow) -> Result<Link, Error> {
    Ok(Link { entry: entry(row)?, hash: row.try_get("hash")? })
}

impl Store {
    /// Everything that a member goes by in the trail: id, address, and the accounts of whoever is linked to them. Also of
    /// members who have left. `known` is an id or an address.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn names_of_member(&self, known: &str) -> Result<Vec<String>, Error> {
        let members =
            sqlx::query("SELECT id, email FROM member WHERE id = $1 OR email = $2 ORDER BY added_at_ms DESC, id")
                .bind(known)
                .bind(known.to_lowercase())
                .fetch_all(&self.reader)
                .await?;
        let mut names = Vec::new();
        for member in &members {
            let id: String = member.try_get(0)?;
            let accounts = sqlx::query(
                "SELECT l.account FROM link l JOIN person p ON p.id = l.person_id WHERE p.member_id = $1 ORDER BY l.account",
            );
            let accounts = accounts.bind(&id).fetch_all(&self.reader).await?;
            names.extend([id, member.try_get(1)?]);
            for account in &accounts {
                names.push(account.try_get(0)?);
            }
        }
        Ok(names)
    }
}
