//! What a test tells the one who runs it, past the test harness, which swallows what passing tests print.
//!
//! `tests/run` collects lines that begin with `LEFT OUT |`, `IN PART |` and `MEASURE |`.

use std::env;
use std::fmt::Display;
use std::io::{Write, stderr};

/// Was the run told to do without `what` (`postgres`, `browser`)?
fn is_told_without(what: &str) -> bool {
    env::var("STEWARD_TEST_WITHOUT").is_ok_and(|it| it.split(',').any(|named| named == what))
}

/// Whether this test must be left out because the run does without `what`; if so, that is told, never silent.
pub(crate) fn is_left_out(what: &str) -> bool {
    told_without("LEFT OUT", what)
}

/// Whether this test runs in part only because the run does without `what`; if so, that is told.
pub(super) fn is_in_part(what: &str) -> bool {
    told_without("IN PART", what)
}

fn told_without(mark: &str, what: &str) -> bool {
    let without = is_told_without(what);
    if without {
        let thread = std::thread::current();
        tell(&format!("{mark} | {} | without {what}", thread.name().unwrap_or("a test")));
    }
    without
}

/// Whether this is `tests/run --full`, which runs the numbers that the issues name. The short run takes small ones.
pub(crate) fn is_full() -> bool {
    env::var("STEWARD_TEST_FULL").is_ok_and(|it| it == "1")
}

/// Tells what a measurement found, and fails if it is out of bounds. For tests that are named `measure_…`.
#[track_caller]
pub(crate) fn measured(name: &str, value: impl Display, bound: impl Display, is_kept: bool) {
    let line = line(name, value, bound, is_kept);
    tell(&line);
    assert!(is_kept, "{line}");
}

fn line(name: &str, value: impl Display, bound: impl Display, is_kept: bool) -> String {
    format!("MEASURE | {name} | {value} | {bound} | {}", if is_kept { "ok" } else { "FAILED" })
}

/// One write, so that lines of tests that run side by side do not mix.
fn tell(line: &str) {
    stderr().write_all(format!("\n{line}\n").as_bytes()).expect("standard error takes a line");
}

#[cfg(test)]
mod tests {
    use super::line;
    use crate::bench::{is_full, measured};

    #[test]
    #[ignore = "a measurement: tests/run --full"]
    fn measure_that_measurements_are_told() {
        assert!(is_full(), "measurements are run by tests/run --full");
        measured("the bench itself", 1, "at most 1", true);
    }

    #[test]
    fn a_measurement_out_of_bounds_fails() {
        assert!(line("pages", 21, "at most 20", false).ends_with("| 21 | at most 20 | FAILED"));
        assert!(line("pages", 20, "at most 20", true).ends_with("| ok"));
    }
}
