//! What Slack says of a chart. <https://docs.slack.dev/reference/block-kit/blocks/data-visualization-block>

use std::collections::BTreeSet;

use serde_json::Value;

const TITLE: usize = 50;
const LABEL: usize = 20;
const CATEGORIES: usize = 20;
/// One version of Slack's page says 6, another 12.
const SERIES: usize = 6;

pub fn faults(block: &Value) -> Vec<String> {
    let mut faults = label(&block["title"], "title", TITLE);
    let chart = &block["chart"];
    match chart["type"].as_str() {
        Some("pie") => faults.extend(pie(chart)),
        Some("bar" | "line" | "area") => faults.extend(lines(chart)),
        _ => faults.push("a chart of no known type".into()),
    }
    faults
}

fn pie(chart: &Value) -> Vec<String> {
    let segments = list(&chart["segments"]);
    let mut faults = number_of(segments.len(), "segments", SERIES);
    faults.extend(segments.iter().flat_map(|it| label(&it["label"], "label", LABEL)));
    faults.extend(distinct(segments.iter().map(|it| &it["label"]), "segments"));
    if segments.iter().any(|it| it["value"].as_f64().is_none_or(|it| it <= 0.0)) {
        faults.push("a segment of a pie that is not above 0".into());
    }
    faults
}

fn lines(chart: &Value) -> Vec<String> {
    let (categories, series) = (list(&chart["axis_config"]["categories"]), list(&chart["series"]));
    let mut faults = number_of(categories.len(), "categories", CATEGORIES);
    faults.extend(number_of(series.len(), "series", SERIES));
    faults.extend(categories.iter().flat_map(|it| label(it, "label", LABEL)));
    faults.extend(series.iter().flat_map(|it| label(&it["name"], "name", LABEL)));
    faults.extend(distinct(categories.iter(), "categories"));
    faults.extend(distinct(series.iter().map(|it| &it["name"]), "series"));
    for one in series {
        let points = list(&one["data"]);
        if !points.iter().map(|it| &it["label"]).eq(categories.iter()) {
            faults.push("a series without one point for each category".into());
        }
        if points.iter().any(|it| it["value"].as_f64().is_none()) {
            faults.push("a point that is no number".into());
        }
    }
    faults
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn number_of(count: usize, what: &str, most: usize) -> Vec<String> {
    if (1..=most).contains(&count) { Vec::new() } else { vec![format!("a chart of {count} {what}")] }
}

fn label(value: &Value, what: &str, most: usize) -> Vec<String> {
    match value.as_str().map(|it| it.chars().map(char::len_utf16).sum::<usize>()) {
        Some(length) if (1..=most).contains(&length) => Vec::new(),
        _ => vec![format!("a chart's {what} that is empty or longer than {most}")],
    }
}

fn distinct<'a>(names: impl Iterator<Item = &'a Value>, what: &str) -> Option<String> {
    let names: Vec<String> = names.map(ToString::to_string).collect();
    let distinct: BTreeSet<&String> = names.iter().collect();
    (distinct.len() < names.len()).then(|| format!("two {what} of one name"))
}
