//! What was spent: the one question that reports, limits and the home page ask.
//!
//! Whole days come from the days, the rest from the hours. What a row is about is put together here, not in SQL, because who a
//! key belongs to is known by rows that are bound with a key outside the database.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use sqlx::Row;
use sqlx::any::AnyRow;

use super::spend_whose::Whose;
use super::{Error, Store};
use crate::clock::{Moment, moment};
use crate::domain::{Amount, Basis, Dimension, Parts, SpendQuery, Spent};

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;
/// So long that everything lies in one piece of it.
const ALWAYS_MS: i64 = i64::MAX / 2;

/// A part of the time asked about, all of which is read alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stretch {
    from: i64,
    to: i64,
    /// Read from the days, which it holds whole.
    whole_days: bool,
    /// Local time is so much ahead.
    ahead: i64,
    /// Cut into pieces of this length.
    piece: i64,
}

/// What the database answers: one combination, on one ground, in one piece of time.
struct Line {
    piece: i64,
    basis: Basis,
    amount: Amount,
    tokens: i64,
    unpriced: i64,
    key: String,
    actor: String,
    workspace: String,
    model: String,
    kind: String,
}

impl Store {
    /// What was spent, to the hour: dearest first. Asked by nothing, the answer is one row, and zero if there was nothing.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn spend(&self, query: &SpendQuery) -> Result<Vec<Spent>, Error> {
        let whose = self.whose_spend(query).await?;
        let (weakest, as_of) = self.spend_ground(query).await?;
        let nothing = |group| Spent {
            group,
            amount: Amount::ZERO,
            tokens: 0,
            unpriced_tokens: 0,
            basis: Basis::Billed,
            parts: Parts::default(),
            as_of,
        };
        let mut groups: BTreeMap<Vec<Option<String>>, Spent> = BTreeMap::new();
        for stretch in stretches(query) {
            for line in self.spend_lines(&stretch).await? {
                if !whose.is_within(&query.scope, [&line.key, &line.actor, &line.workspace, &line.model]) {
                    continue;
                }
                let group: Vec<_> = query.by.iter().map(|by| value(by, &line, &stretch, &whose)).collect();
                let sum = groups.entry(group.clone()).or_insert_with(|| nothing(group));
                sum.amount += line.amount;
                sum.tokens = sum.tokens.saturating_add(line.tokens);
                sum.unpriced_tokens = sum.unpriced_tokens.saturating_add(line.unpriced);
                sum.basis = sum.basis.max(line.basis);
                sum.parts.add(line.basis, line.amount);
            }
        }
        if groups.is_empty() && query.by.is_empty() {
            return Ok(vec![Spent { basis: weakest, ..nothing(Vec::new()) }]);
        }
        let mut all: Vec<Spent> = groups.into_values().collect();
        all.sort_by(|one, other| other.amount.cmp(&one.amount).then(other.tokens.cmp(&one.tokens)));
        Ok(all)
    }

    /// The weakest ground that days of the time asked about stand on, and how far the data reaches.
    async fn spend_ground(&self, query: &SpendQuery) -> Result<(Basis, Moment), Error> {
        let rows = sqlx::query(
            "SELECT basis, MAX(as_of_ms) FROM spend_state WHERE day_ms > $1 AND day_ms < $2 GROUP BY basis",
        )
        .bind(query.from.as_millisecond() - DAY_MS)
        .bind(query.to.as_millisecond())
        .fetch_all(&self.reader)
        .await?;
        let (mut weakest, mut as_of) = (None, query.from);
        for row in &rows {
            let basis: String = row.try_get(0)?;
            weakest = weakest.max(Some(Basis::stored(&basis)));
            as_of = as_of.max(moment(row.try_get(1)?));
        }
        Ok((weakest.unwrap_or(Basis::Estimate), as_of))
    }

    async fn spend_lines(&self, stretch: &Stretch) -> Result<Vec<Line>, Error> {
        let query = if stretch.whole_days {
            sqlx::query(
                "SELECT f.piece, f.basis, f.amount, f.tokens, f.unpriced, s.key_id, s.actor, s.workspace_id, s.model, s.kind
                   FROM (SELECT d.series_id AS series_id, COALESCE(t.basis, 'estimate') AS basis,
                                (d.day_ms + $3) / $4 AS piece, CAST(SUM(d.amount) AS BIGINT) AS amount,
                                CAST(SUM(d.tokens) AS BIGINT) AS tokens, CAST(SUM(d.unpriced) AS BIGINT) AS unpriced
                           FROM spend_day d LEFT JOIN spend_state t ON t.day_ms = d.day_ms
                          WHERE d.day_ms >= $1 AND d.day_ms < $2 GROUP BY 1, 2, 3) f
                   JOIN spend_series s ON s.id = f.series_id",
            )
        } else {
            sqlx::query(
                "SELECT f.piece, f.basis, f.amount, f.tokens, f.unpriced, s.key_id, s.actor, s.workspace_id, s.model, s.kind
                   FROM (SELECT h.series_id AS series_id, COALESCE(t.basis, 'estimate') AS basis,
                                (h.hour_ms + $3) / $4 AS piece, CAST(SUM(h.amount) AS BIGINT) AS amount,
                                CAST(SUM(h.input + h.cache_read + h.cache_5m + h.cache_1h + h.output) AS BIGINT) AS tokens,
                                CAST(SUM(h.unpriced) AS BIGINT) AS unpriced
                           FROM spend_hour h LEFT JOIN spend_state t ON t.day_ms = h.hour_ms - h.hour_ms % 86400000
                          WHERE h.hour_ms >= $1 AND h.hour_ms < $2 GROUP BY 1, 2, 3) f
                   JOIN spend_series s ON s.id = f.series_id",
            )
        };
        let query = query.bind(stretch.from).bind(stretch.to).bind(stretch.ahead).bind(stretch.piece);
        query.fetch_all(&self.reader).await?.iter().map(line).collect()
    }
}

fn line(row: &AnyRow) -> Result<Line, Error> {
    let basis: String = row.try_get(1)?;
    Ok(Line {
        piece: row.try_get(0)?,
        basis: Basis::stored(&basis),
        amount: Amount(row.try_get(2)?),
        tokens: row.try_get(3)?,
        unpriced: row.try_get(4)?,
        key: row.try_get(5)?,
        actor: row.try_get(6)?,
        workspace: row.try_get(7)?,
        model: row.try_get(8)?,
        kind: row.try_get(9)?,
    })
}

fn value(by: &Dimension, line: &Line, stretch: &Stretch, whose: &Whose) -> Option<String> {
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    // The beginning of the piece, in true time.
    let at = || moment(line.piece.saturating_mul(stretch.piece).saturating_sub(stretch.ahead));
    match by {
        Dimension::Hour => Some(at().to_string()),
        Dimension::Day(zone) => Some(zone.to_datetime(at()).date().to_string()),
        Dimension::Workspace => some(&line.workspace),
        Dimension::Key => some(&line.key),
        Dimension::Person => whose.person(&line.key, &line.actor).map(str::to_owned),
        Dimension::Model => some(&line.model),
        Dimension::Tag => whose.tag(&line.key).map(str::to_owned),
        Dimension::Kind => some(&line.kind),
    }
}

/// The time asked about, cut where the local time changes and where whole days begin and end.
fn stretches(query: &SpendQuery) -> Vec<Stretch> {
    let hourly = query.by.contains(&Dimension::Hour);
    let zone = query.by.iter().find_map(|by| if let Dimension::Day(zone) = by { Some(zone) } else { None });
    let (from, to) = (query.from.as_millisecond(), query.to.as_millisecond());
    if hourly {
        return vec![Stretch { from, to, whole_days: false, ahead: 0, piece: HOUR_MS }];
    }
    let Some(zone) = zone else { return cut(from, to, (0, ALWAYS_MS)) };
    let mut all = Vec::new();
    let mut at = from;
    while at < to {
        let next = change_after(zone, at).filter(|it| *it < to).unwrap_or(to);
        let ahead = i64::from(zone.to_offset(moment(at)).seconds()) * 1_000;
        if ahead == 0 {
            all.extend(cut(at, next, (0, DAY_MS)));
        } else {
            all.push(Stretch { from: at, to: next, whole_days: false, ahead, piece: DAY_MS });
        }
        at = next;
    }
    all
}

fn change_after(zone: &TimeZone, at: i64) -> Option<i64> {
    zone.following(moment(at)).next().map(|it| it.timestamp().as_millisecond())
}

fn cut(from: i64, to: i64, (ahead, piece): (i64, i64)) -> Vec<Stretch> {
    let (first, last) = (from + (-from).rem_euclid(DAY_MS), to - to.rem_euclid(DAY_MS));
    let hours = |from: i64, to: i64| Stretch { from, to, whole_days: false, ahead, piece };
    let all = if first < last {
        vec![hours(from, first), Stretch { whole_days: true, ..hours(first, last) }, hours(last, to)]
    } else {
        vec![hours(from, to)]
    };
    all.into_iter().filter(|it| it.from < it.to).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Scope;

    fn query(from: &str, to: &str, by: Vec<Dimension>) -> SpendQuery {
        let read = |text: &str| text.parse().expect("a moment");
        SpendQuery { scope: Scope::Organization, from: read(from), to: read(to), by }
    }

    fn shape(query: &SpendQuery) -> Vec<(i64, bool, i64)> {
        stretches(query).iter().map(|it| ((it.to - it.from) / HOUR_MS, it.whole_days, it.ahead / HOUR_MS)).collect()
    }

    #[test]
    fn whole_days_come_from_days_and_the_rest_from_hours() {
        let month = query("2026-11-30T23:00:00Z", "2026-12-31T23:00:00Z", vec![]);
        assert_eq!(shape(&month), [(1, false, 0), (30 * 24, true, 0), (23, false, 0)]);
        let part = query("2026-12-01T03:00:00Z", "2026-12-01T09:00:00Z", vec![]);
        assert_eq!(shape(&part), [(6, false, 0)]);
        let day = query("2026-12-01T00:00:00Z", "2026-12-02T00:00:00Z", vec![Dimension::Day(TimeZone::UTC)]);
        assert_eq!(shape(&day), [(24, true, 0)]);
        assert_eq!(shape(&query("2026-12-01T00:00:00Z", "2026-12-01T00:00:00Z", vec![])), []);
    }

    #[test]
    fn local_days_are_cut_where_the_clocks_change() {
        let zone = TimeZone::get("Europe/Berlin").expect("a zone");
        let october = query("2026-09-30T22:00:00Z", "2026-10-31T23:00:00Z", vec![Dimension::Day(zone)]);
        assert_eq!(shape(&october), [(24 * 24 + 3, false, 2), (6 * 24 + 22, false, 1)]);
    }
}
