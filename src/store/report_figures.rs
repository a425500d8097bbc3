//! The figures of a report, of its period and of the one before.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use sqlx::Row;

use super::{Error, SpendNames, Store};
use crate::clock::{Moment, moment};
use crate::domain::{Basis, Beat, Dimension, Line, Period, Ranking, Report, ReportKind, Scope, SpendQuery, Unit};

const HOUR_MS: i64 = 3_600_000;

/// A figure for each name.
type Figures = BTreeMap<String, i64>;

impl Store {
    /// The report of a kind that is due at `at`; none for warnings, which have no period. People and keys are named only if
    /// `names` says so.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn report(
        &self,
        kind: ReportKind,
        beat: &Beat,
        at: Moment,
        names: bool,
    ) -> Result<Option<Report>, Error> {
        let Some((period, before)) = beat.periods(at) else { return Ok(None) };
        let mut report = Report {
            kind,
            rhythm: beat.rhythm,
            period,
            unit: Unit::Money,
            total: Line::default(),
            days: Vec::new(),
            rankings: Vec::new(),
            notes: Vec::new(),
            waits: false,
        };
        let (zone, both) = (beat.time_zone(), [&period, &before]);
        match kind {
            ReportKind::Warnings => return Ok(None),
            ReportKind::Digest => self.spending(&mut report, both, &zone, names).await?,
            ReportKind::Requests => self.asking(&mut report, both, &zone, names).await?,
            ReportKind::Audit => self.doing(&mut report, both, &zone, names).await?,
        }
        Ok(Some(report))
    }

    async fn spending(
        &self,
        report: &mut Report,
        both: [&Period; 2],
        zone: &TimeZone,
        names: bool,
    ) -> Result<(), Error> {
        let mut by = vec![("workspace", Dimension::Workspace), ("model", Dimension::Model)];
        if names {
            by.extend([("person", Dimension::Person), ("key", Dimension::Key)]);
        }
        let all = self.spend(&query(both[0], Vec::new())).await?;
        let days = [
            self.spent(both[0], Dimension::Day(zone.clone())).await?,
            self.spent(both[1], Dimension::Day(zone.clone())).await?,
        ];
        report.days = side_by_side(both, &days);
        report.total = sum(&days);
        let called = self.spend_names().await?;
        for (name, dimension) in by {
            let now = named(name, self.spent(both[0], dimension.clone()).await?, &called);
            let before = named(name, self.spent(both[1], dimension).await?, &called);
            report.rankings.push(ranked(name, &[now, before]));
        }
        if let Some(all) = all.first() {
            report.notes.push(match all.basis {
                Basis::Billed => format!("As billed. Known up to {}.", minute(all.as_of)),
                Basis::Reconciled => format!("Scaled to what was billed. Known up to {}.", minute(all.as_of)),
                Basis::Estimate => {
                    format!("Estimated, in part at least: tokens at list prices. Known up to {}.", minute(all.as_of))
                }
            });
            if all.unpriced_tokens > 0 {
                report.notes.push(format!("{} tokens have no price, and are not in it.", all.unpriced_tokens));
            }
        }
        Ok(())
    }

    async fn spent(&self, period: &Period, by: Dimension) -> Result<Figures, Error> {
        let mut figures = Figures::new();
        for it in self.spend(&query(period, vec![by])).await? {
            let name = it.group.into_iter().next().flatten().unwrap_or_default();
            *figures.entry(name).or_default() += it.amount.0;
        }
        Ok(figures)
    }

    async fn asking(&self, report: &mut Report, both: [&Period; 2], zone: &TimeZone, names: bool) -> Result<(), Error> {
        let (mut days, mut kinds, mut people) = (none(), none(), none());
        for (at, period) in both.into_iter().enumerate() {
            let rows = sqlx::query(
                "SELECT c.kind, c.asked_at_ms, COALESCE(p.name, c.asked_by) FROM change c LEFT JOIN person p ON p.id = c.asked_by
                  WHERE c.asked_at_ms >= $1 AND c.asked_at_ms < $2",
            )
            .bind(period.from.as_millisecond())
            .bind(period.to.as_millisecond())
            .fetch_all(&self.reader)
            .await?;
            for row in &rows {
                count(&mut kinds[at], row.try_get(0)?, 1);
                count(&mut days[at], day(row.try_get(1)?, zone), 1);
                count(&mut people[at], row.try_get(2)?, 1);
            }
        }
        report.unit = Unit::Count("request", "requests");
        report.days = side_by_side(both, &days);
        report.total = sum(&days);
        report.rankings.push(ranked("kind", &kinds));
        if names {
            report.rankings.push(ranked("person", &people));
        }
        let waiting: i64 = sqlx::query("SELECT CAST(COUNT(*) AS BIGINT) FROM change WHERE state = 'waiting'")
            .fetch_one(&self.reader)
            .await?
            .try_get(0)?;
        report.waits = waiting > 0;
        report.notes.push(match waiting {
            0 => "Nothing waits for a decision.".into(),
            1 => "One request waits for a decision.".into(),
            many => format!("{many} requests wait for a decision."),
        });
        Ok(())
    }

    async fn doing(&self, report: &mut Report, both: [&Period; 2], zone: &TimeZone, names: bool) -> Result<(), Error> {
        let (mut days, mut actions, mut people) = (none(), none(), none());
        for (at, period) in both.into_iter().enumerate() {
            let rows = sqlx::query(
                "SELECT at_ms / 3600000, action, actor, CAST(COUNT(*) AS BIGINT) FROM audit
                  WHERE at_ms >= $1 AND at_ms < $2 GROUP BY 1, 2, 3",
            )
            .bind(period.from.as_millisecond())
            .bind(period.to.as_millisecond())
            .fetch_all(&self.reader)
            .await?;
            for row in &rows {
                let (hour, entries): (i64, i64) = (row.try_get(0)?, row.try_get(3)?);
                count(&mut days[at], day(hour * HOUR_MS, zone), entries);
                count(&mut actions[at], row.try_get(1)?, entries);
                count(&mut people[at], row.try_get(2)?, entries);
            }
        }
        report.unit = Unit::Count("entry", "entries");
        report.days = side_by_side(both, &days);
        report.total = sum(&days);
        report.rankings.push(ranked("action", &actions));
        if names {
            report.rankings.push(ranked("account", &people));
        }
        Ok(())
    }
}

/// The same figures under what people call each thing.
fn named(by: &str, figures: Figures, all: &SpendNames) -> Figures {
    let (names, nobody) = match by {
        "workspace" => (&all.workspaces, "Default"),
        "key" => (&all.keys, "not attributed"),
        "person" => (&all.people, "not attributed"),
        _ => return figures.into_iter().map(|(id, it)| (or_none(&id, "not attributed"), it)).collect(),
    };
    let mut named = Figures::new();
    for (id, figure) in figures {
        let name = names.get(&id).cloned().unwrap_or_else(|| or_none(&id, nobody));
        // Two may have one name: then the id tells them apart.
        let name = if named.contains_key(&name) { format!("{name} ({id})") } else { name };
        named.insert(name, figure);
    }
    named
}

fn query(period: &Period, by: Vec<Dimension>) -> SpendQuery {
    SpendQuery { scope: Scope::Organization, from: period.from, to: period.to, by }
}

fn none() -> [Figures; 2] {
    [Figures::new(), Figures::new()]
}

fn count(figures: &mut Figures, name: String, by: i64) {
    *figures.entry(name).or_default() += by;
}

fn day(at_ms: i64, zone: &TimeZone) -> String {
    zone.to_datetime(moment(at_ms)).date().to_string()
}

fn or_none(id: &str, none: &str) -> String {
    if id.is_empty() { none.to_owned() } else { id.to_owned() }
}

fn minute(at: Moment) -> String {
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

fn sum(both: &[Figures; 2]) -> Line {
    let sum = |it: &Figures| it.values().fold(0_i64, |sum, it| sum.saturating_add(*it));
    Line { name: String::new(), now: sum(&both[0]), before: sum(&both[1]) }
}

/// Each day with the one that is as far into the period before.
fn side_by_side([now, before]: [&Period; 2], figures: &[Figures; 2]) -> Vec<(Date, i64, Option<i64>)> {
    let of = |at: usize, day: Date| figures[at].get(&day.to_string()).copied().unwrap_or_default();
    let mut earlier = before.days();
    now.days().map(|day| (day, of(0, day), earlier.next().map(|it| of(1, it)))).collect()
}

fn ranked(by: &'static str, [now, before]: &[Figures; 2]) -> Ranking {
    let mut lines: Vec<Line> = now
        .iter()
        .map(|(name, figure)| Line {
            name: name.clone(),
            now: *figure,
            before: before.get(name).copied().unwrap_or_default(),
        })
        .collect();
    let gone = before.iter().filter(|(name, _)| !now.contains_key(*name));
    lines.extend(gone.map(|(name, figure)| Line { name: name.clone(), now: 0, before: *figure }));
    lines.sort_by(|one, other| {
        other.now.cmp(&one.now).then(other.before.cmp(&one.before)).then(one.name.cmp(&other.name))
    });
    Ranking { by, lines }
}
