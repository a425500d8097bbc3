//! `steward exec`: it may ask for everything, and decides nothing.

use serde_json::Value;
use steward::sandbox::{Fault, Organization};

use super::shell::{Said, Shell, nowhere, organization};

/// A house that is set up against a simulated organization.
async fn set_up() -> (Shell, Organization) {
    let (organization, url) = organization().await;
    let shell = Shell::new()
        .with_master_key()
        .with("ANTHROPIC_ADMIN_KEY", &organization.admin_key())
        .with("ANTHROPIC_BASE_URL", &url)
        .with("USER", "ops");
    assert_eq!(shell.run(&["migrate"], "").await.code, 0);
    (shell, organization)
}

async fn exec(shell: &Shell, words: &[&str]) -> Said {
    let words: Vec<&str> = ["exec"].iter().chain(words).copied().collect();
    shell.run(&words, "").await
}

#[tokio::test]
async fn the_operator_asks_and_it_is_done_at_once() {
    let (shell, organization) = set_up().await;
    let planned = exec(&shell, &["--dry-run", "--", "invite", "new@example.com", "--role", "developer"]).await;
    assert_eq!(planned.code, 0, "{}", planned.all());
    assert!(
        planned.out.contains("This would invite new@example.com as developer. Nothing was changed."),
        "{}",
        planned.all()
    );
    assert_eq!(organization.applied("POST", "/v1/organizations/invites"), 0);
    let done = exec(
        &shell,
        &["--for", "Ada", "--", "invite", "new@example.com", "--role", "developer", "--reason", "first day"],
    )
    .await;
    assert_eq!(done.code, 0, "{}", done.all());
    assert!(done.out.starts_with("Done: new@example.com was invited as developer."), "{}", done.all());
    assert_eq!(organization.applied("POST", "/v1/organizations/invites"), 1);
    let listed = exec(&shell, &["--json", "--", "request", "list", "--all"]).await;
    let listed: Value = serde_json::from_str(&listed.out).unwrap();
    assert_eq!(listed[0]["asked_by"], "operator:ops");
    assert_eq!(listed[0]["reason"], "on behalf of Ada: first day");
    let undone = exec(&shell, &["--", "request", "undo", listed[0]["id"].as_str().unwrap()]).await;
    assert!(undone.out.contains("the invitation of new@example.com was withdrawn"), "{}", undone.all());
    assert_eq!(shell.run(&["audit", "verify"], "").await.code, 0);
    assert_eq!(shell.run(&["verify"], "").await.code, 0);
}

#[tokio::test]
async fn what_needs_an_approval_waits_for_a_person() {
    let (shell, organization) = set_up().await;
    let unconfirmed = exec(&shell, &["--", "invite", "new@example.com", "--role", "billing"]).await;
    assert_eq!(unconfirmed.code, 2, "{}", unconfirmed.all());
    assert!(unconfirmed.err.contains("--confirm"), "{}", unconfirmed.all());
    let waits =
        exec(&shell, &["--", "invite", "new@example.com", "--role", "billing", "--confirm", "new@example.com"]).await;
    assert_eq!(waits.code, 0, "{}", waits.all());
    assert!(
        waits.out.contains("Asked: invite new@example.com as billing. (waiting for a decision)"),
        "{}",
        waits.all()
    );
    let id = waits.out.lines().find_map(|it| it.strip_prefix("Request: ")).unwrap().to_owned();
    for decision in [
        &["--", "request", "approve", &id][..],
        &["--", "approve", &id],
        &["--", "request", "deny", &id],
        &["--", "link"],
        &["--", "grant", "list"],
        &["--", "grant", "give", "me", "--permission", "admin"],
        &["--", "policy", "why", "me", "invite"],
        &["--", "policy", "delegate", "me", "--until", "2026-12-31"],
    ] {
        let refused = exec(&shell, decision).await;
        assert_eq!(refused.code, 3, "{}", refused.all());
        assert!(refused.err.contains("people in chat only"), "{}", refused.all());
    }
    assert_eq!(organization.applied("POST", "/v1/organizations/invites"), 0);
    assert_eq!(exec(&shell, &["--", "request", "withdraw", &id]).await.code, 0);
}

#[tokio::test]
async fn what_is_not_understood_is_2_and_what_is_refused_is_3() {
    let (shell, _organization) = set_up().await;
    let unclear = exec(&shell, &["--", "invte", "new@example.com"]).await;
    assert_eq!(unclear.code, 2, "{}", unclear.all());
    assert!(unclear.err.contains("steward exec -- invite"), "{}", unclear.all());
    assert_eq!(exec(&shell, &["--for", "Ada", "--", "member", "list"]).await.code, 2);
    let help = exec(&shell, &["--", "help"]).await;
    assert_eq!(help.code, 0);
    assert_eq!(
        exec(&Shell::new().with_master_key().with("ANTHROPIC_ADMIN_KEY", "sk-ant-admin01-x"), &["--", "status"])
            .await
            .code,
        1
    );
}

#[tokio::test]
async fn another_key_or_no_answer_changes_nothing() {
    let (shell, organization) = set_up().await;
    assert_eq!(exec(&shell, &["--", "invite", "one@example.com"]).await.code, 0);
    organization.misbehave("/v1/organizations/me", "wrong-org".parse::<Fault>().unwrap(), 1);
    let another = exec(&shell, &["--", "invite", "two@example.com"]).await;
    assert_eq!(another.code, 3, "{}", another.all());
    assert!(another.err.contains("opens another organization"), "{}", another.all());
    let shell = shell.with("ANTHROPIC_ADMIN_KEY", &organization.admin_key().replace("admin01-", "admin01-x"));
    let wrong = exec(&shell, &["--", "invite", "two@example.com"]).await;
    assert_eq!(wrong.code, 1, "{}", wrong.all());
    assert!(wrong.err.contains("Anthropic does not accept the admin key."), "{}", wrong.all());
    let shell = shell.with("ANTHROPIC_BASE_URL", &nowhere());
    let silent = exec(&shell, &["--", "invite", "two@example.com"]).await;
    assert_eq!(silent.code, 1, "{}", silent.all());
    assert!(silent.err.contains("Anthropic cannot be reached"), "{}", silent.all());
    assert_eq!(organization.applied("POST", "/v1/organizations/invites"), 1);
}
