//! How accounts become a person's: by a code, by an admin's word, with a second admin where they gain by it; and how one whose
//! address changed is held back.

use steward::chat::Account;
use steward::claude::Role as ClaudeRole;
use steward::domain::{Approver, Environment, Place, Role, RoleMapEntry, RoleMapFrom};

use crate::bench::engines;
use crate::stage::{Actor, Setting, Shown, Stage, assert_snapshot};

pub(crate) const DISCORD: &str = "discord:80351110224678912";

/// The code in an answer.
pub(crate) fn code(shown: &Shown) -> String {
    let text = shown.reads();
    let at = text.find("Your code is ").unwrap_or_else(|| panic!("no code in:\n{text}")) + "Your code is ".len();
    text[at..at + 9].to_owned()
}

/// The answer with its code made alike from run to run.
fn without_code(shown: &Shown) -> String {
    shown.told().replace(&code(shown), "ABCD-EFGH")
}

/// `unknown` is shown a code, `known` enters it and says that the account is theirs.
pub(crate) async fn join(unknown: &Actor<'_>, known: &Actor<'_>) -> Shown {
    let code = code(&unknown.says("/claude link").await);
    let asked = known.says(&format!("/claude link --code {code}")).await;
    known.presses(&asked, "Yes, it is mine").await
}

fn claude_admins() -> Vec<RoleMapEntry> {
    vec![RoleMapEntry { from: RoleMapFrom::ClaudeRole("admin".into()), role: Role::Admin, workspace: None }]
}

fn first_lines(shown: &Shown, count: usize) -> String {
    shown.told().lines().take(count).collect::<Vec<_>>().join("\n")
}

/// Discord knows no address: a code is shown there and entered where its owner is known.
#[tokio::test]
async fn a_code_makes_two_accounts_one_person() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let mira = stage.person("mira");
        let other = stage.seat(DISCORD, "mira.c", None);
        let shown = other.says("/claude link").await;
        assert_snapshot!(without_code(&shown), @r"
        Your code is ABCD-EFGH.
        Your chat profile shows me no address to link by.
        From an account that I know as yours, on another platform, say /claude link --code ABCD-EFGH. It is good for 10 minutes and one entry; show it to nobody. Are you known nowhere? Ask an admin.
        ");
        let typed = code(&shown).to_lowercase().replace('-', " ");
        let asked = mira.says(&format!("/claude link --code \"{typed}\"")).await;
        assert_snapshot!(asked.told(), @r"
        The code is right. Is this account yours: @80351110224678912 (discord:80351110224678912), mira.c there?
        It would be linked to Mira Chen (mira@example.com) and speak for you: your requests, your keys, your name.
        Go on only if you asked for this code yourself, a moment ago. Nothing is linked yet.
        [Yes, it is mine]
        ");
        assert_snapshot!(other.says("/claude whoami").await.told(), @r"
        I do not know yet who you are in the Claude organization.
        This account: @80351110224678912 (discord:80351110224678912)
        Member of the organization: not linked to one
        Link your account with /claude link.
        ");
        assert_snapshot!(mira.presses(&asked, "Yes, it is mine").await.told(), @r"
        Joined: @80351110224678912 is linked to Mira Chen now, as this account is.
        /claude whoami shows what you may.
        ");
        assert_snapshot!(other.was_told().await.told(), @r"
        @80351110224678912 (discord:80351110224678912) is linked to Mira Chen now: it speaks for you, and what is yours can be seen from it.
        If it is not your account, take it away at once with /claude link --remove discord:80351110224678912 and tell an admin.
        ");
        assert_snapshot!(first_lines(&other.says("/claude whoami").await, 6), @r"
        This is what I know of you.
        This account: @80351110224678912 (discord:80351110224678912)
        Also yours, active: @mira
        Member of the organization: Mira Chen, mira@example.com, as developer
        Role | Where | Because
        member | everywhere | your account is linked
        ");
        other.says("/claude invite tom@example.com").await;
        assert!(mira.says("/claude request list --mine").await.reads().contains("tom@example.com"));
        stage.settle().await;
        stage.chat.forget_unheard();
        let trail = stage.trail().await;
        assert_eq!(trail[0], "link.made by mira");
        stage.close().await;
    }
}

/// A second platform that has addresses: the address says who they are, but somebody is linked to that member already.
#[tokio::test]
async fn a_second_platform_with_the_same_address_is_shown_a_code() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let mira = stage.person("mira");
        let slack = stage.seat("slack:T01/U01MIRA", "Mira Chen", Some("mira@example.com"));
        assert_snapshot!(without_code(&slack.says("/claude link").await), @r"
        Your code is ABCD-EFGH.
        You are known on another platform already.
        From an account that I know as yours, on another platform, say /claude link --code ABCD-EFGH. It is good for 10 minutes and one entry; show it to nobody. Are you known nowhere? Ask an admin.
        ");
        join(&slack, &mira).await;
        slack.was_told().await;
        assert!(slack.says("/claude member list").await.reads().starts_with("Members 1 to 20"));
        assert_snapshot!(slack.says("/claude link").await.told(), @r"
        This account is linked already, to Mira Chen.
        /claude whoami shows what you may.
        ");
        stage.close().await;
    }
}

/// One account of a person on each platform; and a code is entered by whoever is known.
#[tokio::test]
async fn a_code_joins_no_second_account_of_a_platform() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let [mira, lea] = stage.cast(["mira", "lea"]);
        let first = stage.seat(DISCORD, "mira.c", None);
        join(&first, &mira).await;
        first.was_told().await;
        let second = stage.seat("discord:2", "mira.2", None);
        let typed = code(&second.says("/claude link").await);
        assert_snapshot!(mira.says(&format!("/claude link --code {typed}")).await.told(), @r"
        You have an account on that platform already, and a person has one on each.
        Nothing was linked. /claude whoami shows your accounts.
        ");
        assert_snapshot!(lea.says("/claude link --code ABCD-EFGH").await.told(), @r"
        I do not know from this account either who you are.
        Nothing was linked. A code is entered where you are known already; here, say /claude link first.
        ");
        assert_snapshot!(mira.says("/claude link --code nonsense").await.told(), @r"
        There is no such code, or its time is over.
        Nothing was linked. A code is good for 10 minutes and one entry; /claude link, said from the other account, shows a new one.
        ");
        stage.close().await;
    }
}

/// An admin says whose an account is. The plan says what comes with it; everybody concerned hears of it; it can be taken back.
#[tokio::test]
async fn an_admin_attests_an_account() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let [ada, mira] = stage.cast(["ada", "mira"]);
        let other = stage.seat(DISCORD, "mira.c", None);
        let words = format!("/claude link --attest @{DISCORD} --as mira@example.com");
        assert_snapshot!(ada.says(&format!("{words} --dry-run")).await.told(), @r"
        This would link discord:80351110224678912 to mira@example.com. Nothing was changed. (dry run)
        What happens: discord:80351110224678912 speaks for Mira Chen (mira@example.com) from then on — in Steward's own books
        Account: nobody's yet → Mira Chen's
        Shown by: → the word of whoever asks
        Rights that come with it: → no more than a member's
        Cost: none
        Undo: take discord:80351110224678912 away from mira@example.com and hold it back
        Nobody has to agree; it would be made at once.
        ");
        let done = ada.says(&words).await;
        assert_snapshot!(done.told(), @r"
        Done: discord:80351110224678912 is linked to Mira Chen. (done)
        Request: C1-xxxx
        Asked by: @ada, 2026-12-01 09:00 UTC
        Approved by: policy, at once
        [Undo]
        ");
        assert_snapshot!(mira.was_told().await.told(), @r"
        @80351110224678912 (discord:80351110224678912) is linked to Mira Chen now: it speaks for you, and what is yours can be seen from it.
        If it is not your account, take it away at once with /claude link --remove discord:80351110224678912 and tell an admin.
        ");
        other.was_told().await;
        assert!(other.says("/claude member list").await.reads().starts_with("Members 1 to 20"));
        assert_snapshot!(ada.says(&words).await.told(), @r"
        @80351110224678912 is linked to mira@example.com already.
        Nothing was changed.
        ");

        assert_snapshot!(ada.presses(&done, "Undo").await.told(), @r"
        Done: discord:80351110224678912 is no longer linked to Mira Chen. (done)
        Request: C2-xxxx
        Asked by: @ada, 2026-12-01 09:00 UTC
        Approved by: policy, at once
        ");
        assert_snapshot!(mira.was_told().await.told(), @r"
        @80351110224678912 (discord:80351110224678912) is no longer linked to Mira Chen.
        If you did not expect this, ask an admin.
        ");
        other.was_told().await;
        assert_snapshot!(other.says("/claude member list").await.told(), @r"
        This account is held back: its link was taken back.
        Nothing was changed. Ask an admin.
        ");
        assert_snapshot!(other.says("/claude link").await.told(), @r"
        This account is held back: its link was taken back.
        Nothing was linked. An admin can look at it and attest whose it is.
        ");
        ada.says(&words).await;
        assert!(other.says("/claude member list").await.reads().starts_with("Members 1 to 20"));
        stage.settle().await;
        stage.chat.forget_unheard();
        stage.close().await;
    }
}

/// What is said for others is said by admins, and completely.
#[tokio::test]
async fn attesting_is_for_admins_and_names_both() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let [ada, mira, lea] = stage.cast(["ada", "mira", "lea"]);
        stage.seat(DISCORD, "mira.c", None);
        let words = format!("/claude link --attest @{DISCORD} --as jonas@example.com");
        assert_snapshot!(mira.says(&words).await.told(), @r"
        This needs the permission admin, which you do not have.
        Nothing was changed. /claude whoami shows what you may; an admin may do this.
        ");
        assert_snapshot!(lea.says(&words).await.told(), @r"
        I do not know yet who you are in the Claude organization.
        Run /claude link first. Nothing was changed.
        ");
        assert_snapshot!(ada.says(&format!("/claude link --attest {DISCORD}")).await.told(), @r"
        An attestation names an account and the member whose it is.
        Nothing was changed. For example: /claude link --attest @discord:80351110224678912 --as ada@example.com.
        ");
        assert_snapshot!(ada.says("/claude link --code ABCD-EFGH --as mira@example.com").await.told(), @r"
        These options do not go together.
        Nothing was changed. For example: /claude link --code ABCD-EFGH.
        ");
        assert_snapshot!(ada.says("/claude link --attest @discord:7 --as mira@example.com").await.told(), @r"
        The chat does not say at the moment who that account is.
        Nothing was linked. Try again in a minute.
        ");
        assert_snapshot!(ada.says("/claude link --attest @browser:jonas --as mira@example.com").await.told(), @r"
        @jonas is linked to another member already, Jonas Weber.
        Nothing was changed. Take it away from them first: /claude link --remove browser:jonas.
        ");
        assert_snapshot!(ada.says("/claude link --attest @browser:tom --as mira@example.com").await.told(), @r"
        mira@example.com has an account on this platform already: @mira.
        Nothing was changed. A person has one on each. Take that one away first: /claude link --remove browser:mira.
        ");
        assert_snapshot!(ada.says("/claude link --dry-run").await.told(), @r"
        Only --attest and --remove have a plan to show.
        Nothing was changed. For example: /claude link.
        ");
        assert_snapshot!(ada.says("/claude link --remove @browser:tom").await.told(), @r"
        @tom is not linked to a member.
        Nothing was changed.
        ");
        assert_eq!(stage.trail().await, [] as [&str; 0]);
        stage.close().await;
    }
}

/// A person takes an account of theirs away by themselves. It is a stranger's then.
#[tokio::test]
async fn somebody_removes_an_account_of_theirs() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let mira = stage.person("mira");
        let other = stage.seat(DISCORD, "mira.c", None);
        join(&other, &mira).await;
        other.was_told().await;
        assert_snapshot!(mira.says(&format!("/claude link --remove {DISCORD}")).await.told(), @r"
        Done: discord:80351110224678912 is no longer linked to Mira Chen. (done)
        Request: C1-xxxx
        Asked by: @mira, 2026-12-01 09:00 UTC
        Approved by: policy, at once
        ");
        assert_snapshot!(other.was_told().await.told(), @r"
        @80351110224678912 (discord:80351110224678912) is no longer linked to Mira Chen.
        If you did not expect this, ask an admin.
        ");
        assert_snapshot!(other.says("/claude member list").await.told(), @r"
        I do not know yet who you are in the Claude organization.
        Run /claude link first. Nothing was changed.
        ");
        mira.was_told().await;
        join(&other, &mira).await;
        other.was_told().await;
        assert!(other.says("/claude member list").await.reads().starts_with("Members 1 to 20"));
        stage.close().await;
    }
}

/// An address alone makes nobody an admin: another admin has to agree, and until then the account is a stranger's.
#[tokio::test]
async fn a_link_that_makes_an_admin_waits_for_another_admin() {
    for engine in engines() {
        let stage = Stage::set(Setting { roles: claude_admins(), ..Setting::on(engine) }).await;
        let [ada, tom] = stage.cast(["ada", "tom"]);
        stage.change_standing("tom", |it| it.email = Some("noor@example.com".into()));
        assert_snapshot!(tom.says("/claude link").await.told(), @r"
        Asked: link browser:tom to noor@example.com. (waiting for a decision)
        Request: C1-xxxx
        An approver decides; you are told by direct message. Expires 2026-12-04 09:00 UTC.
        [Withdraw]
        ");
        let card = stage.next_in("approvals").await;
        assert_snapshot!(card.told(), @r"
        @tom asks to link browser:tom to noor@example.com (waiting for a decision)
        Request: C1-xxxx
        What happens: browser:tom speaks for Noor Haddad (noor@example.com) from then on — in Steward's own books
        Account: nobody's yet → Noor Haddad's
        Shown by: → the address in the chat profile
        Rights that come with it: → the role admin
        Cost: none
        Undo: take browser:tom away from noor@example.com and hold it back
        Expires 2026-12-04 09:00 UTC. @admins
        [Approve] [Deny]
        ");
        stage.advance(1).await;
        assert!(!tom.says("/claude whoami").await.reads().contains("admin |"), "nothing comes before the decision");
        let again = tom.says("/claude link").await;
        assert!(again.reads().contains("asked for this already"), "{}", again.reads());
        ada.presses(&card, "Approve").await;
        assert_snapshot!(tom.was_told().await.told(), @r"
        @ada approved your request, and it is done: browser:tom is linked to Noor Haddad. (done)
        Request: C1-xxxx
        ");
        assert_snapshot!(first_lines(&tom.says("/claude whoami").await, 7), @r"
        This is what I know of you.
        This account: @tom (browser:tom)
        Member of the organization: Noor Haddad, noor@example.com, as admin
        Role | Where | Because
        admin | everywhere | you are admin in the organization
        member | everywhere | your account is linked
        Permission | You may
        ");
        assert_eq!(
            stage.trail().await,
            [
                "link.asked by tom",
                "link.approved by ada",
                "link.sending by steward",
                "link.made by steward",
                "link.applied by steward"
            ]
        );
        stage.close().await;
    }
}

/// A code of somebody who is an admin elsewhere joins their account only when another admin agrees: not they themselves.
#[tokio::test]
async fn an_account_of_an_admin_waits_for_another_admin() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let [ada, grace] = stage.cast(["ada", "grace"]);
        let other = stage.seat(DISCORD, "grace.h", None);
        assert_snapshot!(join(&other, &grace).await.told(), @r"
        Asked: link discord:80351110224678912 to grace@example.com. (waiting for a decision)
        Request: C1-xxxx
        An approver decides; you are told by direct message. Expires 2026-12-04 09:00 UTC.
        [Withdraw]
        ");
        let card = stage.next_in("approvals").await;
        assert_eq!(
            grace.presses(&card, "Approve").await.reads().lines().next(),
            Some("You asked for this, so somebody else has to decide.")
        );
        ada.presses(&card, "Approve").await;
        grace.was_told().await;
        assert_snapshot!(other.was_told().await.told(), @r"
        @80351110224678912 (discord:80351110224678912) is linked to Grace Okafor now: it speaks for you, and what is yours can be seen from it.
        If it is not your account, take it away at once with /claude link --remove discord:80351110224678912 and tell an admin.
        ");
        assert_snapshot!(first_lines(&other.says("/claude whoami").await, 7), @r"
        This is what I know of you.
        This account: @80351110224678912 (discord:80351110224678912)
        Also yours, active: @grace
        Member of the organization: Grace Okafor, grace@example.com, as admin
        Role | Where | Because
        member | everywhere | your account is linked
        Permission | You may
        ");
        stage.close().await;
    }
}

/// Whoever is named as an approver becomes one with the link: that counts, too, and so does an attestation.
#[tokio::test]
async fn a_link_that_makes_an_approver_waits_for_another_admin() {
    for engine in engines() {
        let approvers = vec![Approver::Named("discord-role:77".into())];
        let workspaces = vec![Place { environment: Environment::Dev, approvers, ..Place::unnamed("Research") }];
        let stage = Stage::set(Setting { workspaces, ..Setting::on(engine) }).await;
        let [ada, grace, mira] = stage.cast(["ada", "grace", "mira"]);
        let other = stage.seat(DISCORD, "mira.c", None);
        stage.change_standing(DISCORD, |it| it.groups = vec!["discord-role:77".into()]);
        let asked = ada.says(&format!("/claude link --attest {DISCORD} --as mira@example.com")).await;
        assert_snapshot!(asked.told(), @r"
        Asked: link discord:80351110224678912 to mira@example.com. (waiting for a decision)
        Request: C1-xxxx
        An approver decides; you are told by direct message. Expires 2026-12-04 09:00 UTC.
        [Withdraw]
        ");
        let card = stage.next_in("approvals").await;
        assert_snapshot!(card.told(), @r"
        @ada asks to link discord:80351110224678912 to mira@example.com (waiting for a decision)
        Request: C1-xxxx
        What happens: discord:80351110224678912 speaks for Mira Chen (mira@example.com) from then on — in Steward's own books
        Account: nobody's yet → Mira Chen's
        Shown by: → the word of whoever asks
        Rights that come with it: → approving requests about the workspace Research
        Cost: none
        Undo: take discord:80351110224678912 away from mira@example.com and hold it back
        Expires 2026-12-04 09:00 UTC. @admins
        [Approve] [Deny]
        ");
        assert!(!other.says("/claude whoami").await.reads().contains("Your rights"));
        let own = ada.presses(&card, "Approve").await;
        assert!(own.reads().starts_with("You asked for this"), "{}", own.reads());
        grace.presses(&card, "Approve").await;
        assert!(other.says("/claude member list").await.reads().starts_with("Members 1 to 20"));
        for one in [&ada, &mira, &other] {
            one.was_told().await;
        }
        stage.close().await;
    }
}

/// Somebody invited as billing is more than a plain member where the configuration says so: their arrival waits for an admin.
#[tokio::test]
async fn an_arrival_that_gives_more_waits_for_an_admin() {
    for engine in engines() {
        let from = RoleMapFrom::ClaudeRole("billing".into());
        let roles = vec![RoleMapEntry { from, role: Role::Billing, workspace: None }];
        let stage = Stage::set(Setting { roles, ..Setting::on(engine) }).await;
        let [ada, lea] = stage.cast(["ada", "lea"]);
        let asked = lea.says("/claude invite lea@example.com").await.request();
        stage.next_in("approvals").await;
        ada.says(&format!("/claude deny {asked}")).await;
        stage.settle().await;
        stage.chat.forget_unheard();
        stage.console().invite("lea@example.com", &ClaudeRole::Billing).await.unwrap();
        stage.accept_mail("lea@example.com");
        stage.advance(1).await;
        assert!(!lea.says("/claude whoami").await.reads().contains("billing |"));
        let card = stage.next_in("approvals").await;
        assert_snapshot!(first_lines(&card, 3), @r"
        @lea asks to link browser:lea to lea@example.com (waiting for a decision)
        Request: C2-xxxx
        What happens: browser:lea speaks for Lea Novak (lea@example.com) from then on — in Steward's own books
        ");
        stage.advance(1).await;
        ada.presses(&card, "Approve").await;
        assert!(lea.says("/claude whoami").await.reads().contains("billing | everywhere"));
        stage.settle().await;
        stage.chat.forget_unheard();
        stage.close().await;
    }
}

/// Another address than the one that was linked: no right from that moment on, and everybody concerned knows, once.
#[tokio::test]
async fn an_account_whose_address_changed_is_held_back() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let [ada, mira] = stage.cast(["ada", "mira"]);
        let says = |email: Option<&str>| {
            let email = email.map(ToOwned::to_owned);
            stage.change_standing("mira", |it| it.email = email);
        };
        for same in [Some(" Mira@Example.COM "), None, Some("")] {
            says(same);
            assert!(mira.says("/claude member list").await.reads().starts_with("Members"), "{same:?} is no change");
        }
        says(Some("m.chen@example.com"));
        assert_snapshot!(mira.says("/claude member list").await.told(), @r"
        This account is held back: the address in its chat profile changed.
        Nothing was changed. If your address changed in the organization as well, say /claude link; otherwise ask an admin.
        ");
        assert_snapshot!(stage.next_in("approvals").await.told(), @r"
        The address in the chat profile of @mira changed, so the account is held back: it has no right any more. (held back)
        Account: browser:mira
        Linked to: Mira Chen, mira@example.com
        Linked with: mira@example.com
        The chat says now: m.chen@example.com
        If it is still them, they say /claude link once the member has the new address, or you say /claude link --attest browser:mira --as mira@example.com.
        ");
        assert_snapshot!(mira.was_told().await.told(), @r"
        The address in the chat profile of @mira is no longer the one that it was linked with, so the account is held back: it has no right any more. (held back)
        If your address changed in the Claude organization as well, say /claude link. Otherwise ask an admin, who can attest that it is you.
        ");
        mira.says("/claude status").await;
        stage.advance(3).await;
        assert!(!mira.has_news().await, "once is enough");
        assert_snapshot!(first_lines(&mira.says("/claude whoami").await, 4), @r"
        I do not know yet who you are in the Claude organization.
        This account: @mira (browser:mira)
        Member of the organization: Mira Chen, mira@example.com, as developer
        Link your account with /claude link.
        ");
        assert_snapshot!(mira.says("/claude link").await.told(), @r"
        No member of the organization has the address in your chat profile.
        Ask for an invitation with /claude invite me.
        ");
        // Changed back, it stays held back: somebody else may have had it meanwhile. Linking anew is what shows whose it is.
        says(Some("mira@example.com"));
        assert!(mira.says("/claude member list").await.reads().starts_with("This account is held back"));
        assert_snapshot!(mira.says("/claude link").await.told(), @r"
        Linked: you are Mira Chen (mira@example.com).
        /claude whoami shows what you may.
        ");
        assert!(mira.says("/claude member list").await.reads().starts_with("Members"));
        assert_eq!(stage.trail().await, ["link.suspended by steward", "link.made by mira"]);

        says(Some("m.chen@example.com"));
        mira.says("/claude member list").await;
        ada.says("/claude link --attest @browser:mira --as mira@example.com").await;
        assert!(mira.says("/claude member list").await.reads().starts_with("Members"), "an admin looked");
        stage.settle().await;
        stage.chat.forget_unheard();
        stage.close().await;
    }
}

/// Nobody has to say anything for it: the platforms are asked about everybody, a few at a time.
#[tokio::test]
async fn a_changed_address_is_found_without_a_word() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        stage.change_standing("jonas", |it| it.email = Some("j@elsewhere.example".into()));
        stage.advance(2).await;
        let jonas = stage.person("jonas");
        assert!(jonas.was_told().await.reads().contains("held back"));
        assert!(stage.next_in("approvals").await.reads().contains("j@elsewhere.example"));
        let known = stage.house.store.known(&Account::browser("jonas")).await.unwrap().unwrap();
        assert_eq!(known.held, Some(steward::domain::Held::Address));
        stage.close().await;
    }
}

/// The account that asked for a code became somebody's in the meantime: its own code joins it to nobody anew.
#[tokio::test]
async fn a_code_does_not_join_an_account_to_itself() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let [ada, there] = [stage.person("ada"), stage.seat(DISCORD, "mira", None)];
        let own = code(&there.says("/claude link").await);
        ada.says(&format!("/claude link --attest {DISCORD} --as mira@example.com")).await;
        assert_snapshot!(there.says(&format!("/claude link --code {own}")).await.told(), @r"
        This code was shown to this very account, and I know already whose it is.
        Nothing was linked. /claude whoami shows your accounts.
        ");
        assert_snapshot!(there.says(&format!("/claude link --join {DISCORD}")).await.told(), @r"
        This code was shown to this very account, and I know already whose it is.
        Nothing was linked. /claude whoami shows your accounts.
        ");
        stage.settle().await;
        stage.chat.forget_unheard();
        stage.close().await;
    }
}
