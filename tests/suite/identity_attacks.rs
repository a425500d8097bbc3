//! What people try with links, and what comes of it: nothing.

use futures_util::future::join_all;
use sqlx::{Connection, Row};
use steward::chat::{Account, InvocationId, Kind, Said};
use steward::domain::{Held, LinkState, Role, RoleMapEntry, RoleMapFrom};

use crate::bench::engines;
use crate::identity_links::{DISCORD, code, join};
use crate::stage::{Setting, Shown, Stage, assert_snapshot};

fn first_line(shown: &Shown) -> String {
    shown.reads().lines().next().unwrap_or_default().to_owned()
}

const NO_CODE: &str = "There is no such code, or its time is over.";

/// A code is for whoever enters it first, once, within ten minutes; the button is for them alone.
#[tokio::test]
async fn a_code_is_good_once_and_for_ten_minutes() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let [mira, jonas] = stage.cast(["mira", "jonas"]);
        let other = stage.seat(DISCORD, "mira.c", None);
        let typed = code(&other.says("/claude link").await);
        let asked = mira.says(&format!("/claude link --code {typed}")).await;
        assert_eq!(first_line(&jonas.says(&format!("/claude link --code {typed}")).await), NO_CODE, "somebody else's");
        assert_eq!(first_line(&jonas.says(&format!("/claude link --join {DISCORD}")).await), NO_CODE, "not entered");
        let press = Said::Press(asked.button("Yes, it is mine").token.clone().unwrap());
        let stolen = stage.house.dispatch.serve(jonas.delivered(InvocationId::single("stolen"), press)).await;
        assert!(format!("{:?}", stolen.says).contains(NO_CODE), "{stolen:?}");
        mira.presses(&asked, "Yes, it is mine").await;
        other.was_told().await;
        assert_eq!(first_line(&mira.presses(&asked, "Yes, it is mine").await), NO_CODE, "twice");
        assert_eq!(first_line(&mira.says(&format!("/claude link --code {typed}")).await), NO_CODE, "twice");

        let third = stage.seat("slack:T01/U9", "jonas", None);
        let late = code(&third.says("/claude link").await);
        stage.advance(1).await;
        assert_eq!(first_line(&jonas.says(&format!("/claude link --code {late}")).await), NO_CODE, "too late");
        let first = code(&third.says("/claude link").await);
        let second = code(&third.says("/claude link").await);
        assert_eq!(first_line(&jonas.says(&format!("/claude link --code {first}")).await), NO_CODE, "replaced");
        let asked = jonas.says(&format!("/claude link --code {second}")).await;
        stage.advance(1).await;
        assert_eq!(first_line(&jonas.presses(&asked, "Yes, it is mine").await), NO_CODE, "confirmed too late");
        stage.close().await;
    }
}

/// Five wrong codes, and the account pauses, also for the right one; however many come at once.
#[tokio::test]
async fn nobody_guesses_a_code() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let [mira, jonas] = stage.cast(["mira", "jonas"]);
        let other = stage.seat(DISCORD, "mira.c", None);
        let right = code(&other.says("/claude link").await);
        let letters: Vec<char> = "abcdefghjkmnpqrstuvwxyz23456789".chars().collect();
        let guess = |turn: usize| {
            let word: String = (0..8).map(|at| letters[(turn / 31_usize.pow(at % 3) + 7 * at as usize) % 31]).collect();
            format!("/claude link --code {word}")
        };
        let mut heard = std::collections::BTreeMap::new();
        for turn in 0..1_000 {
            *heard.entry(first_line(&mira.says(&guess(turn)).await)).or_insert(0) += 1;
        }
        let told: Vec<String> = heard.iter().map(|(said, count)| format!("{count} times: {said}")).collect();
        assert_snapshot!(told.join("\n"), @r"
        995 times: 5 wrong codes came from this account, so it has to pause for an hour.
        5 times: There is no such code, or its time is over.
        ");
        assert!(first_line(&mira.says(&format!("/claude link --code {right}")).await).contains("has to pause"));
        let at_once = join_all((0..20).map(|turn| {
            let words = guess(turn);
            let jonas = &jonas;
            async move { first_line(&jonas.says(&words).await) }
        }));
        assert_eq!(at_once.await.iter().filter(|it| *it == NO_CODE).count(), 5);
        assert_eq!(stage.trail().await, ["link.paused by mira", "link.paused by jonas"]);
        stage.advance(2).await;
        join(&other, &mira).await;
        other.was_told().await;
        stage.close().await;
    }
}

/// The code itself is nowhere in the database.
#[tokio::test]
async fn a_code_is_kept_as_a_keyed_hash() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let mira = stage.person("mira");
        let other = stage.seat(DISCORD, "mira.c", None);
        let typed = code(&other.says("/claude link").await);
        mira.says(&format!("/claude link --code {typed}")).await;
        stage.settle().await;
        let mut all = String::new();
        let mut connection = sqlx::AnyConnection::connect(&stage.database.url).await.unwrap();
        for query in [
            "SELECT account || hash || COALESCE(entered_by, '') FROM link_code",
            "SELECT words FROM press",
            "SELECT actor || action || about || detail FROM audit",
            "SELECT about || body FROM outbox",
            "SELECT account || verb || place FROM invocation",
        ] {
            for row in sqlx::query(query).fetch_all(&mut connection).await.unwrap() {
                all.push_str(&row.get::<String, _>(0).to_lowercase());
            }
        }
        connection.close().await.unwrap();
        assert!(all.contains(DISCORD), "the code's row was looked at");
        assert!(!all.contains(&typed.to_lowercase()) && !all.contains(&typed.to_lowercase().replace('-', "")));
        stage.close().await;
    }
}

/// Guests, programs, deactivated accounts and people of other companies are not linked: neither end of a code, at no moment,
/// nor by an admin's word.
#[tokio::test]
async fn nobody_but_people_of_the_company_is_linked() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let [ada, grace, mira] = stage.cast(["ada", "grace", "mira"]);
        let other = stage.seat(DISCORD, "mira.c", None);
        let is = |id: &str, kind: Kind| stage.change_standing(id, |it| it.kind = kind);
        let mut told = Vec::new();
        for kind in [Kind::Guest, Kind::Bot, Kind::Deactivated, Kind::Outsider, Kind::Unknown] {
            let typed = code(&other.says("/claude link").await);
            is("mira", kind);
            let guest = first_line(&mira.says(&format!("/claude link --code {typed}")).await);
            is("mira", Kind::Person);
            let asked = mira.says(&format!("/claude link --code {typed}")).await;
            is(DISCORD, kind);
            let asks = first_line(&other.says("/claude link").await);
            let confirmed = first_line(&mira.presses(&asked, "Yes, it is mine").await);
            let attested =
                first_line(&ada.says(&format!("/claude link --attest {DISCORD} --as mira@example.com")).await);
            assert_eq!((&guest, &confirmed), (&asks, &attested));
            told.push(format!("{kind:?}: {asks} {attested}"));
            is(DISCORD, Kind::Person);
        }
        assert_snapshot!(told.join("\n"), @r"
        Guest: Guests cannot use this. That account is a guest's; guests are not linked.
        Bot: Programs cannot use this. That account is a program's; programs are not linked.
        Deactivated: This account is deactivated. That account is deactivated.
        Outsider: Only people of this company can use this. That account belongs to somebody of another company.
        Unknown: The chat does not say who you are at the moment. The chat does not say what sort of account that is.
        ");

        // What was decided while they were a person of the company is not made once they are none.
        let asked = ada.says(&format!("/claude link --attest {DISCORD} --as noor@example.com")).await;
        assert!(asked.reads().starts_with("Done"), "{}", asked.reads());
        ada.presses(&asked, "Undo").await;
        let second = stage.seat("discord:2", "grace.h", None);
        join(&second, &grace).await;
        let card = stage.next_in("approvals").await;
        is("discord:2", Kind::Guest);
        ada.presses(&card, "Approve").await;
        assert_snapshot!(stage.seen_again(&card).await.told(), @r"
        Lapsed: link discord:2 to grace@example.com. Nothing was changed. (lapsed)
        Request: C3-xxxx
        Asked by: @grace, 2026-12-01 09:00 UTC
        Approved by: @ada, 2026-12-01 09:00 UTC
        What happened: That account is a guest's; guests are not linked.
        ");
        assert_eq!(stage.house.store.known(&second.account).await.unwrap(), None);
        stage.settle().await;
        stage.chat.forget_unheard();
        stage.close().await;
    }
}

/// A request asked from an account that turns out to be an approver's own is not theirs to decide, from whichever account.
#[tokio::test]
async fn nobody_decides_what_their_other_account_asked() {
    for engine in engines() {
        let named = Account::discord("80351110224678912");
        let roles = vec![RoleMapEntry { from: RoleMapFrom::Account(named), role: Role::Member, workspace: None }];
        let stage = Stage::set(Setting { roles, ..Setting::on(engine) }).await;
        let [ada, grace] = stage.cast(["ada", "grace"]);
        let other = stage.seat(DISCORD, "somebody", None);
        let invite = other.says("/claude invite tom@example.com").await.request();
        stage.next_in("approvals").await;
        join(&other, &grace).await;
        let card = stage.next_in("approvals").await;
        ada.presses(&card, "Approve").await;
        grace.was_told().await;
        other.was_told().await;
        let own = "You asked for this, so somebody else has to decide.";
        for one in [&grace, &other] {
            assert_eq!(first_line(&one.says(&format!("/claude approve {invite}")).await), own);
            assert_ne!(first_line(&one.says(&format!("/claude request override {invite} now")).await), "Done");
        }
        assert_eq!(stage.state(&invite).await, "waiting");
        assert!(!grace.says("/claude request list --waiting").await.reads().contains(&invite));
        // Taken apart again, they stay the same person as far as this request goes.
        let card = grace.says(&format!("/claude link --remove {DISCORD}")).await;
        assert!(card.reads().starts_with("Done"), "{}", card.reads());
        assert_eq!(first_line(&grace.says(&format!("/claude approve {invite}")).await), own);
        ada.says(&format!("/claude approve {invite}")).await;
        assert_eq!(stage.state(&invite).await, "applied");
        stage.settle().await;
        stage.chat.forget_unheard();
        stage.close().await;
    }
}

/// Nobody attests their own: not the account they speak from, not another of theirs, not to themselves; and whom it is about
/// does not decide it.
#[tokio::test]
async fn nobody_attests_what_is_their_own() {
    for engine in engines() {
        let named = Account::discord("80351110224678912");
        let roles = vec![RoleMapEntry { from: RoleMapFrom::Account(named), role: Role::Admin, workspace: None }];
        let stage = Stage::set(Setting { roles, ..Setting::on(engine) }).await;
        let [ada, grace, mira] = stage.cast(["ada", "grace", "mira"]);
        let other = stage.seat(DISCORD, "second", None);
        stage.seat("discord:2", "third", None);
        assert_snapshot!(ada.says("/claude link --attest @discord:2 --as ada@example.com").await.told(), @r"
        Nobody attests what is their own.
        Nothing was linked. Say /claude link from that account and enter its code here, or ask another admin.
        ");
        for words in ["@browser:ada --as mira@example.com", "@browser:ada --as ada@example.com", "@discord:2 --as me"] {
            let told = ada.says(&format!("/claude link --attest {words}")).await;
            assert_eq!(first_line(&told), "Nobody attests what is their own.", "{words}");
        }
        let told = other.says(&format!("/claude link --attest {DISCORD} --as mira@example.com")).await;
        assert_eq!(first_line(&told), "Nobody attests what is their own.");

        // Grace's second account: Ada asks, and neither Grace nor the account itself may say yes.
        let second = stage.seat("discord:3", "grace.h", None);
        ada.says("/claude link --attest @discord:3 --as grace@example.com").await;
        let card = stage.next_in("approvals").await;
        assert_eq!(
            first_line(&grace.presses(&card, "Approve").await),
            "This is about you, so somebody else has to decide."
        );
        assert_eq!(
            first_line(&ada.presses(&card, "Approve").await),
            "You asked for this, so somebody else has to decide."
        );
        assert_eq!(
            first_line(&second.presses(&card, "Approve").await),
            "This is about you, so somebody else has to decide."
        );
        assert_eq!(first_line(&mira.presses(&card, "Approve").await), "You may not decide this request.");
        other.presses(&card, "Approve").await;
        for one in [&ada, &grace, &second] {
            one.was_told().await;
        }
        stage.close().await;
    }
}

/// Between asking and agreeing the account came to more: what was agreed to was less, so it lapses.
#[tokio::test]
async fn a_link_gives_no_more_than_was_agreed_to() {
    for engine in engines() {
        let from = RoleMapFrom::ClaudeRole("admin".into());
        let roles = vec![RoleMapEntry { from, role: Role::Admin, workspace: None }];
        let stage = Stage::set(Setting { roles, ..Setting::on(engine) }).await;
        let [ada, tom, mira] = stage.cast(["ada", "tom", "mira"]);
        stage.change_standing("tom", |it| it.email = Some("noor@example.com".into()));
        let id = tom.says("/claude link").await.request();
        let card = stage.next_in("approvals").await;
        assert_eq!(
            first_line(&mira.says(&format!("/claude request again {id}")).await),
            "This is waiting, so there is no need to ask again."
        );
        stage.change_standing("tom", |it| it.email = Some("tom@example.com".into()));
        ada.presses(&card, "Approve").await;
        assert_snapshot!(stage.seen_again(&card).await.told(), @r"
        Lapsed: link browser:tom to noor@example.com. Nothing was changed. (lapsed)
        Request: C1-xxxx
        Asked by: @tom, 2026-12-01 09:00 UTC
        Approved by: @ada, 2026-12-01 09:00 UTC
        What happened: Whoever asked no longer shows that the account is theirs.
        ");
        tom.was_told().await;
        for one in [&mira, &ada] {
            let again = one.says(&format!("/claude request again {id}")).await;
            assert_snapshot!(again.told(), @r"
            Only the account itself can be linked by the address in its profile, while it has that address.
            Nothing was linked. Start anew with /claude link.
            ");
        }
        assert!(!tom.says("/claude whoami").await.reads().contains("admin |"));
        stage.close().await;
    }
}

/// A link whose row was edited in the database gives nothing, is found by `verify`, and is not given back by accident.
#[tokio::test]
async fn an_edited_link_gives_nothing() {
    for engine in engines() {
        for edit in [
            "UPDATE link SET person_id = 'person_finn' WHERE account = 'discord:80351110224678912'",
            "UPDATE link SET state = 'active', held = NULL WHERE account = 'discord:80351110224678912'",
            "UPDATE link SET email = 'ada@example.com' WHERE account = 'discord:80351110224678912'",
            "UPDATE link SET mac = NULL WHERE account = 'discord:80351110224678912'",
            "UPDATE link SET mac = (SELECT mac FROM link WHERE account = 'browser:ada') WHERE account = 'discord:80351110224678912'",
            "UPDATE person SET member_id = 'user_nobody' WHERE id = 'person_mira'",
        ] {
            let stage = Stage::open(engine).await;
            let [ada, mira] = stage.cast(["ada", "mira"]);
            let other = stage.seat(DISCORD, "mira.c", None);
            join(&other, &mira).await;
            other.was_told().await;
            let store = &stage.house.store;
            let person = store.known(&other.account).await.unwrap().unwrap().person.id;
            if edit.contains("'active'") {
                let mut tx = store.begin().await.unwrap();
                assert_eq!(store.suspend_links(&mut tx, &person).await.unwrap(), 2);
                store.commit(tx).await.unwrap();
            }
            assert_eq!(store.violations().await.unwrap(), []);
            stage.tamper(edit).await;
            let known = store.known(&other.account).await.unwrap().unwrap();
            assert_eq!((known.state, known.held), (LinkState::Suspended, Some(Held::Edited)), "{edit}");
            assert_eq!(
                first_line(&other.says("/claude member list").await),
                "This account is held back: its link was edited in the database."
            );
            let found = store.violations().await.unwrap();
            assert!(found.iter().any(|it| it.invariant == "every link is genuine" && it.about == DISCORD), "{found:?}");
            assert!(first_line(&other.says("/claude link").await).starts_with("This account is held back"));
            let mut tx = store.begin().await.unwrap();
            store.restore_links(&mut tx, &person).await.unwrap();
            store.commit(tx).await.unwrap();
            // A restart does not bind it anew, either.
            let house = stage.another_house(2).await;
            assert_eq!(house.store.known(&other.account).await.unwrap().unwrap().held, Some(Held::Edited), "{edit}");
            house.store.close().await;
            drop(ada);
            stage.leave().await;
        }
    }
}

/// A database of before has links without a mac. They are bound at the first start, on the record, and never again.
#[tokio::test]
async fn links_of_before_are_bound_once() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let mira = stage.person("mira");
        let held = async || stage.house.store.known(&mira.account).await.unwrap().unwrap().held;
        stage.tamper("UPDATE link SET mac = NULL").await;
        assert_eq!(held().await, Some(Held::Edited));
        stage.another_house(2).await.store.close().await;
        assert_eq!(held().await, None);
        assert_eq!(stage.trail().await, ["link.bound by steward"]);
        stage.tamper("UPDATE link SET mac = NULL").await;
        stage.another_house(3).await.store.close().await;
        assert_eq!(held().await, Some(Held::Edited), "once is once");
        stage.leave().await;
    }
}
