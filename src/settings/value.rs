//! How single values are read: text to something that is what it says. No error of these repeats the value.

use std::path::PathBuf;

use jiff::SignedDuration;
use jiff::tz::TimeZone;
use toml::de::DeValue;
use url::{Host, Url};

use super::catalogue::instead_of;
use super::error::{Wrong, wrong};
use super::reference::{AccountRef, ChannelRef, Subject};

/// One dollar, in the unit that money is kept in.
const MICROS_PER_USD: i64 = 1_000_000;

/// The longest time that can be set: ten years.
const LONGEST_HOURS: i64 = 10 * 366 * 24;

/// How the secrets of our neighbours begin.
const SECRET_PREFIXES: [&str; 5] = ["sk-ant-", "xoxb-", "xoxp-", "xapp-", "xoxe."];

/// Whether `text` begins like a secret. A net for what was pasted into the wrong line.
pub(super) fn looks_secret(text: &str) -> bool {
    SECRET_PREFIXES.iter().any(|prefix| text.contains(prefix))
}

/// What a value is, for people.
pub(super) fn kind_of(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number with a point",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

pub(super) fn text<'a>(value: &'a DeValue<'_>) -> Result<&'a str, Wrong> {
    match value.as_str() {
        None => wrong(format!("must be text in quotes, not {}", kind_of(value))),
        Some(text) if looks_secret(text) => {
            wrong("looks like a secret: those belong into the secrets folder. Replace it now, it was in a plain file")
        }
        Some(text) if text.trim().is_empty() => wrong("must not be empty"),
        Some(text) if text.len() > 1_000 || text.contains(char::is_control) => {
            wrong("must be one line of at most 1,000 characters")
        }
        Some(text) => Ok(text),
    }
}

/// A name that the operator gave to something: kept as it is written.
pub(super) fn name(value: &DeValue<'_>) -> Result<String, Wrong> {
    text(value).map(str::to_owned)
}

pub(super) fn flag(value: &DeValue<'_>) -> Result<bool, Wrong> {
    value.as_bool().map_or_else(|| wrong(format!("must be true or false, not {}", kind_of(value))), Ok)
}

/// A whole number from `least` to `most`.
pub(super) fn whole(value: &DeValue<'_>, least: u32, most: u32) -> Result<u32, Wrong> {
    let Some(number) = value.as_integer() else {
        return wrong(format!("must be a whole number, not {}", kind_of(value)));
    };
    match u32::from_str_radix(number.as_str(), number.radix()) {
        Ok(number) if (least..=most).contains(&number) => Ok(number),
        _ => wrong(format!("must be from {least} to {most}")),
    }
}

/// An amount of at least one micro-dollar, as whole micro-dollars. Read from its digits, never through a float.
pub(super) fn usd_micros(value: &DeValue<'_>) -> Result<i64, Wrong> {
    let (digits, radix) = match value {
        DeValue::Integer(number) => (number.as_str(), number.radix()),
        DeValue::Float(number) => (number.as_str(), 10),
        other => {
            return wrong(format!("must be an amount in dollars, a number without quotes, not {}", kind_of(other)));
        }
    };
    let amount = (radix == 10).then(|| decimal_micros(digits)).flatten();
    match amount.filter(|&micros| micros > 0) {
        Some(micros) => Ok(micros),
        None => wrong("must be an amount in dollars above 0, with at most six decimals and no exponent"),
    }
}

fn decimal_micros(digits: &str) -> Option<i64> {
    let (whole, part) = digits.trim_start_matches('+').split_once('.').unwrap_or((digits.trim_start_matches('+'), "0"));
    let plain = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !plain(whole) || !plain(part) || part.len() > 6 {
        return None;
    }
    let micros: i64 = format!("{part:0<6}").parse().ok()?;
    whole.parse::<i64>().ok()?.checked_mul(MICROS_PER_USD)?.checked_add(micros)
}

/// A length of time: `30m`, `2h`, `90d`. A day is 24 hours.
pub(super) fn span(value: &DeValue<'_>) -> Result<SignedDuration, Wrong> {
    match parse_span(text(value)?) {
        Some(span) => Ok(span),
        None => wrong("must be a length of time above 0 and below ten years, such as `30m`, `2h` or `90d`"),
    }
}

fn parse_span(text: &str) -> Option<SignedDuration> {
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let minutes_each = match unit {
        "m" => 1,
        "h" => 60,
        "d" => 24 * 60,
        _ => return None,
    };
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let number: i64 = plain.then(|| digits.parse().ok()).flatten()?;
    let minutes = number.checked_mul(minutes_each)?;
    (1..=LONGEST_HOURS * 60).contains(&minutes).then(|| SignedDuration::from_mins(minutes))
}

pub(super) fn time_zone(value: &DeValue<'_>) -> Result<TimeZone, Wrong> {
    TimeZone::get(text(value)?)
        .map_err(|_| Wrong("must be a time zone of the IANA database, such as `Europe/Berlin` or `UTC`".to_owned()))
}

pub(super) fn account(value: &DeValue<'_>) -> Result<AccountRef, Wrong> {
    AccountRef::parse(text(value)?).map_err(|why| Wrong(why.to_string()))
}

pub(super) fn channel(value: &DeValue<'_>) -> Result<ChannelRef, Wrong> {
    ChannelRef::parse(text(value)?).map_err(|why| Wrong(why.to_string()))
}

pub(super) fn subject(value: &DeValue<'_>) -> Result<Subject, Wrong> {
    Subject::parse(text(value)?).map_err(|why| Wrong(why.to_string()))
}

/// A group or person who may decide for others, which is not everybody.
pub(super) fn approver(value: &DeValue<'_>) -> Result<Subject, Wrong> {
    match subject(value)? {
        everybody if everybody.is_everybody() => wrong("must not be a role that everybody has"),
        some => Ok(some),
    }
}

pub(super) fn path(value: &DeValue<'_>) -> Result<PathBuf, Wrong> {
    text(value).map(PathBuf::from)
}

/// One of `known`, as the operator wrote it.
pub(super) fn one_of(value: &DeValue<'_>, what: &str, known: &[&str]) -> Result<String, Wrong> {
    let text = text(value)?;
    if known.contains(&text) {
        Ok(text.to_owned())
    } else {
        wrong(format!("names no {what}: {}", instead_of(text, known)))
    }
}

/// One of the words that stand for something.
pub(super) fn choice<T: Copy>(value: &DeValue<'_>, words: &[(&str, T)]) -> Result<T, Wrong> {
    let text = text(value)?;
    let found = words.iter().find(|(word, _)| *word == text);
    found.map_or_else(
        || {
            let words: Vec<String> = words.iter().map(|(word, _)| format!("`{word}`")).collect();
            wrong(format!("must be one of {}", words.join(", ")))
        },
        |&(_, meaning)| Ok(meaning),
    )
}

/// An address that secrets are sent to: TLS, or this machine.
pub(super) fn base_url(text: &str) -> Result<Url, Wrong> {
    let Ok(url) = Url::parse(text) else { return wrong("must be an address such as `https://host/path`") };
    let secure = url.scheme() == "https" || (url.scheme() == "http" && is_loopback(&url));
    let bare =
        url.username().is_empty() && url.password().is_none() && url.query().is_none() && url.fragment().is_none();
    match (secure, bare) {
        (false, _) => {
            wrong("must begin with https://; plain http:// is for this machine only (127.0.0.1, localhost, [::1])")
        }
        (_, false) => wrong("must be an address alone, without user, password, `?` or `#`"),
        (true, true) => Ok(url),
    }
}

/// Whether `url` is one of this machine.
pub(super) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}
