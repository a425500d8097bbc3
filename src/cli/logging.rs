//! The log: to standard error, as `STEWARD_LOG` and `STEWARD_LOG_FORMAT` say, within bounds that nobody can lower.

use std::io::{IsTerminal, Write, stderr};
use std::panic;

use tracing::level_filters::LevelFilter;
use tracing::{Dispatch, Subscriber};
use tracing_subscriber::filter::{EnvFilter, FilterExt, Targets};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;

use super::exit::Misuse;
use crate::settings::{Log, LogFormat};

/// Crates that tell too much below this level: headers, bodies, addresses, statements. Each is the beginning of a name.
///
/// Of serenity nothing is heard: it warns of a frame that it cannot read by quoting it, with what people wrote in it.
const BOUNDS: [(&str, LevelFilter); 9] = [
    ("hyper", LevelFilter::INFO),
    ("reqwest", LevelFilter::INFO),
    ("rustls", LevelFilter::INFO),
    ("h2", LevelFilter::INFO),
    ("sqlx", LevelFilter::WARN),
    ("serenity", LevelFilter::OFF),
    ("tungstenite", LevelFilter::WARN),
    ("tokio_tungstenite", LevelFilter::WARN),
    ("slack_morphism", LevelFilter::WARN),
];

/// Starts the log. A process has one; a second start changes nothing.
///
/// # Errors
///
/// [`Misuse`] for a filter that is none.
pub fn start_logging(log: &Log) -> Result<(), Misuse> {
    let dispatch = subscriber(log, stderr, stderr().is_terminal())?;
    // The first one stays: in a test, several commands run in one process.
    let _second = tracing::dispatcher::set_global_default(dispatch);
    Ok(())
}

fn subscriber<W>(log: &Log, writer: W, colours: bool) -> Result<Dispatch, Misuse>
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let wanted = EnvFilter::builder()
        .parse(&log.filter)
        .map_err(|_| Misuse("`STEWARD_LOG` is no filter, such as `info,steward::job=debug`".to_owned()))?;
    let bounded = wanted.and(Targets::new().with_default(LevelFilter::TRACE).with_targets(BOUNDS));
    let lines = lines(log.format, writer, colours).with_filter(bounded);
    Ok(Dispatch::new(tracing_subscriber::registry().with(lines)))
}

fn lines<S, W>(format: LogFormat, writer: W, colours: bool) -> Box<dyn Layer<S> + Send + Sync>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let layer = tracing_subscriber::fmt::layer().with_writer(writer);
    match format {
        LogFormat::Text => layer.with_ansi(colours).boxed(),
        LogFormat::Json => layer.json().boxed(),
    }
}

/// From now on a panic tells where it was, and never what it said: a message may quote what it choked on.
pub fn hush_panics() {
    panic::set_hook(Box::new(|panic| {
        let place = panic.location().map_or_else(String::new, |at| format!(" at {}:{}", at.file(), at.line()));
        let line =
            format!("steward: a fault of its own{place}; what was asked for may be half done, see `steward verify`\n");
        let _unheard = stderr().write_all(line.as_bytes());
    }));
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::{Arc, Mutex, PoisonError};

    use super::*;

    #[derive(Clone, Default)]
    struct Page(Arc<Mutex<Vec<u8>>>);

    impl Write for Page {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn logged(filter: &str, format: LogFormat) -> String {
        let page = Page::default();
        let to = page.clone();
        let log = Log { filter: filter.to_owned(), format };
        // Two, because a lone subscriber may be remembered as uninterested by another test's thread.
        let _other = subscriber(&log, io::sink, false).expect("a filter");
        let dispatch = subscriber(&log, move || to.clone(), false).expect("a filter");
        tracing::dispatcher::with_default(&dispatch, || {
            tracing::callsite::rebuild_interest_cache();
            tracing::trace!(target: "hyper::client", "one header");
            tracing::trace!(target: "hyper_util::client::legacy", "two header");
            tracing::debug!(target: "sqlx::query", "three statement");
            tracing::info!(target: "sqlx::query", "four statement");
            tracing::debug!(target: "reqwest::connect", "five address");
            tracing::debug!(target: "rustls::client", "six hello");
            tracing::debug!(target: "h2::codec", "seven frame");
            tracing::warn!(target: "sqlx::query", "eight slow");
            tracing::trace!(target: "steward::job", "nine ours");
        });
        let bytes = page.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        String::from_utf8(bytes).expect("text")
    }

    #[test]
    fn nobody_lowers_the_bounds() {
        for filter in ["trace", "trace,hyper=trace,sqlx=trace", "trace,hyper::client=trace,sqlx::query=debug,h2=trace"]
        {
            let text = logged(filter, LogFormat::Text);
            assert!(text.contains("eight slow") && text.contains("nine ours"), "{text}");
            assert_eq!(text.lines().count(), 2, "{text}");
        }
        assert_eq!(logged("error", LogFormat::Text), "");
    }

    #[test]
    fn a_line_for_collectors_is_json() {
        for line in logged("trace", LogFormat::Json).lines() {
            assert!(serde_json::from_str::<serde_json::Value>(line).is_ok_and(|it| it["level"].is_string()), "{line}");
        }
    }
}
