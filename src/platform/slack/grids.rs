//! Tables and charts: Slack's own where it takes them, and plain text that says the same where it does not.

use serde_json::{Value, json};

use super::limits::{
    CHART_CATEGORIES, CHART_LABEL, CHART_SERIES, CHART_TITLE, TABLE_COLUMNS, TABLE_HEAD, TABLE_ROWS, TABLE_TEXT,
};
use super::mrkdwn::is_safe;
use crate::chat::{Chart, ChartKind, Span, Table, Text};
use crate::platform::measure::{length, shortened};

/// A native table, and how many rows did not fit into it.
pub(super) fn table(table: &Table) -> (Value, usize) {
    let head: Vec<String> = table.columns.iter().take(TABLE_COLUMNS).map(|name| shortened(name, TABLE_HEAD)).collect();
    let width = head.len();
    let mut room = TABLE_TEXT - head.iter().map(|it| length(it)).sum::<usize>();
    let mut rows: Vec<Value> = vec![head.iter().map(|name| raw(name)).collect()];
    let nothing = Text::new();
    for row in table.rows.iter().take(TABLE_ROWS - 1) {
        // Each as long as the head.
        let row: Vec<&Text> = row.iter().chain(std::iter::repeat(&nothing)).take(width).collect();
        let needs: usize = row.iter().map(|it| length(&it.to_plain()).max(1)).sum();
        if needs > room {
            break;
        }
        room -= needs;
        rows.push(row.into_iter().map(cell).collect());
    }
    let left_out = table.rows.len() + 1 - rows.len();
    let settings: Vec<Value> = (0..width).map(|_| json!({ "is_wrapped": true })).collect();
    (json!({ "type": "table", "rows": rows, "column_settings": settings }), left_out)
}

fn raw(text: &str) -> Value {
    let text = if text.trim().is_empty() { "–" } else { text };
    json!({ "type": "raw_text", "text": text })
}

/// A cell of plain words is raw text; one that mentions, links or tells a time is rich.
fn cell(text: &Text) -> Value {
    let is_plain = |span: &Span| matches!(span, Span::Plain(_) | Span::Strong(_) | Span::Code(_) | Span::Command(_));
    if text.to_plain().trim().is_empty() || text.spans().iter().all(is_plain) {
        return raw(&text.to_plain());
    }
    json!({
        "type": "rich_text",
        "elements": [{ "type": "rich_text_section", "elements": text.spans().iter().filter_map(element).collect::<Vec<_>>() }],
    })
}

fn element(span: &Span) -> Option<Value> {
    let text = |text: &str| (!text.is_empty()).then(|| json!({ "type": "text", "text": text }));
    match span {
        Span::Mention(account) if account.platform() == crate::chat::Platform::Slack => {
            Some(json!({ "type": "user", "user_id": account.id() }))
        }
        Span::Group(group) if group.starts_with("slack-group:") => {
            Some(json!({ "type": "usergroup", "usergroup_id": group.trim_start_matches("slack-group:") }))
        }
        Span::Link { label, url } if is_safe(url) && !label.trim().is_empty() => {
            Some(json!({ "type": "link", "url": url, "text": label }))
        }
        Span::Time(at) => Some(json!({
            "type": "date",
            "timestamp": at.as_second(),
            "format": "{date_short_pretty} {time}",
            "fallback": at.strftime("%Y-%m-%d %H:%M UTC").to_string(),
        })),
        other => text(&Text::new().span(other.clone()).to_plain()),
    }
}

/// The same table as text of one width, for places that take no table.
pub(super) fn table_as_text(table: &Table) -> String {
    let mut rows: Vec<Vec<String>> = vec![table.columns.clone()];
    rows.extend(table.rows.iter().map(|row| row.iter().map(Text::to_plain).collect()));
    let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
    let width = |at: usize| rows.iter().filter_map(|row| row.get(at)).map(|it| it.chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let line = |row: &Vec<String>| {
        // Not by a format's width: that panics beyond 65,535.
        let pad = |cell: &String, width: usize| " ".repeat(width - cell.chars().count());
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell}{}", pad(cell, *width)));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// A native chart; none where Slack would refuse it, or where it would show something else.
pub(super) fn chart(chart: &Chart) -> Option<Value> {
    let (categories, series) = (chart.categories.len(), chart.series.len());
    let is_whole =
        chart.series.iter().all(|it| it.points.len() == categories && it.points.iter().all(|it| it.is_finite()));
    if !is_whole || categories == 0 || categories > CHART_CATEGORIES || series == 0 || series > CHART_SERIES {
        return None;
    }
    let labels: Vec<String> = chart.categories.iter().map(|it| label(it)).collect();
    let names: Vec<String> = chart.series.iter().map(|it| label(&it.name)).collect();
    if !is_distinct(&labels) || !is_distinct(&names) {
        return None;
    }
    let drawn = match chart.kind {
        ChartKind::Pie => pie(chart, &labels)?,
        ChartKind::Bar => lines("bar", chart, &labels, &names),
        ChartKind::Line => lines("line", chart, &labels, &names),
    };
    Some(
        json!({ "type": "data_visualization", "title": shortened(&titled(&chart.title), CHART_TITLE), "chart": drawn }),
    )
}

fn titled(title: &str) -> String {
    if title.trim().is_empty() { "Chart".to_owned() } else { title.to_owned() }
}

fn label(text: &str) -> String {
    if text.trim().is_empty() { "–".to_owned() } else { shortened(text, CHART_LABEL) }
}

fn is_distinct(names: &[String]) -> bool {
    let distinct: std::collections::BTreeSet<&String> = names.iter().collect();
    distinct.len() == names.len()
}

fn pie(chart: &Chart, labels: &[String]) -> Option<Value> {
    let points = &chart.series.first()?.points;
    if labels.len() > CHART_SERIES || points.iter().any(|it| *it <= 0.0) {
        return None;
    }
    let segments = labels.iter().zip(points).map(|(label, value)| json!({ "label": label, "value": value }));
    Some(json!({ "type": "pie", "segments": segments.collect::<Vec<_>>() }))
}

fn lines(kind: &str, chart: &Chart, labels: &[String], names: &[String]) -> Value {
    let series = chart.series.iter().zip(names).map(|(series, name)| {
        let points = labels.iter().zip(&series.points).map(|(label, value)| json!({ "label": label, "value": value }));
        json!({ "name": name, "data": points.collect::<Vec<_>>() })
    });
    json!({
        "type": kind,
        "series": series.collect::<Vec<_>>(),
        "axis_config": { "categories": labels, "y_label": label(&chart.unit) },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_of_any_width_is_laid_out() {
        let row = |first: &str| vec![Text::plain(first), Text::plain("x")];
        let long = "w".repeat(70_000);
        let table = Table {
            caption: String::new(),
            columns: vec!["Name".into(), "State".into()],
            rows: vec![row(&long), row("é")],
        };
        let text = table_as_text(&table);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[1], format!("{long}  x"));
        assert_eq!(lines[2].chars().count(), 70_003, "columns stand below each other");
    }
}
