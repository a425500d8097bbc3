//! What is sealed opens in its place, with its key, unchanged; and nowhere else.

use proptest::prelude::*;
use secrecy::{ExposeSecret, SecretString};
use steward::random::Random;
use steward::seal::{BadPublicKey, Context, Error, HookKey, Mac, MasterKey, PublicKey, Seal, Sealed, Signer};

const HERE: Context<'static> = Context { org: "org_1", table: "stock", row: "key_7", column: "secret" };
const CANARY: &str = "sk-ant-api03-CANARY";

fn master(seed: u64) -> MasterKey {
    MasterKey::generate(&Random::seeded(seed))
}

fn seal(seed: u64) -> Seal {
    Seal::new(&master(seed), &[])
}

fn text(content: &str) -> SecretString {
    SecretString::from(content)
}

/// `sealed` as it would come back from the database.
fn stored(sealed: &Sealed) -> Sealed {
    Sealed::parse(&sealed.to_text()).unwrap()
}

/// What `seal` finds in `sealed`.
fn opened(seal: &Seal, place: &Context<'_>, sealed: &Sealed) -> Result<Vec<u8>, Error> {
    seal.open(place, sealed).map(|secret| secret.expose_secret().to_vec())
}

/// The five parts of a sealed text.
fn parts(sealed: &Sealed) -> Vec<String> {
    sealed.to_text().split('.').map(str::to_owned).collect()
}

#[test]
fn a_text_comes_back_from_a_column() {
    let sealed = seal(1).close_text(&HERE, &text(CANARY), &Random::seeded(2));
    let column = sealed.to_text();
    assert!(column.starts_with("v1.") && column.split('.').count() == 5 && !column.contains("CANARY"), "{column}");
    assert_eq!(seal(1).open_text(&HERE, &Sealed::parse(&column).unwrap()).unwrap().expose_secret(), CANARY);
}

#[test]
fn the_same_secret_is_never_sealed_the_same_way_twice() {
    let random = Random::system();
    let [one, two] = [(); 2].map(|()| parts(&seal(1).close(&HERE, b"same", &random)));
    for part in 2..5 {
        assert_ne!(one[part], two[part], "part {part}");
    }
}

#[test]
fn another_place_does_not_open_it() {
    let (seal, random) = (seal(1), Random::seeded(2));
    let sealed = seal.close(&HERE, b"secret", &random);
    let elsewhere = [
        Context { org: "org_2", ..HERE },
        Context { table: "reveal", ..HERE },
        Context { row: "key_8", ..HERE },
        Context { column: "hint", ..HERE },
        // The same letters, cut elsewhere.
        Context { org: "org_1s", table: "tock", ..HERE },
        Context { row: "key_7s", column: "ecret", ..HERE },
    ];
    for place in elsewhere {
        assert_eq!(opened(&seal, &place, &sealed), Err(Error::DoesNotOpen), "{place:?}");
    }
}

#[test]
fn rows_whose_ciphertexts_were_exchanged_do_not_open() {
    let (seal, random) = (seal(1), Random::seeded(2));
    let there = Context { row: "key_8", ..HERE };
    let (here, other) = (seal.close(&HERE, b"one", &random), seal.close(&there, b"two", &random));
    assert_eq!(opened(&seal, &HERE, &other), Err(Error::DoesNotOpen));
    assert_eq!(opened(&seal, &there, &here), Err(Error::DoesNotOpen));

    // Nor do halves of two values of the same place make a third.
    let again = seal.close(&HERE, b"three", &random);
    for part in 2..5 {
        let mut mixed = parts(&here);
        mixed[part].clone_from(&parts(&again)[part]);
        let mixed = Sealed::parse(&mixed.join(".")).unwrap();
        assert_eq!(opened(&seal, &HERE, &mixed), Err(Error::DoesNotOpen), "part {part}");
    }
}

#[test]
fn another_master_key_does_not_open_it() {
    let sealed = seal(1).close(&HERE, b"secret", &Random::seeded(2));
    assert_eq!(opened(&seal(9), &HERE, &sealed), Err(Error::UnknownKey(master(1).id())));

    // Nor if it says of itself that it belongs to the other key.
    let mut claimed = parts(&sealed);
    claimed[1] = master(9).id().to_string();
    let claimed = Sealed::parse(&claimed.join(".")).unwrap();
    assert_eq!(opened(&seal(9), &HERE, &claimed), Err(Error::DoesNotOpen));
}

#[test]
fn a_rotation_wraps_the_data_key_anew_and_leaves_the_value() {
    let random = Random::seeded(2);
    let before = seal(1).close(&HERE, b"secret", &random);
    let rotating = Seal::new(&master(9), &[master(1)]);
    assert_eq!(opened(&rotating, &HERE, &before).unwrap(), b"secret");

    let after = rotating.rewrap(&HERE, &before, &random).unwrap().expect("it was under the previous key");
    assert_eq!(parts(&after)[3..], parts(&before)[3..], "nonce and ciphertext stay");
    assert_ne!(parts(&after)[1..3], parts(&before)[1..3]);
    assert_eq!(rotating.rewrap(&HERE, &after, &random), Ok(None), "a second pass changes nothing");

    let rotated = seal(9);
    assert_eq!(opened(&rotated, &HERE, &stored(&after)).unwrap(), b"secret");
    assert_eq!(opened(&rotated, &HERE, &before), Err(Error::UnknownKey(master(1).id())));
    assert_eq!(opened(&seal(1), &HERE, &after), Err(Error::UnknownKey(master(9).id())));
    let place = Context { row: "key_8", ..HERE };
    assert_eq!(rotating.rewrap(&place, &before, &random), Err(Error::DoesNotOpen), "a swapped row is not carried over");
}

#[test]
fn a_master_key_is_read_from_its_own_text_and_nothing_else() {
    let key = master(1);
    let written = key.to_base64();
    let again = MasterKey::parse(&text(&format!(" {}\n", written.expose_secret()))).unwrap();
    assert_eq!(again.id(), key.id());
    assert_eq!(again.to_base64().expose_secret(), written.expose_secret());

    let short = &written.expose_secret()[4..];
    let long = format!("AAAA{}", written.expose_secret());
    let url_safe = format!("{}_=", &written.expose_secret()[..42]);
    // 33 bytes and 31 bytes have 44 characters too.
    let (more, less) = ("A".repeat(44), format!("{}==", "A".repeat(42)));
    // The last character holds bits that no byte uses: another spelling of the same key.
    let loose = format!("{}B=", "A".repeat(42));
    for wrong in ["", short, &long, &url_safe, &more, &less, &loose, "CANARY-CANARY-CANARY-CANARY-CANARY-CANARY-CA"] {
        let error = MasterKey::parse(&text(wrong)).err().unwrap_or_else(|| panic!("{wrong:?} was accepted"));
        assert_eq!(error, Error::BadMasterKey);
        assert!(!error.to_string().contains("CANARY") && !format!("{error:?}").contains("CANARY"));
    }
}

#[test]
fn what_is_shown_of_a_sealed_value_names_its_key_only() {
    let sealed = seal(1).close(&HERE, CANARY.as_bytes(), &Random::seeded(2));
    assert_eq!(format!("{sealed:?}"), format!("Sealed {{ key_id: KeyId({}), .. }}", master(1).id()));
    let root = master(1).to_base64();
    assert!(!root.expose_secret().contains(&master(1).id().to_string()));
}

#[test]
fn each_use_has_a_mac_key_of_its_own() {
    let (root, covered) = (master(1), b"entry 1".as_slice());
    let macs = [Mac::audit(&root), Mac::rows(&root), Mac::duplicates(&root)];
    for (i, one) in macs.iter().enumerate() {
        assert!(one.verify(covered, &one.sign(covered)));
        assert_eq!(one.key_id(), root.id());
        assert!(!one.verify(b"entry 2", &one.sign(covered)));
        assert!(!one.verify(covered, &one.sign(covered)[..31]) && !one.verify(covered, &[]));
        for other in &macs[i + 1..] {
            assert_ne!(one.sign(covered), other.sign(covered));
        }
    }
    assert!(!Mac::audit(&master(2)).verify(covered, &macs[0].sign(covered)));
}

#[test]
fn the_format_at_rest_stays_readable() {
    // Written by the first version. If this fails, values that lie in databases have become unreadable.
    let root = MasterKey::parse(&text("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")).unwrap();
    let sealed = Sealed::parse(include_str!("seal_v1.txt").trim()).unwrap();
    assert_eq!(opened(&Seal::new(&root, &[]), &HERE, &sealed).unwrap(), b"a secret of the first version");
    // Computed with another program, from the description in RFC 5869 and RFC 2104.
    assert_eq!(root.id().to_string(), "BRMfw3riO_c");
    assert_eq!(
        data_encoding::HEXLOWER.encode(&Mac::audit(&root).sign(b"entry")),
        "290eca70a6e3226a601957f68368e150a4c47e4ecfafc44e4156638a77451829"
    );
}

/// Heads that were posted must be checkable for years, and a receiver's secret must not change by itself. Computed with other
/// programs: HKDF by hand, `openssl pkeyutl -sign`, HMAC.
#[test]
fn signatures_and_stamps_stay_what_they_are() {
    let root = MasterKey::parse(&text("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")).unwrap();
    let signer = Signer::audit_head(&root);
    assert_eq!(signer.public().to_string(), "o30iZCNcNPn1hTdn0HoPqyYQgXUYZgZ4RjepFEINrCw=");
    let at = "2026-12-01T09:10:00Z".parse().unwrap();
    let head = steward::domain::Head { seq: 17, hash: "ab".repeat(32), at };
    assert_eq!(
        head.signed(&signer).signature,
        "1ZxlpVXaYhO5jNeLVDQOCLUDtmgM7QYG28dB8v5o/G/306jp0ySuqY7FrYmdjEXjKE2hQKCnFOPitPWdr/3LCA=="
    );
    let key = HookKey::audit(&root);
    let secret = "whsec_968a5bed3d78c0e6481036a16d523c8a153a2731d4ff9fb95de23634c5f8cf08";
    assert_eq!(key.secret().expose_secret(), secret);
    assert_eq!(
        key.stamp(1_796_000_000, b"{\"a\":1}"),
        "t=1796000000,v1=b7b462aa57ee81243f8d83a3d2bb36aa502d5eec3522e6dc87f24ec5393b9e04"
    );
}

#[test]
fn a_public_key_is_read_from_its_own_text_and_nothing_else() {
    let key = Signer::audit_head(&master(1)).public();
    assert_eq!(key.to_string().parse(), Ok(key));
    assert_eq!(format!(" {key}\n").parse(), Ok(key));
    for bad in ["", "AAAA", &key.to_string()[1..], "not base64 at all, but long enough to be one.="] {
        assert_eq!(bad.parse::<PublicKey>(), Err(BadPublicKey), "{bad}");
    }
    assert!(!key.verify(b"", &[]) && !key.verify(b"", &[0; 64]) && !key.verify(b"", &[0xff; 64]));
    assert!(key.to_pem().starts_with("-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA"));
}

proptest! {
    #[test]
    fn every_secret_comes_back(secret: Vec<u8>, parts: [String; 4], seed: u64) {
        let place = Context { org: &parts[0], table: &parts[1], row: &parts[2], column: &parts[3] };
        let sealed = stored(&seal(seed).close(&place, &secret, &Random::seeded(!seed)));
        prop_assert_eq!(opened(&seal(seed), &place, &sealed).unwrap(), secret);
    }

    #[test]
    fn every_flipped_bit_is_noticed(secret in prop::collection::vec(any::<u8>(), 0..64), at: prop::sample::Index, bit in 0_u8..8) {
        let sealed = seal(1).close(&HERE, &secret, &Random::seeded(2));
        let mut bytes = sealed.to_text().into_bytes();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        let opened = String::from_utf8(bytes)
            .map_err(|_| Error::Malformed)
            .and_then(|text| Sealed::parse(&text))
            .and_then(|changed| opened(&seal(1), &HERE, &changed));
        prop_assert!(opened.is_err());
    }

    #[test]
    fn no_text_makes_the_reader_fall_over(text in "(v1)?[.A-Za-z0-9_=-]{0,200}") {
        let _ = Sealed::parse(&text).map(|sealed| opened(&seal(1), &HERE, &sealed).unwrap_err());
    }
}
