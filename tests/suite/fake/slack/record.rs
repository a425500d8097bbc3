//! Every byte that came in or went out, in order.

#[derive(Clone, Debug)]
pub(crate) struct Said {
    /// Towards the fake.
    pub(crate) is_in: bool,
    pub(crate) path: String,
    /// Headers and body, or one frame.
    pub(crate) bytes: Vec<u8>,
    /// The body alone, or the frame.
    pub(crate) body: String,
}

#[derive(Default)]
pub(super) struct Record {
    pub(super) said: Vec<Said>,
    pub(super) trouble: Vec<String>,
}

impl Record {
    pub(super) fn contains(&self, part: &[u8]) -> bool {
        self.said.iter().any(|it| it.bytes.windows(part.len()).any(|bytes| bytes == part))
    }
}

impl super::Slack {
    pub(super) fn record(&self, is_in: bool, path: &str, head: &str, body: &[u8]) {
        let bytes = [head.as_bytes(), body].concat();
        let said = Said { is_in, path: path.to_owned(), bytes, body: String::from_utf8_lossy(body).into_owned() };
        super::lock(&self.0.record).said.push(said);
    }
}
