//! A table as a file that a spreadsheet opens: every text stays a text, every number is one.
//!
//! What stands in a cell may have been typed by anybody. A text that a spreadsheet would take for a formula gets an apostrophe
//! in front, which is how spreadsheets themselves write "this is a text".

use crate::domain::Amount;

/// One cell.
#[derive(Clone, Copy, Debug)]
pub enum Cell<'a> {
    /// A whole number, to be reckoned with.
    Number(i64),
    /// An amount of dollars, with all decimals, to be reckoned with.
    Amount(Amount),
    /// A text, whatever it looks like.
    Text(&'a str),
}

/// What a formula begins with. The last five are the true minus sign, and the wide forms that some spreadsheets read alike.
const FORMULA: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\u{2212}', '＝', '＋', '－', '＠'];

/// One line of the file, its line break included.
#[must_use]
pub fn row(cells: &[Cell<'_>]) -> String {
    let cells: Vec<String> = cells.iter().map(written).collect();
    format!("{}\r\n", cells.join(","))
}

fn written(cell: &Cell<'_>) -> String {
    match cell {
        Cell::Number(number) => number.to_string(),
        Cell::Amount(amount) => amount.exact(),
        Cell::Text(text) => {
            let guard = if is_formula(text) { "'" } else { "" };
            let inside: String = text.replace("\r\n", "\n").chars().map(harmless).collect();
            format!("\"{guard}{}\"", inside.replace('"', "\"\""))
        }
    }
}

/// Whether some spreadsheet could take it for a formula: by its first sign, or by one behind what nobody sees.
fn is_formula(text: &str) -> bool {
    let mut beginning = text.chars().take_while(|it| is_unseen(*it) || FORMULA.contains(it));
    beginning.any(|it| FORMULA.contains(&it))
}

fn is_unseen(it: char) -> bool {
    it.is_whitespace()
        || it.is_control()
        || matches!(it, '\u{ad}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// A sign that does nothing where it is shown: a terminal obeys control characters, so those go.
fn harmless(it: char) -> char {
    match it {
        '\r' => '\n',
        '\n' | '\t' => it,
        it if it.is_control() => char::REPLACEMENT_CHARACTER,
        it => it,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(text: &str) -> String {
        row(&[Cell::Text(text)]).trim_end_matches("\r\n").to_owned()
    }

    #[test]
    fn no_cell_is_a_formula() {
        for begins in FORMULA {
            for before in [
                "", " ", "   ", "\t", "\n", "\u{a0}", "\u{3000}", "\u{200b}", "\u{feff}", "\u{202e}", "\u{0}", "\u{1b}",
            ] {
                let text = format!("{before}{begins}cmd|'/C calc'!A0");
                assert!(cell(&text).starts_with("\"'"), "{text:?}: {}", cell(&text));
            }
        }
        for plain in ["slack:T01/U01ADA", "1 - 2", "a=b", "'", "{\"a\":1}", "", "é", "2026-12-01"] {
            assert_eq!(cell(plain), format!("\"{}\"", plain.replace('"', "\"\"")), "{plain:?} is as it was");
        }
    }

    #[test]
    fn a_cell_stays_in_its_place() {
        assert_eq!(cell("she said \"yes\",\nthen"), "\"she said \"\"yes\"\",\nthen\"");
        assert_eq!(cell("a\r\nb\rc"), "\"a\nb\nc\"");
        assert_eq!(cell("\u{1b}[2Jgone\u{9b}\u{7}"), "\"\u{fffd}[2Jgone\u{fffd}\u{fffd}\"");
        assert_eq!(row(&[Cell::Number(-7), Cell::Text("-7")]), "-7,\"'-7\"\r\n", "a number is typed, a text is not");
    }
}
