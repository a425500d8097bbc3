//! A head of the audit trail that is told outside the database, signed, so that whoever keeps it can show later that the trail
//! was cut, added to or written anew.

use data_encoding::BASE64;
use serde::{Deserialize, Serialize};

use crate::clock::Moment;
use crate::seal::{PublicKey, Signer};

/// What every head begins with. A later form gets another number.
const MARK: &str = "steward-audit-head-v1";
/// The letters of a hash.
const HASH_LENGTH: usize = 64;

/// How far the trail went at a moment, and the hash of its last entry then, which covers all before it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// The last entry.
    pub seq: i64,
    /// Its hash, in hex.
    pub hash: String,
    /// When this was said.
    pub at: Moment,
}

impl Head {
    /// The text that is signed: one line, no line break.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{MARK} seq={} hash={} at={}", self.seq, self.hash, self.at)
    }

    /// The same, signed.
    #[must_use]
    pub fn signed(self, signer: &Signer) -> SignedHead {
        let signature = BASE64.encode(&signer.sign(self.text().as_bytes()));
        SignedHead { head: self, key: signer.public().to_string(), signature }
    }
}

/// A head and who stands for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedHead {
    /// What is said.
    #[serde(flatten)]
    pub head: Head,
    /// The public key of whoever signed, in base64, as the head itself names it.
    pub key: String,
    /// The signature of [`Head::text`], in base64.
    pub signature: String,
}

impl SignedHead {
    /// Whether it was signed by `key`, whatever key it names.
    #[must_use]
    pub fn is_signed_by(&self, key: &PublicKey) -> bool {
        let claimed = BASE64.decode(self.signature.as_bytes());
        claimed.is_ok_and(|it| key.verify(self.head.text().as_bytes(), &it))
    }

    /// As it is posted: lines that can be copied, and that [`read_heads`] reads however they were wrapped.
    #[must_use]
    pub fn to_block(&self) -> String {
        let Self { head, key, signature } = self;
        format!("{MARK}\nseq={}\nhash={}\nat={}\nkey={key}\nsig={signature}", head.seq, head.hash, head.at)
    }

    /// As it is kept in a file: one JSON object, no line break.
    ///
    /// # Panics
    ///
    /// Never: a head is made of texts and numbers.
    #[must_use]
    pub fn to_line(&self) -> String {
        serde_json::to_string(self).expect("a head is made of texts and numbers, which always have a JSON form")
    }

    fn is_shaped(&self) -> bool {
        let is_hex = |it: u8| it.is_ascii_digit() || (b'a'..=b'f').contains(&it);
        self.head.seq > 0 && self.head.hash.len() == HASH_LENGTH && self.head.hash.bytes().all(is_hex)
    }
}

/// What was found in a text that should hold heads.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Heads {
    /// Those that can be read, in order.
    pub read: Vec<SignedHead>,
    /// How many were begun and cannot be read: cut off, or damaged.
    pub unreadable: usize,
}

/// Finds the heads in a text: a file of JSON lines, one posted head, or several messages copied with all that stood around.
#[must_use]
pub fn read_heads(text: &str) -> Heads {
    let mut found = Heads::default();
    let mut around = String::new();
    for line in text.lines() {
        if line.trim_start().starts_with('{') {
            found.take(serde_json::from_str(line).ok());
        } else {
            around.push_str(line);
            around.push('\n');
        }
    }
    let mut parts = around.split(MARK);
    // What stands before the first mark is no head.
    parts.next();
    for part in parts {
        found.take(read_block(part));
    }
    found
}

impl Heads {
    fn take(&mut self, head: Option<SignedHead>) {
        match head.filter(SignedHead::is_shaped) {
            Some(head) => self.read.push(head),
            None => self.unreadable += 1,
        }
    }
}

/// Reads what follows a mark: five names with their values, in any order, whatever stands between and behind them.
fn read_block(text: &str) -> Option<SignedHead> {
    let words = || text.split(|it: char| it.is_whitespace() || "`\"<>,".contains(it));
    let value = |name: &str| words().find_map(|word| word.strip_prefix(name)?.strip_prefix('='));
    Some(SignedHead {
        head: Head {
            seq: value("seq")?.parse().ok()?,
            hash: value("hash")?.to_owned(),
            at: value("at")?.parse().ok()?,
        },
        key: value("key")?.to_owned(),
        signature: value("sig")?.to_owned(),
    })
}

/// What a check of a head against the trail found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum HeadVerdict {
    /// The trail holds that entry, with that hash.
    Agrees,
    /// It was not signed by this Steward, so it says nothing about the trail.
    NotOurs,
    /// The trail has no such entry: it was cut off.
    Missing,
    /// The trail has another entry in that place: it was changed, added to, or written anew.
    Differs,
}

/// A head that was checked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Witnessed {
    /// The entry that it names.
    pub seq: i64,
    /// When it was posted.
    pub at: Moment,
    /// What the trail says of it.
    pub verdict: HeadVerdict,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;
    use crate::seal::MasterKey;

    fn signer(seed: u64) -> Signer {
        Signer::audit_head(&MasterKey::generate(&Random::seeded(seed)))
    }

    fn head(seq: i64) -> SignedHead {
        let at = "2026-12-01T09:10:00.25Z".parse().unwrap();
        Head { seq, hash: "0123456789abcdef".repeat(4), at }.signed(&signer(1))
    }

    #[test]
    fn a_head_is_read_again_however_it_was_copied() {
        let one = head(17);
        let block = one.to_block();
        for text in [
            block.clone(),
            block.replace('\n', " "),
            block.replace('\n', "\r\n   "),
            format!("Steward 10:10\n```{block}```\nreacted: 1"),
            format!("> {}", block.replace('\n', "\n> ")),
            one.to_line(),
            format!("{}\n", one.to_line()),
        ] {
            assert_eq!(read_heads(&text), Heads { read: vec![one.clone()], unreadable: 0 }, "{text}");
        }
        let both = format!("{}\n{}\n{}\n", one.to_line(), head(18).to_line(), head(19).to_block());
        assert_eq!(read_heads(&both).read.iter().map(|it| it.head.seq).collect::<Vec<_>>(), [17, 18, 19]);
    }

    #[test]
    fn what_is_cut_off_or_damaged_is_counted() {
        let line = head(17).to_line();
        for text in [&line[..line.len() - 3], "{}", MARK, "steward-audit-head-v1 seq=1 hash=ab at=now"] {
            assert_eq!(read_heads(text), Heads { read: Vec::new(), unreadable: 1 }, "{text}");
        }
        assert_eq!(read_heads(""), Heads::default());
        assert_eq!(read_heads("good morning"), Heads::default());
    }

    #[test]
    fn every_part_is_under_the_signature() {
        let key = signer(1).public();
        let one = head(17);
        assert!(one.is_signed_by(&key) && !one.is_signed_by(&signer(2).public()));
        let with = |change: fn(&mut SignedHead)| {
            let mut other = one.clone();
            change(&mut other);
            other
        };
        assert!(!with(|it| it.head.seq = 16).is_signed_by(&key));
        assert!(!with(|it| it.head.hash = "0".repeat(64)).is_signed_by(&key));
        assert!(!with(|it| it.head.at = crate::clock::moment(0)).is_signed_by(&key));
        assert!(!with(|it| it.signature.clear()).is_signed_by(&key));
        assert!(with(|it| it.key.clear()).is_signed_by(&key), "which key it names proves nothing");
    }
}
