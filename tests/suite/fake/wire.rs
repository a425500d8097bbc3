//! HTTP/1.1 by hand, because a fake must be able to break off anywhere.

use std::collections::BTreeMap;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Longer requests are nobody's: Discord takes 25 MiB with its files.
const LONGEST: usize = 25 << 20;

pub(super) struct Request {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) query: String,
    /// Names in small letters.
    pub(super) headers: BTreeMap<String, String>,
    pub(super) head: String,
    pub(super) body: Vec<u8>,
}

pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: Vec<u8>,
}

impl Answer {
    pub(super) fn json(body: &Value) -> Self {
        let headers = vec![("content-type", "application/json; charset=utf-8".to_owned())];
        Self { status: 200, headers, body: body.to_string().into_bytes() }
    }

    pub(super) fn text(status: u16, body: &str) -> Self {
        Self { status, headers: Vec::new(), body: body.as_bytes().to_vec() }
    }

    pub(super) fn html(status: u16) -> Self {
        let headers = vec![("content-type", "text/html".to_owned())];
        Self { status, headers, body: b"<html><body>Something went wrong.</body></html>".to_vec() }
    }

    pub(super) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub(super) fn head(&self) -> String {
        let mut head = format!("HTTP/1.1 {} Said\r\ncontent-length: {}\r\n", self.status, self.body.len());
        for (name, value) in &self.headers {
            head.extend([name, ": ", value, "\r\n"]);
        }
        head + "\r\n"
    }
}

impl Request {
    /// The next request on a connection; `None` at its end.
    pub(super) async fn read(stream: &mut TcpStream) -> Option<Self> {
        let mut bytes = Vec::new();
        let end = loop {
            if let Some(at) = bytes.windows(4).position(|it| it == b"\r\n\r\n") {
                break at + 4;
            }
            more(stream, &mut bytes).await?;
        };
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let mut lines = head.lines();
        let mut first = lines.next()?.split(' ');
        let (method, target) = (first.next()?.to_owned(), first.next()?.to_owned());
        let header = |line: &str| line.split_once(':').map(|(n, v)| (n.to_lowercase(), v.trim().to_owned()));
        let headers: BTreeMap<_, _> = lines.filter_map(header).collect();
        let (path, query) = target.split_once('?').unwrap_or((&target, ""));
        let is_chunked = headers.get("transfer-encoding").is_some_and(|it| it.contains("chunked"));
        let length = headers.get("content-length").and_then(|it| it.parse().ok()).unwrap_or(0);
        let rest = bytes.split_off(end);
        let body = if is_chunked { chunked(stream, rest).await? } else { sized(stream, rest, length).await? };
        let (path, query) = (path.to_owned(), query.to_owned());
        Some(Self { method, path, query, headers, head, body })
    }

    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    /// Query, form and JSON as one object; Slack takes all three.
    pub(super) fn arguments(&self) -> Value {
        let mut all = serde_json::Map::new();
        let mut add = |text: &[u8]| {
            for (name, value) in url::form_urlencoded::parse(text) {
                let parsed = serde_json::from_str::<Value>(&value).ok().filter(|it| it.is_object() || it.is_array());
                all.insert(name.into_owned(), parsed.unwrap_or_else(|| value.into_owned().into()));
            }
        };
        add(self.query.as_bytes());
        if self.header("content-type").starts_with("application/x-www-form-urlencoded") {
            add(&self.body);
        } else if let Ok(Value::Object(body)) = serde_json::from_slice(&self.body) {
            all.extend(body);
        }
        all.into()
    }
}

async fn more(stream: &mut TcpStream, bytes: &mut Vec<u8>) -> Option<()> {
    let read = stream.read_buf(bytes).await.ok()?;
    (read > 0 && bytes.len() < LONGEST).then_some(())
}

async fn sized(stream: &mut TcpStream, mut body: Vec<u8>, length: usize) -> Option<Vec<u8>> {
    while body.len() < length {
        more(stream, &mut body).await?;
    }
    body.truncate(length);
    Some(body)
}

async fn chunked(stream: &mut TcpStream, mut rest: Vec<u8>) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let line = loop {
            if let Some(at) = rest.windows(2).position(|it| it == b"\r\n") {
                break at;
            }
            more(stream, &mut rest).await?;
        };
        let length = usize::from_str_radix(std::str::from_utf8(&rest[..line]).ok()?.trim(), 16).ok()?;
        let whole = line + 2 + length + 2;
        while rest.len() < whole {
            more(stream, &mut rest).await?;
        }
        body.extend_from_slice(&rest[line + 2..line + 2 + length]);
        rest.drain(..whole);
        if length == 0 {
            return Some(body);
        }
    }
}

/// Writes an answer, or only its first half.
pub(super) async fn write(stream: &mut TcpStream, answer: &Answer, is_cut: bool) -> Option<()> {
    let all = [answer.head().as_bytes(), &answer.body].concat();
    let until = if is_cut { all.len() - answer.body.len().div_ceil(2) } else { all.len() };
    stream.write_all(&all[..until]).await.ok()?;
    stream.flush().await.ok()
}
