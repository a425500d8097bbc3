//! What the organization should be like, what the directory says it is like, and the differences that people were told of.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::Row;
use sqlx::any::AnyRow;

use super::{Error, Resource, Store, Tx};
use crate::clock::{Moment, moment};
use crate::domain::{Difference, Drift, DriftKind, DriftState, Observed, Thing};

/// What is known of all things, and of which lists and workspaces that is known at all.
#[derive(Debug, Default)]
pub struct Survey {
    /// The things that are there, and those that were.
    pub things: BTreeMap<Thing, Observed>,
    /// The lists that were read to their end, and the workspaces whose members were looked at, when each.
    pub looked: BTreeMap<String, Moment>,
    /// The workspace that everybody is in.
    default: Option<String>,
}

impl Survey {
    /// The list, or the workspace, that says whether `thing` is there.
    #[must_use]
    pub fn source(thing: &Thing) -> String {
        let list = match thing.kind {
            DriftKind::Member => Resource::Members,
            DriftKind::Invite => Resource::Invites,
            DriftKind::Workspace => Resource::Workspaces,
            DriftKind::ApiKey => Resource::ApiKeys,
            DriftKind::Membership => {
                return thing.as_seat().map(|(workspace, _)| workspace.to_owned()).unwrap_or_default();
            }
        };
        list.as_str().to_owned()
    }
}

/// The kind under which it is kept that a list, or a workspace, was taken as it was found first.
const LOOKED: &str = "looked";

impl Store {
    /// What the organization should be like; and the lists and workspaces of which that is known.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn expected(&self) -> Result<(BTreeMap<Thing, String>, BTreeSet<String>), Error> {
        let rows = sqlx::query("SELECT kind, subject, value FROM expected").fetch_all(&self.reader).await?;
        let (mut things, mut looked) = (BTreeMap::new(), BTreeSet::new());
        for row in &rows {
            let (kind, subject): (String, String) = (row.try_get(0)?, row.try_get(1)?);
            if kind == LOOKED {
                looked.insert(subject);
            } else if let Some(kind) = DriftKind::stored(&kind) {
                things.insert(Thing::new(kind, subject), row.try_get(2)?);
            }
        }
        Ok((things, looked))
    }

    /// Keeps what a thing should be like from now on: none if it should not be there.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn expect(&self, tx: &mut Tx<'_>, thing: &Thing, value: Option<&str>) -> Result<(), Error> {
        keep(tx, (thing.kind.as_str(), &thing.id), value).await
    }

    /// Keeps that everything in a list, or a workspace, is known from now on.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn expect_all_of(&self, tx: &mut Tx<'_>, source: &str) -> Result<(), Error> {
        keep(tx, (LOOKED, source), Some("yes")).await
    }

    /// All things that the directory knows, present and gone.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn survey(&self, now: Moment) -> Result<Survey, Error> {
        let mut survey = Survey::default();
        for it in self.freshness().await? {
            if let Some(at) = it.complete_at {
                survey.looked.insert(it.resource, at);
            }
        }
        self.survey_members(&mut survey).await?;
        self.survey_invites(&mut survey, now).await?;
        self.survey_workspaces(&mut survey).await?;
        self.survey_keys(&mut survey).await?;
        Ok(survey)
    }

    async fn survey_members(&self, survey: &mut Survey) -> Result<(), Error> {
        let rows = sqlx::query(
            "SELECT m.id, m.email, m.role, m.gone_at_ms,
                    (SELECT MAX(i.role) FROM invite i WHERE i.email = m.email AND i.status = 'accepted')
               FROM member m",
        );
        for row in rows.fetch_all(&self.reader).await? {
            let role: String = row.try_get(2)?;
            let is_gone = row.try_get::<Option<i64>, _>(3)?.is_some();
            let asked_in = row.try_get::<Option<String>, _>(4)?;
            let by_itself = !is_gone && asked_in.as_ref() == Some(&role);
            let thing = Thing::new(DriftKind::Member, row.try_get::<String, _>(0)?);
            survey.add(thing, (!is_gone).then_some(role), (row.try_get(1)?, by_itself), &[]);
        }
        Ok(())
    }

    async fn survey_invites(&self, survey: &mut Survey, now: Moment) -> Result<(), Error> {
        let rows = sqlx::query("SELECT id, email, role, status, expires_at_ms, gone_at_ms FROM invite");
        for row in rows.fetch_all(&self.reader).await? {
            let status: String = row.try_get(3)?;
            let lapsed = row.try_get::<i64, _>(4)? <= now.as_millisecond();
            let is_open = status == "pending" && row.try_get::<Option<i64>, _>(5)?.is_none() && !lapsed;
            let by_itself = !is_open && (lapsed || matches!(status.as_str(), "accepted" | "expired"));
            let role = is_open.then(|| row.try_get(2)).transpose()?;
            let thing = Thing::new(DriftKind::Invite, row.try_get::<String, _>(0)?);
            survey.add(thing, role, (row.try_get(1)?, by_itself), &[]);
        }
        Ok(())
    }

    async fn survey_workspaces(&self, survey: &mut Survey) -> Result<(), Error> {
        let rows = sqlx::query("SELECT id, name, archived_at_ms, gone_at_ms, members_seen_at_ms FROM workspace");
        let mut names = BTreeMap::new();
        for row in rows.fetch_all(&self.reader).await? {
            let (id, name): (String, String) = (row.try_get(0)?, row.try_get(1)?);
            let is_archived = row.try_get::<Option<i64>, _>(2)?.is_some();
            let value = if is_archived { "archived" } else { "active" };
            let value = row.try_get::<Option<i64>, _>(3)?.is_none().then(|| value.to_owned());
            if let Some(seen) = row.try_get::<Option<i64>, _>(4)?.filter(|_| !is_archived) {
                survey.looked.insert(id.clone(), moment(seen));
            }
            survey.add(Thing::new(DriftKind::Workspace, id.clone()), value, (name.clone(), false), &[]);
            names.insert(id, name);
        }
        let default = self.default_workspace().await?.map(|it| it.id);
        let rows = sqlx::query(
            "SELECT s.workspace_id, s.user_id, s.workspace_role, m.email, m.gone_at_ms, m.role
               FROM membership s LEFT JOIN member m ON m.id = s.user_id",
        );
        for row in rows.fetch_all(&self.reader).await? {
            let (workspace, user): (String, String) = (row.try_get(0)?, row.try_get(1)?);
            let has_left = row.try_get::<Option<i64>, _>(4)?.is_some();
            let role: Option<String> = if has_left { None } else { Some(row.try_get(2)?) };
            let label = row.try_get::<Option<String>, _>(3)?.unwrap_or_else(|| user.clone());
            let owners = [Thing::new(DriftKind::Workspace, &*workspace), Thing::new(DriftKind::Member, &*user)];
            // Admins and whoever looks after billing are in every workspace by their role, not because somebody put them there;
            // everybody is in the default one.
            let by_role = matches!(row.try_get::<Option<String>, _>(5)?.as_deref(), Some("admin" | "billing"));
            let inherited = by_role || default.as_ref() == Some(&workspace);
            survey.add(Thing::seat(&workspace, &user), role, (label, inherited), &owners);
            survey.place(&Thing::seat(&workspace, &user), names.get(&workspace));
        }
        survey.default = default;
        Ok(())
    }

    async fn survey_keys(&self, survey: &mut Survey) -> Result<(), Error> {
        let rows = sqlx::query(
            "SELECT k.id, k.name, k.status, k.kind, k.owner_id, k.workspace_id, k.gone_at_ms, w.name
               FROM api_key k LEFT JOIN workspace w ON w.id = k.workspace_id",
        );
        for row in rows.fetch_all(&self.reader).await? {
            let (status, kind): (String, String) = (row.try_get(2)?, row.try_get(3)?);
            let value = row.try_get::<Option<i64>, _>(6)?.is_none().then(|| status.clone());
            let owner = row.try_get::<Option<String>, _>(4)?.filter(|_| kind == "personal");
            let workspace: Option<String> = row.try_get(5)?;
            let owners: Vec<Thing> = (owner.map(|it| Thing::new(DriftKind::Member, it)).into_iter())
                .chain(workspace.map(|it| Thing::new(DriftKind::Workspace, it)))
                .collect();
            let thing = Thing::new(DriftKind::ApiKey, row.try_get::<String, _>(0)?);
            survey.add(thing.clone(), value, (row.try_get(1)?, status == "expired"), &owners);
            survey.place(&thing, row.try_get::<Option<String>, _>(7)?.as_ref());
        }
        Ok(())
    }

    /// Writes a new difference down, in the caller's transaction; none if one about the same thing stands already.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn find_drift(&self, tx: &mut Tx<'_>, it: &Difference, at: Moment) -> Result<Option<i64>, Error> {
        let number = Self::count(tx, "drift").await?;
        let done = sqlx::query(
            "INSERT INTO drift (number, kind, subject, before_value, after_value, label, place, folded, state, found_at_ms)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'open', $9) ON CONFLICT DO NOTHING",
        )
        .bind(number)
        .bind(it.thing.kind.as_str())
        .bind(&it.thing.id)
        .bind(it.before.as_deref())
        .bind(it.after.as_deref())
        .bind(&it.label)
        .bind(it.place.as_deref())
        .bind(it.folded)
        .bind(at.as_millisecond())
        .execute(&mut **tx)
        .await?;
        Ok((done.rows_affected() == 1).then_some(number))
    }

    /// Says what has become of a drift. False if somebody was faster.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn settle_drift(
        &self,
        tx: &mut Tx<'_>,
        number: i64,
        (to, until): (DriftState, Option<Moment>),
        (by, at): (&str, Moment),
    ) -> Result<bool, Error> {
        let done = sqlx::query(
            "UPDATE drift SET state = $1, ignored_until_ms = $2, settled_by = $3, settled_at_ms = $4
              WHERE number = $5 AND (state = 'open' OR (state = 'ignored' AND $1 <> 'ignored'))",
        )
        .bind(to.as_str())
        .bind(until.map(Moment::as_millisecond))
        .bind(by)
        .bind(at.as_millisecond())
        .bind(number)
        .execute(&mut **tx)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// One drift.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn drift(&self, number: i64) -> Result<Option<Drift>, Error> {
        let query = sqlx::query(
            "SELECT number, kind, subject, before_value, after_value, label, place, folded, state, found_at_ms, settled_by,
                    settled_at_ms, ignored_until_ms FROM drift WHERE number = $1",
        );
        query.bind(number).fetch_optional(&self.reader).await?.as_ref().map(drift).transpose()
    }

    /// Every drift that stands, open and ignored, oldest first.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn standing_drifts(&self) -> Result<Vec<Drift>, Error> {
        let query = sqlx::query(
            "SELECT number, kind, subject, before_value, after_value, label, place, folded, state, found_at_ms, settled_by,
                    settled_at_ms, ignored_until_ms FROM drift WHERE state IN ('open', 'ignored') ORDER BY number",
        );
        query.fetch_all(&self.reader).await?.iter().map(drift).collect()
    }
}

impl Survey {
    /// Puts in what should be there and of which the directory keeps no row any more.
    pub fn fill(&mut self, expected: &BTreeMap<Thing, String>) {
        for thing in expected.keys() {
            let Some((workspace, user)) = thing.as_seat().filter(|_| !self.things.contains_key(thing)) else {
                continue;
            };
            let owners = [Thing::new(DriftKind::Workspace, workspace), Thing::new(DriftKind::Member, user)];
            let by_itself = self.default.as_deref() == Some(workspace);
            let name = |of: &Thing| self.things.get(of).map(|it| it.label.clone());
            let (place, label) = (name(&owners[0]), name(&owners[1]).unwrap_or_else(|| user.to_owned()));
            self.add(thing.clone(), None, (label, by_itself), &owners);
            self.place(thing, place.as_ref());
        }
    }

    /// Adds a thing with its value, what people call it, and whether it came about by itself.
    fn add(&mut self, thing: Thing, value: Option<String>, (label, by_itself): (String, bool), owners: &[Thing]) {
        let at = self.looked.get(&Self::source(&thing)).copied().unwrap_or(Moment::MIN);
        self.things.insert(thing, Observed { value, label, place: None, owners: owners.to_vec(), at, by_itself });
    }

    fn place(&mut self, thing: &Thing, name: Option<&String>) {
        if let Some(it) = self.things.get_mut(thing) {
            it.place = name.cloned();
        }
    }
}

async fn keep(tx: &mut Tx<'_>, (kind, subject): (&str, &str), value: Option<&str>) -> Result<(), Error> {
    let query = match value {
        Some(value) => sqlx::query(
            "INSERT INTO expected (kind, subject, value) VALUES ($1, $2, $3)
             ON CONFLICT (kind, subject) DO UPDATE SET value = $3",
        )
        .bind(kind)
        .bind(subject)
        .bind(value),
        None => sqlx::query("DELETE FROM expected WHERE kind = $1 AND subject = $2").bind(kind).bind(subject),
    };
    query.execute(&mut **tx).await?;
    Ok(())
}

fn drift(row: &AnyRow) -> Result<Drift, Error> {
    let kind = DriftKind::stored(row.try_get(1)?).ok_or(Error::Corrupt("drift.kind"))?;
    let settled: (Option<String>, Option<i64>) = (row.try_get(10)?, row.try_get(11)?);
    Ok(Drift {
        number: row.try_get(0)?,
        difference: Difference {
            thing: Thing::new(kind, row.try_get::<String, _>(2)?),
            before: row.try_get(3)?,
            after: row.try_get(4)?,
            label: row.try_get(5)?,
            place: row.try_get(6)?,
            folded: row.try_get(7)?,
        },
        state: DriftState::stored(row.try_get(8)?).ok_or(Error::Corrupt("drift.state"))?,
        found_at: moment(row.try_get(9)?),
        settled: settled.0.zip(settled.1.map(moment)),
        ignored_until: row.try_get::<Option<i64>, _>(12)?.map(moment),
    })
}
