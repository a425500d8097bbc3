//! Asking somebody in, from the question to the receipt.

use steward::chat::Says;

use crate::bench::engines;
use crate::stage::{Setting, Stage, assert_snapshot, at};

const INVITES: &str = "/v1/organizations/invites";

/// A member asks, an admin approves on the card, the organization has one invitation more, everybody knows.
#[tokio::test]
async fn a_member_asks_and_an_admin_approves() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let [ada, mira] = stage.cast(["ada", "mira"]);

        let answer =
            mira.says("/claude invite lea@example.com --role developer --reason \"joins the evals team\"").await;
        let id = answer.request();
        assert!(id.starts_with("C1-"), "{id}");
        let card = stage.next_in("approvals").await;
        assert_snapshot!(card.reads().replace(&id, "C1-xxxx"), @r"
        @mira asks to invite lea@example.com as developer (waiting for a decision)
        Request: C1-xxxx
        Reason: joins the evals team
        What happens: Anthropic sends lea@example.com an invitation as developer, good for 21 days — POST /v1/organizations/invites
        Member: no
        Open invitation: none → as developer
        Cost: none
        Undo: withdraw the invitation while it is pending
        Expires 2026-12-04 09:00 UTC. @admins
        [Approve] [Deny]
        ");

        let done = ada.presses(&card, "Approve").await;
        assert_snapshot!(done.reads().replace(&id, "C1-xxxx"), @r"
        Done: lea@example.com was invited as developer. (done)
        Request: C1-xxxx
        Asked by: @mira, 2026-12-01 09:00 UTC
        Approved by: @ada, 2026-12-01 09:00 UTC
        [Undo]
        ");
        assert_eq!(stage.seen_again(&card).await.reads(), done.reads());
        assert_snapshot!(mira.was_told().await.reads().replace(&id, "C1-xxxx"), @r"
        @ada approved your request, and it is done: lea@example.com was invited as developer. (done)
        Request: C1-xxxx
        ");
        assert_eq!(stage.applied("POST", "/v1/organizations/invites"), 1);
        assert_eq!(
            stage.trail().await,
            [
                "invite.asked by mira",
                "invite.approved by ada",
                "invite.sending by steward",
                "invite.applied by steward"
            ]
        );
        stage.close().await;
    }
}

/// Nobody has to agree with an admin: the answer is the receipt.
#[tokio::test]
async fn an_admin_invites_at_once() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let ada = stage.person("ada");

        let done = ada.says("/claude invite lea@example.com").await;
        assert_snapshot!(done.told(), @r"
        Done: lea@example.com was invited as user. (done)
        Request: C1-xxxx
        Asked by: @ada, 2026-12-01 09:00 UTC
        Approved by: policy, at once
        [Undo]
        ");
        assert_eq!(stage.applied("POST", INVITES), 1);
        assert_eq!(stage.open_invites("lea@example.com"), 1);
        stage.close().await;
    }
}

/// `--dry-run` shows what would be called and who would have to agree, and writes nothing.
#[tokio::test]
async fn a_dry_run_changes_nothing() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let [ada, mira] = stage.cast(["ada", "mira"]);

        assert_snapshot!(ada.says("/claude invite lea@example.com --role developer --dry-run").await.told(), @r"
        This would invite lea@example.com as developer. Nothing was changed. (dry run)
        What happens: Anthropic sends lea@example.com an invitation as developer, good for 21 days — POST /v1/organizations/invites
        Member: no
        Open invitation: none → as developer
        Cost: none
        Undo: withdraw the invitation while it is pending
        Nobody has to agree; it would be made at once.
        ");
        let plan = mira.says("/claude invite lea@example.com --dry-run").await.told();
        assert_snapshot!(plan.lines().last().unwrap(), @"One approver has to agree.");
        assert_eq!(stage.trail().await, [] as [&str; 0]);
        assert_eq!(stage.applied("POST", INVITES), 0);
        stage.close().await;
    }
}

/// `--dry-run` of a decision decides nothing either.
#[tokio::test]
async fn a_dry_run_of_a_decision_decides_nothing() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let [ada, mira] = stage.cast(["ada", "mira"]);
        let id = mira.says("/claude invite lea@example.com").await.request();
        stage.next_in("approvals").await;

        assert_snapshot!(ada.says(&format!("/claude approve {id} --dry-run")).await.told(), @r"
        This would approve C1-xxxx: invite lea@example.com as user. Nothing was changed. (dry run)
        Request: C1-xxxx
        What happens: Anthropic sends lea@example.com an invitation as user, good for 21 days — POST /v1/organizations/invites
        Member: no
        Open invitation: none → as user
        Cost: none
        Undo: withdraw the invitation while it is pending
        ");
        let denied = ada.says(&format!("/claude deny {id} --dry-run")).await.told();
        assert_snapshot!(denied.lines().next().unwrap(), @"This would deny C1-xxxx: invite lea@example.com as user. Nothing was changed. (dry run)");
        let withdrawn = mira.says(&format!("/claude request withdraw {id} --dry-run")).await.told();
        assert_snapshot!(withdrawn.lines().next().unwrap(), @"This would withdraw C1-xxxx: invite lea@example.com as user. Nothing was changed. (dry run)");
        assert_eq!(stage.state(&id).await, "waiting");

        ada.says(&format!("/claude approve {id}")).await;
        mira.was_told().await;
        let undone = ada.says(&format!("/claude undo {id} --dry-run")).await.told();
        assert_snapshot!(undone.lines().next().unwrap(), @"This would withdraw the invitation of lea@example.com. Nothing was changed. (dry run)");
        assert_snapshot!(ada.says(&format!("/claude approve {id} --dry-run")).await.told(), @r"
        @ada approved this one already.
        Nothing was changed by your press. See /claude request show C1-xxxx.
        ");
        assert_eq!(stage.open_invites("lea@example.com"), 1);
        stage.close().await;
    }
}

/// A no, with its reason, reaches the asker; the card keeps it.
#[tokio::test]
async fn an_admin_denies_with_a_reason() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let [ada, mira] = stage.cast(["ada", "mira"]);
        let id = mira.says("/claude invite lea@example.com").await.request();
        let card = stage.next_in("approvals").await;

        let answer = ada.says(&format!("/claude deny {id} --reason \"she starts in March\"")).await;
        assert_snapshot!(answer.told(), @r"
        Denied: invite lea@example.com as user. (denied)
        Request: C1-xxxx
        Asked by: @mira, 2026-12-01 09:00 UTC
        Denied by: @ada, 2026-12-01 09:00 UTC
        Reason: she starts in March
        ");
        assert_eq!(stage.seen_again(&card).await.reads(), answer.reads());
        assert_snapshot!(mira.was_told().await.told(), @r"
        @ada said no to your request to invite lea@example.com as user. (denied)
        Request: C1-xxxx
        she starts in March
        ");
        assert_eq!(stage.trail().await, ["invite.asked by mira", "invite.denied by ada"]);
        assert_eq!(stage.applied("POST", INVITES), 0);
        stage.close().await;
    }
}

/// Whoever asked can take it back; a press on the old card comes too late.
#[tokio::test]
async fn the_asker_withdraws() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let [ada, mira, jonas] = stage.cast(["ada", "mira", "jonas"]);
        let asked = mira.says("/claude invite lea@example.com").await;
        let card = stage.next_in("approvals").await;

        let others = jonas.says(&format!("/claude request withdraw {}", asked.request())).await;
        assert_snapshot!(others.told(), @r"
        Only whoever asked can withdraw a request.
        An approver can deny it: /claude request deny C1-xxxx.
        ");
        let answer = mira.presses(&asked, "Withdraw").await;
        assert_snapshot!(answer.told(), @r"
        Withdrawn: invite lea@example.com as user. (withdrawn)
        Request: C1-xxxx
        Asked by: @mira, 2026-12-01 09:00 UTC
        ");
        assert_eq!(stage.seen_again(&card).await.reads(), answer.reads());
        assert_snapshot!(ada.presses(&card, "Approve").await.told(), @r"
        This request is withdrawn, so there is nothing to decide.
        Nothing was changed by your press. See /claude request show C1-xxxx.
        ");
        assert_eq!(stage.applied("POST", INVITES), 0);
        stage.close().await;
    }
}

/// The second press changes nothing and says who was first.
#[tokio::test]
async fn a_request_is_decided_once() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let [ada, grace, mira] = stage.cast(["ada", "grace", "mira"]);
        mira.says("/claude invite lea@example.com").await;
        mira.says("/claude invite tom@example.com").await;
        let (lea, tom) = (stage.next_in("approvals").await, stage.next_in("approvals").await);

        ada.presses(&lea, "Approve").await;
        assert_snapshot!(grace.presses(&lea, "Deny").await.told(), @r"
        @ada approved this one already.
        Nothing was changed by your press. See /claude request show C1-xxxx.
        ");
        grace.presses(&tom, "Deny").await;
        assert_snapshot!(ada.presses(&tom, "Approve").await.told(), @r"
        @grace denied this one already.
        Nothing was changed by your press. See /claude request show C2-xxxx.
        ");
        let (one, other) = (mira.was_told().await, mira.was_told().await);
        assert!(
            one.reads().contains("it is done") && other.reads().contains("said no"),
            "{} {}",
            one.reads(),
            other.reads()
        );
        assert_eq!(stage.applied("POST", INVITES), 1);
        stage.close().await;
    }
}

/// Nobody decides about their own request; who may not decide is told so; the weighty ones take a typed confirmation.
#[tokio::test]
async fn an_invitation_as_billing_takes_a_confirmation_and_a_second_admin() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let [ada, grace, finn, mira] = stage.cast(["ada", "grace", "finn", "mira"]);

        let refused = mira.says("/claude invite lea@example.com --role billing").await;
        assert_snapshot!(refused.told(), @r"
        Policy does not let you invite lea@example.com as billing.
        Nothing was changed. An admin can ask for it.
        ");
        let form = ada.opens("/claude invite lea@example.com --role billing").await;
        assert_snapshot!(format!("{}: {}\n{}", form.title, form.intro.to_plain(), form.fields[0].label), @r"
        Please confirm: You are about to ask to invite lea@example.com as billing.
        Type lea@example.com to confirm
        ");
        let Says::Form(again) = ada.sends(&form, &[("--confirm", "tom@example.com")]).await else {
            panic!("something else than the address confirmed it");
        };
        assert_eq!(stage.trail().await, [] as [&str; 0]);
        let asked = ada.submits(&again, &[("--confirm", "LEA@example.com")]).await;
        assert_snapshot!(asked.told(), @r"
        Asked: invite lea@example.com as billing. (waiting for a decision)
        Request: C1-xxxx
        An approver decides; you are told by direct message. Expires 2026-12-04 09:00 UTC.
        [Withdraw]
        ");

        let card = stage.next_in("approvals").await;
        assert_snapshot!(ada.presses(&card, "Approve").await.told(), @r"
        You asked for this, so somebody else has to decide.
        You can take it back: /claude request withdraw C1-xxxx.
        ");
        assert_snapshot!(finn.presses(&card, "Approve").await.told(), @r"
        You may not decide this request.
        Nothing was changed. /claude whoami shows what you may.
        ");
        assert_snapshot!(mira.presses(&card, "Approve").await.told(), @r"
        You may not decide this request.
        Nothing was changed. /claude whoami shows what you may.
        ");
        assert_eq!(stage.applied("POST", INVITES), 0);
        let done = grace.presses(&card, "Approve").await;
        assert!(done.reads().starts_with("Done: lea@example.com was invited as billing."), "{}", done.reads());
        ada.was_told().await;
        stage.close().await;
    }
}

/// Undecided requests are brought up with the approvers, ever more rarely, and expire for everybody to see.
#[tokio::test]
async fn nobody_decides() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let [ada, grace, mira] = stage.cast(["ada", "grace", "mira"]);
        let id = mira.says("/claude invite lea@example.com").await.request();
        let card = stage.next_in("approvals").await;

        let mut reminded = Vec::new();
        for hour in 1..72 {
            stage.advance(1).await;
            if ada.has_news().await {
                reminded.push(hour);
                let (one, other) = (ada.was_told().await, grace.was_told().await);
                assert_eq!(one.reads(), other.reads());
            }
        }
        assert_eq!(reminded, [2, 6, 14, 30, 62]);
        assert!(!mira.has_news().await, "only approvers are reminded");
        assert_eq!(stage.state(&id).await, "waiting");

        stage.advance(1).await;
        assert_snapshot!(mira.was_told().await.told(), @r"
        Nobody decided in time on your request to invite lea@example.com as user. It expired. (expired)
        Request: C1-xxxx
        ");
        assert_snapshot!(stage.seen_again(&card).await.told(), @r"
        Expired: invite lea@example.com as user. Nobody decided in time. (expired)
        Request: C1-xxxx
        Asked by: @mira, 2026-12-01 09:00 UTC
        ");
        assert_snapshot!(ada.presses(&card, "Approve").await.told(), @r"
        This request is expired, so there is nothing to decide.
        Nothing was changed by your press. See /claude request show C1-xxxx.
        ");
        assert_eq!(stage.trail().await.last().unwrap(), "invite.expired by steward");
        stage.close().await;
    }
}

/// A press in the minute between the end of its time and the sweep comes too late as well.
#[tokio::test]
async fn its_time_is_over_before_anybody_swept() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let [ada, mira] = stage.cast(["ada", "mira"]);
        mira.says("/claude invite lea@example.com").await;
        let card = stage.next_in("approvals").await;
        stage.clock.advance_to(at("2026-12-04T09:00:00Z"));

        assert_snapshot!(ada.presses(&card, "Approve").await.told(), @r"
        This request's time is over.
        Nothing was changed by your press. See /claude request show C1-xxxx.
        ");
        mira.was_told().await;
        stage.chat.forget_unheard();
        assert_eq!(stage.applied("POST", INVITES), 0);
        stage.close().await;
    }
}

/// The buttons of a reminder work like those of the card.
#[tokio::test]
async fn a_reminder_can_be_pressed() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let [ada, grace, mira] = stage.cast(["ada", "grace", "mira"]);
        let id = mira.says("/claude invite lea@example.com").await.request();
        let card = stage.next_in("approvals").await;
        stage.advance(2).await;

        let (reminder, other) = (grace.was_told().await, ada.was_told().await);
        assert_snapshot!(reminder.told(), @r"
        Still waiting for a decision: @mira asks to invite lea@example.com as user. (waiting for a decision)
        Request: C1-xxxx
        What happens: Anthropic sends lea@example.com an invitation as user, good for 21 days — POST /v1/organizations/invites
        Member: no
        Open invitation: none → as user
        Cost: none
        Undo: withdraw the invitation while it is pending
        Expires 2026-12-04 09:00 UTC.
        [Approve] [Deny]
        ");
        let done = grace.presses(&reminder, "Approve").await;
        assert_eq!(stage.seen_again(&card).await.reads(), done.reads());
        assert_eq!(stage.seen_again(&reminder).await.reads(), done.reads());
        assert_eq!(stage.seen_again(&other).await.reads(), done.reads());
        let late = ada.presses(&other, "Deny").await;
        assert!(late.reads().starts_with("@grace approved this one already."), "{}", late.reads());
        mira.was_told().await;
        assert_eq!(stage.state(&id).await, "applied");
        stage.close().await;
    }
}

/// Without a channel each approver has a card of their own, and all of them become the receipt.
#[tokio::test]
async fn without_a_channel_cards_go_to_each_approver() {
    for engine in engines() {
        let stage = Stage::set(Setting { approvers_channel: None, ..Setting::on(engine) }).await;
        let [ada, grace, mira] = stage.cast(["ada", "grace", "mira"]);
        mira.says("/claude invite lea@example.com").await;

        let (hers, other) = (ada.was_told().await, grace.was_told().await);
        assert_eq!(hers.reads(), other.reads());
        let done = ada.presses(&hers, "Approve").await;
        assert_eq!(stage.seen_again(&hers).await.reads(), done.reads());
        assert_eq!(stage.seen_again(&other).await.reads(), done.reads());
        mira.was_told().await;
        stage.close().await;
    }
}

/// What makes no sense is said at once, without a request.
#[tokio::test]
async fn some_invitations_make_no_sense() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let [ada, mira, jonas] = stage.cast(["ada", "mira", "jonas"]);

        assert_snapshot!(mira.says("/claude invite jonas@example.com").await.told(), @r"
        jonas@example.com is a member already, as developer.
        Nothing was sent. To change what they may do: /claude member role jonas@example.com …
        ");
        assert_snapshot!(mira.says("/claude invite nadia.petrov@example.com").await.told(), @r"
        nadia.petrov@example.com was already invited, as developer.
        That invitation lapses on 2026-12-20 09:00 UTC. A new mail goes out with /claude invites resend nadia.petrov@example.com.
        ");
        mira.says("/claude invite lea@example.com").await;
        stage.next_in("approvals").await;
        assert_snapshot!(jonas.says("/claude invite LEA@example.com --role developer").await.told(), @r"
        @mira asked for this already: invite lea@example.com as user (C1-xxxx). (waiting for a decision)
        Nothing new was asked. That request expires 2026-12-04 09:00 UTC.
        ");
        assert_snapshot!(ada.says("/claude invite lea@example.com").await.told(), @r"
        @mira asked for this already: invite lea@example.com as user (C1-xxxx). (waiting for a decision)
        Nothing new was asked. That request expires 2026-12-04 09:00 UTC.
        ");
        assert_snapshot!(ada.says("/claude invite lea@example.com --role admin").await.told(), @r"
        admin will not do for --role: the role admin cannot be given through the API; only an admin can give it, in the Claude Console.
        For example: /claude invite ada@example.com --role developer
        ");
        assert_eq!(stage.trail().await, ["invite.asked by mira"]);
        assert_eq!(stage.applied("POST", INVITES), 0);
        stage.close().await;
    }
}

/// From stranger to member: asked for by themselves, approved, accepted by mail, linked and greeted.
#[tokio::test]
async fn a_stranger_asks_for_themselves() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let [ada, lea] = stage.cast(["ada", "lea"]);

        assert_snapshot!(lea.says("/claude invite tom@example.com").await.told(), @r"
        I do not know yet who you are in the Claude organization.
        Run /claude link first. Nothing was changed.
        ");
        assert_snapshot!(lea.says("/claude member list").await.told(), @r"
        I do not know yet who you are in the Claude organization.
        Run /claude link first. Nothing was changed.
        ");
        let asked = lea.says("/claude invite me").await;
        assert_snapshot!(asked.told(), @r"
        Asked: invite lea@example.com as user. (waiting for a decision)
        Request: C1-xxxx
        An approver decides; you are told by direct message. Expires 2026-12-04 09:00 UTC.
        [Withdraw]
        ");
        let card = stage.next_in("approvals").await;
        ada.presses(&card, "Approve").await;
        assert_snapshot!(lea.was_told().await.told(), @r"
        @ada approved your request, and it is done: lea@example.com was invited as user. (done)
        Request: C1-xxxx
        ");
        assert_eq!(stage.open_invites("lea@example.com"), 1);

        stage.accept_mail("lea@example.com");
        stage.advance(1).await;
        assert_snapshot!(lea.was_told().await.told(), @r"
        Welcome: you are a member of the Claude organization now, and I know you.
        See what you can do with /claude home.
        ");
        let known = lea.says("/claude whoami").await.told();
        assert!(known.contains("Member of the organization: Lea Novak, lea@example.com, as user"), "{known}");
        assert_eq!(stage.trail().await.last().unwrap(), "link.made by steward");
        stage.close().await;
    }
}

/// A stranger on another domain asks in vain, also for their own address.
#[tokio::test]
async fn a_stranger_of_another_domain_is_not_invited() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        stage.change_standing("lea", |it| it.email = Some("lea@elsewhere.example".into()));
        let lea = stage.person("lea");

        assert_snapshot!(lea.says("/claude invite me").await.told(), @r"
        I do not know yet who you are in the Claude organization.
        Run /claude link first. Nothing was changed.
        ");
        stage.change_standing("lea", |it| it.email = None);
        assert_snapshot!(lea.says("/claude invite me").await.told(), @r"
        I know no address for that person.
        Name the address that the invitation should go to.
        ");
        assert_eq!(stage.trail().await, [] as [&str; 0]);
        stage.close().await;
    }
}

/// Nobody buries the approvers.
#[tokio::test]
async fn only_so_many_requests_wait() {
    for engine in engines() {
        let stage = Stage::set(Setting { most_waiting: 2, ..Setting::on(engine) }).await;
        let mira = stage.person("mira");
        mira.says("/claude invite a@example.com").await;
        let second = mira.says("/claude invite b@example.com").await;
        assert_snapshot!(mira.says("/claude invite c@example.com").await.told(), @r"
        You have 2 requests that nobody has decided yet, and that is the limit.
        Nothing was asked. Withdraw one first: /claude request list --mine.
        ");
        mira.presses(&second, "Withdraw").await;
        assert!(mira.says("/claude invite c@example.com").await.reads().starts_with("Asked:"));
        stage.settle().await;
        stage.chat.forget_unheard();
        stage.close().await;
    }
}

/// While an invitation is open it can be taken back; whoever had asked for it hears so.
#[tokio::test]
async fn an_admin_takes_an_invitation_back() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let [ada, grace, mira] = stage.cast(["ada", "grace", "mira"]);
        mira.says("/claude invite lea@example.com").await;
        let card = stage.next_in("approvals").await;
        let done = ada.presses(&card, "Approve").await;
        mira.was_told().await;

        assert_snapshot!(mira.presses(&done, "Undo").await.told(), @r"
        This needs the permission member.manage, which you do not have.
        Nothing was changed. Ask an admin.
        ");
        let undone = grace.presses(&done, "Undo").await;
        assert_snapshot!(undone.told(), @r"
        Done: the invitation of lea@example.com was withdrawn. (done)
        Request: C2-xxxx
        Asked by: @grace, 2026-12-01 09:00 UTC
        Approved by: policy, at once
        ");
        assert_snapshot!(mira.was_told().await.told(), @r"
        What you asked for was taken back: invite lea@example.com as user. (undone)
        Request: C1-xxxx
        ");
        assert_snapshot!(stage.seen_again(&card).await.told(), @r"
        Taken back: invite lea@example.com as user. (undone)
        Request: C1-xxxx
        Asked by: @mira, 2026-12-01 09:00 UTC
        Approved by: @ada, 2026-12-01 09:00 UTC
        ");
        assert_snapshot!(ada.presses(&done, "Undo").await.told(), @r"
        This was taken back already.
        See /claude request show C1-xxxx.
        ");
        assert_eq!(stage.open_invites("lea@example.com"), 0);
        assert_eq!(stage.applied("DELETE", INVITES), 1);
        stage.close().await;
    }
}

/// Once it is accepted, it is too late for that.
#[tokio::test]
async fn an_accepted_invitation_cannot_be_taken_back() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let ada = stage.person("ada");
        let done = ada.says("/claude invite lea@example.com").await;
        stage.accept_mail("lea@example.com");

        assert_snapshot!(ada.presses(&done, "Undo").await.told(), @r"
        Lapsed: withdraw the invitation of lea@example.com. Nothing was changed. (lapsed)
        Request: C2-xxxx
        Asked by: @ada, 2026-12-01 09:00 UTC
        Approved by: policy, at once
        What happened: The invitation of lea@example.com is no longer open.
        ");
        assert_snapshot!(ada.presses(&done, "Undo").await.told(), @r"
        The invitation of lea@example.com is no longer open.
        It was accepted, lapsed or was withdrawn. See /claude invites list.
        ");
        assert_eq!(stage.role_of("lea"), Some("user"));
        stage.chat.forget_unheard();
        stage.close().await;
    }
}

/// The list of invitations, a second mail, and an invitation withdrawn.
#[tokio::test]
async fn invitations_are_listed_sent_again_and_withdrawn() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let [ada, mira] = stage.cast(["ada", "mira"]);

        assert_snapshot!(mira.says("/claude invites list").await.told(), @r"
        2 open invitations.
        Address | Role | State | Sent | Lapses
        nadia.petrov@example.com | developer | pending | 2026-11-29 09:00 UTC | 2026-12-20 09:00 UTC
        hugo.martin@example.com | user | pending | 2026-11-12 09:00 UTC | 2026-12-03 09:00 UTC
        As of just now.
        ");
        assert_snapshot!(mira.says("/claude invites list --all").await.told().lines().nth(4).unwrap(), @"ines.costa@example.com | user | expired | 2026-10-29 09:00 UTC | 2026-11-19 09:00 UTC");
        assert_snapshot!(mira.says("/claude invites resend hugo.martin@example.com").await.told(), @r"
        This needs the permission member.manage, which you do not have.
        Nothing was changed. /claude whoami shows what you may; an admin may do this.
        ");
        assert_snapshot!(ada.says("/claude invites resend hugo.martin@example.com --dry-run").await.told(), @r"
        This would send hugo.martin@example.com a new invitation. Nothing was changed. (dry run)
        What happens: the link in the mail to hugo.martin@example.com stops working — DELETE /v1/organizations/invites/invite_…
        What happens: Anthropic sends hugo.martin@example.com an invitation as user, good for 21 days — POST /v1/organizations/invites
        Member: no
        Open invitation: invite_… as user → as user
        Cost: none
        Undo: not possible
        Nobody has to agree; it would be made at once.
        ");
        assert_snapshot!(ada.says("/claude invites resend hugo.martin@example.com").await.told(), @r"
        Done: the invitation of hugo.martin@example.com was withdrawn; hugo.martin@example.com was invited as user. (done)
        Request: C1-xxxx
        Asked by: @ada, 2026-12-01 09:00 UTC
        Approved by: policy, at once
        ");
        assert_eq!(stage.open_invites("hugo.martin@example.com"), 1);
        // The one that had lapsed needs no withdrawal.
        assert_snapshot!(ada.says("/claude invites resend ines.costa@example.com").await.told(), @r"
        Done: ines.costa@example.com was invited as user. (done)
        Request: C2-xxxx
        Asked by: @ada, 2026-12-01 09:00 UTC
        Approved by: policy, at once
        ");
        assert_snapshot!(ada.says("/claude invites withdraw ines.costa@example.com").await.told(), @r"
        Done: the invitation of ines.costa@example.com was withdrawn. (done)
        Request: C3-xxxx
        Asked by: @ada, 2026-12-01 09:00 UTC
        Approved by: policy, at once
        ");
        assert_snapshot!(ada.says("/claude invites withdraw ines.costa@example.com").await.told(), @r"
        The invitation of ines.costa@example.com is no longer open.
        It was accepted, lapsed or was withdrawn. See /claude invites list.
        ");
        assert_snapshot!(ada.says("/claude invites resend lea@example.com").await.told(), @r"
        Nobody was invited as lea@example.com.
        To do so: /claude invite lea@example.com.
        ");
        assert_eq!(stage.open_invites("ines.costa@example.com"), 0);
        stage.close().await;
    }
}

/// Requests, as each of them sees them.
#[tokio::test]
async fn requests_are_listed_and_shown() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let [ada, mira, jonas] = stage.cast(["ada", "mira", "jonas"]);
        let id = mira.says("/claude invite lea@example.com --reason evals").await.request();
        ada.says("/claude invite tom@example.com").await;
        stage.next_in("approvals").await;

        assert_snapshot!(ada.says("/claude requests").await.told(), @r"
        Waiting for you, and your own requests: 2.
        Request | What | Asked by | State | Asked
        C1-xxxx | invite lea@example.com as user | @mira | waiting | 2026-12-01 09:00 UTC
        C2-xxxx | invite tom@example.com as user | @ada | applied | 2026-12-01 09:00 UTC
        ");
        assert_snapshot!(mira.says("/claude request list --mine").await.told(), @r"
        Your requests: 1.
        Request | What | Asked by | State | Asked
        C1-xxxx | invite lea@example.com as user | @mira | waiting | 2026-12-01 09:00 UTC
        ");
        assert_snapshot!(jonas.says("/claude request list").await.told(), @"Waiting for you, and your own requests: none.");
        assert_snapshot!(jonas.says("/claude request list --all").await.told(), @r"
        All requests are shown to approvers and auditors only.
        Your own: /claude request list --mine.
        ");
        assert_snapshot!(jonas.says(&format!("/claude request show {id}")).await.told(), @r"
        There is no request with this id that you may see.
        See /claude request list.
        ");
        let hers = mira.says(&format!("/claude request show {id}")).await;
        assert_eq!(hers.message.buttons.len(), 1);
        let json = ada.says(&format!("/claude request show {id} --json")).await.reads();
        let json: serde_json::Value = serde_json::from_str(json.split_once('\n').unwrap().1).unwrap();
        assert_eq!(
            (json["kind"].as_str(), json["state"].as_str(), json["reason"].as_str()),
            (Some("invite"), Some("waiting"), Some("evals"))
        );
        let all = ada.says("/claude request list --all --json").await.reads();
        let all: serde_json::Value = serde_json::from_str(all.split_once('\n').unwrap().1).unwrap();
        assert_eq!(all.as_array().unwrap().len(), 2);
        let shown = ada.says(&format!("/claude request show {id}")).await;
        ada.presses(&shown, "Approve").await;
        mira.was_told().await;
        stage.close().await;
    }
}

/// An approval can be typed; an id that does not fit its plan is no request; a button lives for half a year.
#[tokio::test]
async fn an_approval_can_be_typed() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let [ada, mira] = stage.cast(["ada", "mira"]);
        let id = mira.says("/claude invite lea@example.com").await.request();
        let card = stage.next_in("approvals").await;

        assert_snapshot!(ada.says("/claude approve C1-zzzz").await.reads(), @r"
        There is no request with this id.
        Ids look like C17-k3f9. See /claude request list.
        ");
        assert_snapshot!(ada.says("/claude approve C99-k3f9").await.reads(), @r"
        There is no request with this id.
        Ids look like C17-k3f9. See /claude request list.
        ");
        assert_snapshot!(ada.says("/claude approve 17").await.reads(), @r"
        17 will not do for request: a request is named like C17-k3f9.
        For example: /claude request approve C17-k3f9
        ");
        assert_eq!(stage.state(&id).await, "waiting");
        let done = ada.says(&format!("/claude approve {}", id.to_uppercase().replace("C1-", "c1-"))).await;
        assert!(done.reads().starts_with("Done: "), "{}", done.reads());
        mira.was_told().await;

        stage.advance(24 * 190).await;
        assert_snapshot!(ada.presses(&card, "Approve").await.told(), @r"
        This button is too old.
        Nothing was changed. Ask again with /claude.
        ");
        stage.close().await;
    }
}
