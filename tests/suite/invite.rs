//! Asking somebody in, from the question to the receipt.

use insta::assert_snapshot;

use crate::bench::engines;
use crate::stage::Stage;

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
