//! Tables as text: columns where they fit into the width of an embed, otherwise a line for each row.

use super::limits::RUN;
use super::markdown::{fenced, pieces};
use crate::chat::{Table, Text};

/// Columns of letters that an embed shows without breaking a line, on a desk. A phone shows fewer.
const WIDTH: usize = 56;
/// Rows that are laid out; more than any page of a list has.
const MOST_ROWS: usize = 200;

/// A table, and how many rows do not stand in it.
pub(super) fn table(table: &Table) -> (Vec<String>, usize) {
    let rows = &table.rows[..table.rows.len().min(MOST_ROWS)];
    let cells: Vec<Vec<String>> = rows.iter().map(|row| row.iter().map(Text::to_plain).collect()).collect();
    let laid_out = match columns(&table.columns, &cells) {
        Some(text) => fenced(&text, RUN),
        None => rows.iter().flat_map(|row| record(&table.columns, row)).collect(),
    };
    (laid_out, table.rows.len() - rows.len())
}

/// Columns below each other; none if they are too wide, or a cell has several lines.
fn columns(head: &[String], rows: &[Vec<String>]) -> Option<String> {
    let all = || std::iter::once(head).chain(rows.iter().map(Vec::as_slice));
    if all().flatten().any(|cell| cell.contains('\n')) {
        return None;
    }
    let count = all().map(<[String]>::len).max().unwrap_or_default();
    let width = |at: usize| all().filter_map(|row| row.get(at)).map(|it| it.chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..count).map(width).collect();
    if widths.iter().sum::<usize>() + 2 * count.saturating_sub(1) > WIDTH {
        return None;
    }
    let line = |row: &[String]| {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    Some(all().map(line).collect::<Vec<_>>().join("\n"))
}

/// One row as a line: the first cell stands out, the others say which column they are of, unless that is clear.
fn record(head: &[String], row: &[Text]) -> Vec<String> {
    let mut line = Text::new();
    let cells = row.iter().enumerate().filter(|(_, cell)| !cell.to_plain().trim().is_empty());
    for (at, (column, cell)) in cells.enumerate() {
        if at == 0 {
            line = line.then("• ").join(cell.clone());
            continue;
        }
        let name = head.get(column).map(|it| it.trim()).filter(|it| !it.is_empty());
        line = line.then(" · ");
        line = name.map_or(line.clone(), |name| line.then(format!("{name}: ")));
        line = line.join(cell.clone());
    }
    pieces(&line, RUN)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(rows: &[[&str; 2]]) -> Table {
        let rows = rows.iter().map(|row| row.iter().map(|it| Text::plain(*it)).collect()).collect();
        Table { caption: String::new(), columns: vec!["Name".into(), "State".into()], rows }
    }

    #[test]
    fn what_fits_stands_in_columns_and_the_rest_in_lines() {
        let (text, left) = table(&of(&[["evals", "active"], ["nightly", "off"]]));
        assert_eq!((text.join("\n").as_str(), left), ("```\nName     State\nevals    active\nnightly  off\n```", 0));
        let long = "w".repeat(70);
        let (text, _) = table(&of(&[[&long, "a_b"], ["x", ""]]));
        assert_eq!(text, [format!("• {long} · State: a\\_b"), "• x".to_owned()]);
    }

    #[test]
    fn a_table_of_any_length_is_laid_out() {
        let rows: Vec<[&str; 2]> = (0..250).map(|_| ["a", "b"]).collect();
        assert_eq!(table(&of(&rows)).1, 50);
    }
}
