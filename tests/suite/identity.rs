//! Who somebody is decides what they hear: no, not you, not yet, or yes.

use steward::chat::{Account, InvocationId, Kind, Reply, Said, Says, Token};
use steward::claude::Role;
use steward::command::split;
use steward::domain::{RoleMapEntry, RoleMapFrom};
use steward::sandbox::Fault;
use steward::store::Trail;

use crate::bench::engines;
use crate::stage::{Setting, Shown, Stage, assert_snapshot};

/// Everything in the trail, questions and refusals too.
async fn whole_trail(stage: &Stage) -> Vec<String> {
    stage.settle().await;
    let wanted = Trail { after_seq: Some(0), limit: 10_000, ..Trail::default() };
    let entries = stage.house.store.trail(&wanted).await.unwrap();
    entries
        .iter()
        .map(|it| format!("{} {} by {}", it.action, it.about, it.actor.trim_start_matches("browser:")))
        .collect()
}

fn first_line(reply: &Reply) -> String {
    match &reply.says {
        Says::Message(message) => message.text.to_plain(),
        other => format!("{other:?}"),
    }
}

/// Whoever is not clearly a person of one's own company gets one sentence, whatever they do, and is written down.
#[tokio::test]
async fn nobody_but_people_of_the_company_is_served() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let ada = stage.person("ada");
        let card = ada.says("/claude invite lea@example.com").await;
        let press = card.button("Undo").token.clone().unwrap();
        let mut told = Vec::new();
        for kind in [Kind::Guest, Kind::Bot, Kind::Deactivated, Kind::Outsider, Kind::Unknown] {
            stage.change_standing("ada", |it| it.kind = kind);
            let acts = [
                Said::Command(split("invite tom@example.com")),
                Said::Command(split("help")),
                Said::Command(split("nonsense")),
                Said::Press(press.clone()),
                Said::Form(press.clone(), Vec::new()),
                Said::Shortcut("report".into(), "words".into()),
                Said::Opened,
            ];
            let mut heard = Vec::new();
            for act in acts {
                heard.push(first_line(&ada.reply(act).await));
            }
            heard.dedup();
            assert_eq!(heard.len(), 1, "{heard:?}");
            told.push(format!("{kind:?}: {}", heard[0]));
        }
        assert_snapshot!(told.join("\n"), @r"
        Guest: Guests cannot use this.
        Bot: Programs cannot use this.
        Deactivated: This account is deactivated.
        Outsider: Only people of this company can use this.
        Unknown: The chat does not say who you are at the moment.
        ");
        let refused = whole_trail(&stage).await.iter().filter(|it| *it == "query.refused nobody by ada").count();
        assert_eq!(refused, 5 * 7);
        assert_eq!(stage.open_invites("lea@example.com"), 1);
        stage.close().await;
    }
}

/// Refusals for want of a right are written down with the command they met.
#[tokio::test]
async fn refusals_are_written_down() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let [mira, finn, lea] = stage.cast(["mira", "finn", "lea"]);
        mira.says("/claude audit").await;
        finn.says("/claude invites withdraw hugo.martin@example.com").await;
        lea.says("/claude status").await;
        mira.says("/claude member remove sofia@example.com").await;
        assert_eq!(
            whole_trail(&stage).await,
            [
                "query.refused audit by mira",
                "query.refused invites withdraw by finn",
                "query.stranger status by lea",
                "query.refused member remove by mira"
            ]
        );
        stage.close().await;
    }
}

/// Everybody can see what they may, and why.
#[tokio::test]
async fn whoami_says_where_every_right_comes_from() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let [ada, finn, mira, lea] = stage.cast(["ada", "finn", "mira", "lea"]);
        let roles = |shown: &Shown| {
            let text = shown.told();
            text.lines().take_while(|it| !it.starts_with("Permission")).collect::<Vec<_>>().join("\n")
        };
        assert_snapshot!(roles(&ada.says("/claude whoami").await), @r"
        This is what I know of you.
        This account: @ada (browser:ada)
        Member of the organization: Ada Brandt, ada@example.com, as admin
        Role | Where | Because
        admin | everywhere | the configuration names you under first_admins
        admin | everywhere | you are in browser-group:admins
        member | everywhere | your account is linked
        ");
        assert_snapshot!(roles(&finn.says("/claude whoami").await), @r"
        This is what I know of you.
        This account: @finn (browser:finn)
        Member of the organization: Finn Larsen, finn@example.com, as billing
        Role | Where | Because
        billing | everywhere | you are in browser-group:finance
        member | everywhere | your account is linked
        ");
        assert_snapshot!(mira.says("/claude whoami").await.told(), @r"
        This is what I know of you.
        This account: @mira (browser:mira)
        Member of the organization: Mira Chen, mira@example.com, as developer
        Role | Where | Because
        member | everywhere | your account is linked
        Permission | You may
        member.see | yes
        invite | after an approval
        workspace.join | after an approval
        key.get | after an approval
        key.own | yes
        limit.raise | after an approval
        usage.own | yes
        ");
        assert_snapshot!(lea.says("/claude whoami").await.told(), @r"
        I do not know yet who you are in the Claude organization.
        This account: @lea (browser:lea)
        Member of the organization: not linked to one
        Link your account with /claude link.
        ");
        stage.close().await;
    }
}

/// A colleague who joined past Steward links by the address in their profile.
#[tokio::test]
async fn a_member_links_their_account() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let lea = stage.person("lea");
        assert_snapshot!(lea.says("/claude link").await.told(), @r"
        No member of the organization has the address in your chat profile.
        Ask for an invitation with /claude invite me.
        ");
        stage.console().invite("lea@example.com", &Role::Developer).await.unwrap();
        stage.accept_mail("lea@example.com");
        stage.advance(1).await;

        assert_snapshot!(lea.says("/claude link").await.told(), @r"
        Linked: you are Lea Novak (lea@example.com).
        /claude whoami shows what you may.
        ");
        assert_snapshot!(lea.says("/claude link").await.told(), @r"
        This account is linked already, to Lea Novak.
        /claude whoami shows what you may.
        ");
        assert_eq!(stage.trail().await, ["link.made by lea"]);
        stage.close().await;
    }
}

/// An address proves little: another domain, none at all, an account that has its member already, more than a plain member.
#[tokio::test]
async fn some_links_are_not_made() {
    for engine in engines() {
        let from = RoleMapFrom::ClaudeRole("admin".into());
        let roles = vec![RoleMapEntry { from, role: steward::domain::Role::Admin, workspace: None }];
        let stage = Stage::set(Setting { roles, ..Setting::on(engine) }).await;
        let tom = stage.person("tom");
        let with = |email: Option<&str>| {
            let email = email.map(ToOwned::to_owned);
            stage.change_standing("tom", |it| it.email = email);
        };
        with(None);
        assert_snapshot!(tom.says("/claude link").await.told(), @r"
        Your code is SBRP-Y8DH.
        Your chat profile shows me no address to link by.
        From an account that I know as yours, on another platform, say /claude link --code SBRP-Y8DH. It is good for 10 minutes and one entry; show it to nobody. Are you known nowhere? Ask an admin.
        ");
        with(Some("tom@elsewhere.example"));
        assert_snapshot!(tom.says("/claude link").await.told(), @r"
        Your code is JGZC-7B4C.
        The address in your chat profile is not on one of the company's verified domains.
        From an account that I know as yours, on another platform, say /claude link --code JGZC-7B4C. It is good for 10 minutes and one entry; show it to nobody. Are you known nowhere? Ask an admin.
        ");
        with(Some("mira@example.com"));
        assert_snapshot!(tom.says("/claude link").await.told(), @r"
        Another chat account is linked to mira@example.com already.
        Nothing was linked. If that was not you, tell an admin now.
        ");
        with(Some("noor@example.com"));
        assert_snapshot!(tom.says("/claude link").await.told(), @r"
        Asked: link browser:tom to noor@example.com. (waiting for a decision)
        Request: C1-xxxx
        An approver decides; you are told by direct message. Expires 2026-12-04 09:00 UTC.
        [Withdraw]
        ");
        stage.next_in("approvals").await;
        assert_eq!(stage.trail().await, ["link.asked by tom"]);
        stage.close().await;
    }
}

/// Somebody who was removed and comes back links anew.
#[tokio::test]
async fn whoever_comes_back_links_anew() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let mira = stage.person("mira");
        stage.console().remove_user(&stage.member_id("mira")).await.unwrap();
        stage.advance(1).await;
        assert_snapshot!(mira.says("/claude member list").await.told(), @r"
        I do not know yet who you are in the Claude organization.
        Run /claude link first. Nothing was changed.
        ");
        stage.console().invite("mira@example.com", &Role::User).await.unwrap();
        stage.accept_mail("mira@example.com");
        stage.advance(1).await;

        assert_snapshot!(mira.says("/claude link").await.told(), @r"
        Linked: you are Mira Chen (mira@example.com).
        /claude whoami shows what you may.
        ");
        assert!(mira.says("/claude member list").await.reads().starts_with("Members 1 to 20"));
        // That somebody removed her, and that she had left, is told: in stories of its own.
        stage.chat.forget_unheard();
        stage.close().await;
    }
}

/// How Steward is, for everybody linked.
#[tokio::test]
async fn status_says_how_steward_is() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let [mira, lea] = stage.cast(["mira", "lea"]);
        let version = format!("Version: {}", env!("CARGO_PKG_VERSION"));
        assert_snapshot!(mira.says("/claude status").await.told().replace(&version, "Version: …"), @r"
        All is well.
        The organization: 40 members, 2 open invitations, 7 workspaces, 29 API keys
        Requests: none yet
        Messages: 0 waiting, 0 undeliverable
        Calls to Anthropic: 0 to be looked at, 0 under way
        Version: …
        List | Age
        API keys | read just now
        costs | read just now
        invites | read just now
        members | read just now
        usage of API keys | read just now
        workspace memberships | read just now
        workspaces | read just now
        ");
        assert_snapshot!(lea.says("/claude status").await.told(), @r"
        I do not know yet who you are in the Claude organization.
        Run /claude link first. Nothing was changed.
        ");
        stage.organization.misbehave("/v1/organizations/users", Fault::Overloaded, 1_000);
        stage.advance(1).await;
        let status = mira.says("/claude status").await.told();
        assert_snapshot!(status.lines().filter(|it| it.starts_with("Something") || it.starts_with("members ")).collect::<Vec<_>>().join("\n"), @r"
        Something needs a look.
        members | read 1 hour ago; the last try failed: the Admin API answered 529, type overloaded_error, request req_…
        ");
        stage.close().await;
    }
}

/// The start page of a stranger, a member and an approver; its buttons work.
#[tokio::test]
async fn home_is_for_each_of_them() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let [ada, mira, lea] = stage.cast(["ada", "mira", "lea"]);
        let page = lea.says("/claude").await;
        assert_snapshot!(page.told(), @r"
        Hello, Lea. I do not know yet who you are in the Claude organization.
        [Link my account] [Ask for an invitation] [Help]
        ");
        let asked = lea.presses(&page, "Ask for an invitation").await;
        assert!(asked.reads().starts_with("Asked: invite lea@example.com"), "{}", asked.reads());
        mira.says("/claude invite tom@example.com").await;

        assert_snapshot!(mira.does(Said::Opened).await.told(), @r"
        Hello, Mira. This is your Claude organization.
        Your API keys: 1
        mira-laptop: research — active
        Your spending this month: $0.44, in part an estimate.
        Your requests: 1 open
        C2-xxxx: invite tom@example.com as user — waiting
        [Invite a colleague] [Request an API key] [Members] [Requests] [Who am I] [Help] [All of them] [Details]
        ");
        let page = ada.says("/claude home").await;
        assert_snapshot!(page.told(), @r"
        Hello, Ada. This is your Claude organization.
        Waiting for you: 2
        @mira asks to invite tom@example.com as user
        Request: C2-xxxx
        What happens: Anthropic sends tom@example.com an invitation as user, good for 21 days — POST /v1/organizations/invites
        Member: no
        Open invitation: none → as user
        Cost: none
        Undo: withdraw the invitation while it is pending
        @lea asks to invite lea@example.com as user
        Request: C1-xxxx
        What happens: Anthropic sends lea@example.com an invitation as user, good for 21 days — POST /v1/organizations/invites
        Member: no
        Open invitation: none → as user
        Cost: none
        Undo: withdraw the invitation while it is pending
        Your requests: none
        [Invite a colleague] [Request an API key] [Members] [Requests] [Who am I] [Help] [Approve] [Deny] [Approve] [Deny]
        ");
        ada.presses(&page, "Deny").await;
        assert!(ada.says("/claude").await.reads().contains("Waiting for you: 1"));
        let members = mira.presses(&mira.says("/claude").await, "Members").await;
        assert!(members.reads().starts_with("Members 1 to 20 of 40."), "{}", members.reads());
        stage.settle().await;
        stage.chat.forget_unheard();
        stage.close().await;
    }
}

/// The question "I have no invitation", in every state that it can be in.
#[tokio::test]
async fn the_doctor_finds_the_invitation() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let [ada, mira, lea] = stage.cast(["ada", "mira", "lea"]);
        assert_snapshot!(lea.says("/claude doctor").await.told(), @r"
        Nobody ever invited lea@example.com.
        Ask for one with /claude invite lea@example.com.
        ");
        let id = mira.says("/claude invite lea@example.com").await.request();
        assert_snapshot!(lea.says("/claude doctor invitation").await.told(), @r"
        The invitation was asked for, but is not sent yet: request C1-xxxx is waiting.
        It expires 2026-12-04 09:00 UTC. Remind an approver.
        ");
        ada.says(&format!("/claude approve {id}")).await;
        assert_snapshot!(lea.says("/claude doctor").await.told(), @r"
        An invitation to lea@example.com as user is open. It was sent 2026-12-01 09:00 UTC.
        Anthropic sends the mail. Look for it among unwanted mail, and check that the address is spelt right.
        It lapses 2026-12-22 09:00 UTC. A new mail goes out with /claude invites resend lea@example.com.
        ");
        assert_snapshot!(ada.says("/claude doctor invitation --of ines.costa@example.com").await.told(), @r"
        The last invitation to ines.costa@example.com is no longer open. It lapsed or was withdrawn; it was sent 2026-10-29 09:00 UTC.
        Ask for one with /claude invite ines.costa@example.com.
        ");
        assert_snapshot!(mira.says("/claude doctor invitation --of lea@example.com").await.told(), @r"
        Only an admin can look into somebody else's invitation.
        Your own: /claude doctor invitation.
        ");
        stage.accept_mail("lea@example.com");
        assert_snapshot!(lea.says("/claude doctor").await.told(), @r"
        lea@example.com is a member already, as user. Nothing is missing.
        Sign in at https://platform.claude.com with exactly this address. Not recognised here? /claude link
        ");
        stage.console().remove_user(&stage.member_id("lea")).await.unwrap();
        assert_snapshot!(lea.says("/claude doctor").await.told(), @r"
        An invitation to lea@example.com was accepted, but they are not a member any more.
        Ask for one with /claude invite lea@example.com.
        ");
        stage.change_standing("lea", |it| it.email = None);
        assert_snapshot!(lea.says("/claude doctor").await.told(), @r"
        Your chat profile shows me no address, so I cannot look for your invitation.
        An admin can: /claude doctor invitation --of you@example.com.
        ");
        stage.settle().await;
        stage.chat.forget_unheard();
        stage.close().await;
    }
}

/// A token that was never handed out opens nothing, and neither does somebody else's delivery of one's own press.
#[tokio::test]
async fn a_made_up_token_opens_nothing() {
    for engine in engines() {
        let stage = Stage::open(engine).await;
        let [ada, mira] = stage.cast(["ada", "mira"]);
        let token: Token = "whisper.AAAAAAAAAAAAAAAAAAAAAA".parse().unwrap();
        let old = "This button is too old.";
        assert_eq!(first_line(&ada.reply(Said::Press(token.clone())).await), old);
        assert_eq!(first_line(&ada.reply(Said::Form(token, vec![("--confirm".into(), "x".into())])).await), old);

        let id = mira.says("/claude invite lea@example.com").await.request();
        let card = stage.next_in("approvals").await;
        let press = Said::Press(card.button("Approve").token.clone().unwrap());
        let forged = mira.delivered(InvocationId::single("forged"), press);
        assert_eq!(forged.who, Account::browser("mira"));
        let reply = stage.house.dispatch.serve(forged).await;
        assert_eq!(first_line(&reply), "You asked for this, so somebody else has to decide.");
        assert_eq!(stage.state(&id).await, "waiting");
        stage.close().await;
    }
}
