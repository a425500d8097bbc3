//! A report that a channel gets by itself: one message, with what changed, the largest five, a chart, and the rest below.

use super::capital;
use crate::chat::{Block, Chart, ChartKind, Details, Message, Series, Table, Text, Tone, grouped};
use crate::domain::{Amount, Line, Period, Ranking, Report, ReportKind, Rhythm, Unit};

/// So many stand in the message; the rest is summed, and listed below.
const TOP: usize = 5;
/// So many are listed below: what fits into a table of a message everywhere.
const LISTED: usize = 40;
/// More days than this are a line.
const BARS: usize = 10;

/// The report as a message.
#[must_use]
pub fn message(report: &Report) -> Message {
    let total = &report.total;
    let headline = Text::plain(format!("{} {}: ", subject(report.kind), span(report)))
        .strong(figure(report.unit, total.now))
        .then(format!(", {}.", change(report.unit, total, report.rhythm)));
    let mut message = Message::new(headline).tone(if report.waits { Tone::Waiting } else { Tone::Neutral });
    for note in &report.notes {
        message = message.paragraph(note.as_str());
    }
    if total.now == 0 && total.before == 0 {
        return message;
    }
    if let Some(first) = report.rankings.first().filter(|it| !it.lines.is_empty()) {
        message = message.block(Block::Table(table(report, first, TOP)));
    }
    message = message.block(Block::Chart(chart(report)));
    // The first one stands above already, if it is short.
    let is_told = |(at, it): &(usize, &Ranking)| *at == 0 && it.lines.len() <= TOP;
    let all = report.rankings.iter().enumerate().filter(|it| !is_told(it) && !it.1.lines.is_empty());
    for (_, ranking) in all {
        let title = format!("By {}", ranking.by);
        let blocks = vec![Block::Table(table(report, ranking, LISTED))];
        message = message.block(Block::Details(Details { title, blocks }));
    }
    message
}

fn subject(kind: ReportKind) -> &'static str {
    match kind {
        ReportKind::Digest => "Spend",
        ReportKind::Requests => "Requests",
        ReportKind::Audit => "The audit trail",
        ReportKind::Warnings => "Warnings",
    }
}

/// The time that it is about: a day, the days of a week, a month.
fn span(report: &Report) -> String {
    let Period { first, next, .. } = report.period;
    match report.rhythm {
        Rhythm::Daily => format!("on {}", first.strftime("%A, %-d %B %Y")),
        Rhythm::Weekly => {
            let last = next.yesterday().unwrap_or(first);
            format!("of the week from {} to {}", first.strftime("%-d %B"), last.strftime("%-d %B %Y"))
        }
        Rhythm::Monthly => format!("of {}", first.strftime("%B %Y")),
    }
}

/// A figure as it is read.
fn figure(unit: Unit, value: i64) -> String {
    match unit {
        Unit::Money => Amount(value).to_string(),
        Unit::Count(one, _) if value == 1 => format!("1 {one}"),
        Unit::Count(_, many) => format!("{} {many}", grouped(value.unsigned_abs())),
    }
}

/// How a figure changed: `up 12 % ($132.00) on the week before`.
fn change(unit: Unit, line: &Line, rhythm: Rhythm) -> String {
    let before = match rhythm {
        Rhythm::Daily => "the day before",
        Rhythm::Weekly => "the week before",
        Rhythm::Monthly => "the month before",
    };
    let delta = line.now.saturating_sub(line.before);
    if delta == 0 {
        return format!("as much as {before}");
    }
    let way = if delta > 0 { "up" } else { "down" };
    let size = figure(unit, delta.saturating_abs());
    match percent(delta, line.before) {
        Some(percent) => format!("{way} {percent} % ({size}) on {before}"),
        None => format!("{way} {size} on {before}, which had none"),
    }
}

/// A change in whole percent, without its sign; none of nothing.
fn percent(delta: i64, before: i64) -> Option<i128> {
    (before != 0).then(|| (i128::from(delta) * 100 / i128::from(before)).abs())
}

/// How a figure changed, in a cell.
fn delta(line: &Line) -> String {
    let delta = line.now.saturating_sub(line.before);
    match (delta.signum(), percent(delta, line.before)) {
        (0, _) => "=".into(),
        // Not worth a sign.
        (_, Some(0)) => "0 %".into(),
        (1, Some(percent)) => format!("+{percent} %"),
        (1, None) => "new".into(),
        (_, Some(percent)) => format!("-{percent} %"),
        (_, None) => "-".into(),
    }
}

fn table(report: &Report, ranking: &Ranking, most: usize) -> Table {
    let cells = |line: &Line| {
        let cell = |value: i64| match report.unit {
            Unit::Money => Amount(value).to_string(),
            Unit::Count(..) => grouped(value.unsigned_abs()),
        };
        let (now, before) = (cell(line.now), cell(line.before));
        vec![Text::plain(line.name.clone()), Text::plain(now), Text::plain(before), Text::plain(delta(line))]
    };
    let mut rows: Vec<Vec<Text>> = ranking.lines.iter().take(most).map(cells).collect();
    let rest = ranking.lines.get(most..).unwrap_or_default();
    if !rest.is_empty() {
        let sum = |of: fn(&Line) -> i64| rest.iter().map(of).fold(0_i64, i64::saturating_add);
        rows.push(cells(&Line {
            name: format!("{} more", rest.len()),
            now: sum(|it| it.now),
            before: sum(|it| it.before),
        }));
    }
    let by = capital(ranking.by);
    let columns = [by.as_str(), "This time", "Before", "Change"].map(str::to_owned).to_vec();
    Table { caption: format!("{} by {}", subject(report.kind), ranking.by), columns, rows }
}

/// Day by day, beside the period before; a single day by what it is told apart by.
fn chart(report: &Report) -> Chart {
    let unit = match report.unit {
        Unit::Money => "USD".to_owned(),
        Unit::Count(_, many) => many.to_owned(),
    };
    let point = |value: i64| match report.unit {
        Unit::Money => Amount(value).to_point(),
        Unit::Count(..) => small(value),
    };
    let named = |name: &str, points: Vec<f64>| Series { name: name.to_owned(), points };
    if report.days.len() == 1 {
        let lines = report.rankings.first().map(|it| it.lines.as_slice()).unwrap_or_default();
        let lines = &lines[..lines.len().min(TOP)];
        return Chart {
            title: format!("{} by {}", subject(report.kind), report.rankings.first().map_or("day", |it| it.by)),
            kind: ChartKind::Bar,
            unit,
            categories: lines.iter().map(|it| it.name.clone()).collect(),
            series: vec![
                named("this day", lines.iter().map(|it| point(it.now)).collect()),
                named("the day before", lines.iter().map(|it| point(it.before)).collect()),
            ],
        };
    }
    let (now, before) = if report.rhythm == Rhythm::Weekly {
        ("this week", "the week before")
    } else {
        ("this month", "the month before")
    };
    Chart {
        title: format!("{} by day", subject(report.kind)),
        kind: if report.days.len() > BARS { ChartKind::Line } else { ChartKind::Bar },
        unit,
        categories: report
            .days
            .iter()
            .map(|(day, ..)| day.strftime(if report.days.len() > BARS { "%-d" } else { "%a %-d" }).to_string())
            .collect(),
        series: vec![
            named(now, report.days.iter().map(|(_, now, _)| point(*now)).collect()),
            named(before, report.days.iter().map(|(.., before)| before.map_or(f64::NAN, point)).collect()),
        ],
    }
}

/// A count as a point of a chart, which is drawn and not added up.
fn small(value: i64) -> f64 {
    f64::from(i32::try_from(value).unwrap_or(i32::MAX))
}
