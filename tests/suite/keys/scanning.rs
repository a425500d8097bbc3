//! Looks for secrets in a heap of bytes, in every form in which they could have slipped out.

use std::collections::HashMap;
use std::fmt::Write as _;

use data_encoding::{BASE64, BASE64URL_NOPAD, HEXLOWER, HEXUPPER};

/// So many bytes of a form are looked up at once; the rest of it is compared then.
const HEAD: usize = 8;
/// How much of a secret is looked for: enough to be it and no accident, little enough to find a piece of it.
const PIECE: usize = 16;
const SLOTS: usize = 1 << 16;

/// Many secrets at once, each in every form.
pub(super) struct Scan {
    by_head: HashMap<[u8; HEAD], Vec<(String, Vec<u8>)>>,
    /// Which heads there are, roughly: most bytes are told by this.
    slots: Vec<bool>,
}

impl Scan {
    /// Two pieces of each secret, from the parts that no hint shows.
    pub(super) fn of<'a>(secrets: impl IntoIterator<Item = &'a str>) -> Self {
        let mut scan = Self { by_head: HashMap::new(), slots: vec![false; SLOTS] };
        for (number, secret) in secrets.into_iter().enumerate() {
            assert!(secret.len() > 80, "that is no key");
            for at in [20, 60] {
                for (form, needle) in forms(secret.as_bytes(), at) {
                    let head: [u8; HEAD] = needle[..HEAD].try_into().unwrap();
                    scan.slots[slot(u64::from_be_bytes(head))] = true;
                    scan.by_head.entry(head).or_default().push((format!("key {number}, {form}"), needle));
                }
            }
        }
        scan
    }

    /// What is found first, and where.
    pub(super) fn find(&self, bytes: &[u8]) -> Option<(usize, &str)> {
        let mut head = 0_u64;
        for (at, byte) in bytes.iter().enumerate() {
            head = (head << 8) | u64::from(*byte);
            if at + 1 < HEAD || !self.slots[slot(head)] {
                continue;
            }
            let from = at + 1 - HEAD;
            let found = self.by_head.get(&head.to_be_bytes()).into_iter().flatten();
            if let Some((form, _)) = found.into_iter().find(|(_, needle)| bytes[from..].starts_with(needle)) {
                return Some((from, form));
            }
        }
        None
    }

    #[track_caller]
    pub(super) fn is_not_in(&self, place: &str, bytes: &[u8]) {
        if let Some((at, form)) = self.find(bytes) {
            panic!("{form}: in {place}, at byte {at} of {}", bytes.len());
        }
    }
}

fn slot(head: u64) -> usize {
    usize::try_from(head.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 48).unwrap()
}

fn escaped_for_json(bytes: &[u8]) -> Vec<u8> {
    let mut text = String::new();
    for byte in bytes {
        write!(text, "\\u{byte:04x}").unwrap();
    }
    text.into_bytes()
}

fn escaped_for_addresses(bytes: &[u8]) -> Vec<u8> {
    let mut text = String::new();
    for byte in bytes {
        write!(text, "%{byte:02X}").unwrap();
    }
    text.into_bytes()
}

/// One piece of a secret in every form.
fn forms(secret: &[u8], at: usize) -> Vec<(&'static str, Vec<u8>)> {
    let piece = &secret[at..at + PIECE];
    let listed = |between: &str| piece.iter().map(u8::to_string).collect::<Vec<_>>().join(between);
    // Base64 of a part depends on where it began: all three are looked for, without what the neighbours change.
    let inner = |skip: usize| {
        let text = BASE64.encode(&secret[at + skip..at + skip + 12]);
        text.into_bytes()
    };
    let mut all = vec![
        ("as it is", piece.to_vec()),
        ("in hexadecimal", HEXLOWER.encode(piece).into_bytes()),
        ("in capital hexadecimal", HEXUPPER.encode(piece).into_bytes()),
        ("in base64", inner(0)),
        ("in base64, behind one more", inner(1)),
        ("in base64, behind two more", inner(2)),
        ("as numbers", listed(", ").into_bytes()),
        ("as numbers of JSON", listed(",").into_bytes()),
        ("as numbers, a line each", listed(",\n    ").into_bytes()),
        ("escaped for JSON", escaped_for_json(piece)),
        ("escaped for an address", escaped_for_addresses(piece)),
        ("reversed", piece.iter().rev().copied().collect()),
        ("as wide text", piece.iter().flat_map(|byte| [*byte, 0]).collect()),
    ];
    let url: Vec<_> = (0..3)
        .map(|skip| {
            ("in base64 for addresses", BASE64URL_NOPAD.encode(&secret[at + skip..at + skip + 12]).into_bytes())
        })
        .collect();
    all.extend(url);
    all
}

#[test]
fn a_key_is_found_in_each_form() {
    let key = format!("sk-ant-api03-{}-{}AA", "R2d2".repeat(12), "C3po_x".repeat(8));
    let scan = Scan::of([key.as_str()]);
    let bytes = key.as_bytes();
    for place in [
        bytes.to_vec(),
        HEXLOWER.encode(bytes).into_bytes(),
        HEXUPPER.encode(bytes).into_bytes(),
        BASE64.encode(bytes).into_bytes(),
        BASE64.encode(&[b"x".as_slice(), bytes].concat()).into_bytes(),
        BASE64.encode(&[b"xy".as_slice(), bytes].concat()).into_bytes(),
        BASE64URL_NOPAD.encode(bytes).into_bytes(),
        format!("{bytes:?}").into_bytes(),
        format!("{bytes:#?}").into_bytes(),
        serde_json::to_vec(bytes).unwrap(),
        escaped_for_json(bytes),
        escaped_for_addresses(bytes),
        bytes[50..].to_vec(),
    ] {
        let padded = [b"before".as_slice(), &place, b"behind"].concat();
        assert!(scan.find(&padded).is_some(), "{}", String::from_utf8_lossy(&place));
    }
    assert_eq!(scan.find(format!("{}...{}", &key[..16], &key[key.len() - 4..]).as_bytes()), None, "a hint is none");
}
