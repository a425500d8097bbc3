//! What people are told about their mistakes: one sentence, and how to go on.

use insta::assert_snapshot;

use super::told;

#[test]
fn what_is_unknown_or_missing_is_told_with_one_that_would_pass() {
    assert_snapshot!(told("frobnicate"), @r###"
    There is no command frobnicate.
    For example: /claude help
    "###);
    assert_snapshot!(told("invte ada@example.com"), @r###"
    There is no command invte.
    Did you mean /claude invite?
    "###);
    assert_snapshot!(told("member ad"), @r"
    /claude member knows list, show, role and remove, but not ad.
    For example: /claude member list
    ");
    assert_snapshot!(told("invite"), @r"
    /claude invite needs to know the person (address, @user or me).
    For example: /claude invite ada@example.com --role developer
    ");
    assert_snapshot!(told("member role"), @r"
    /claude member role needs to know who (address, @user, name, id or me) and the role (user, claude_code_user, developer or billing).
    For example: /claude member role ada@example.com developer
    ");
}

#[test]
fn a_value_that_will_not_do_is_explained() {
    assert_snapshot!(told("invite ada@example.com --role admin"), @r###"
    admin will not do for --role: the role admin cannot be given through the API; only an admin can give it, in the Claude Console.
    For example: /claude invite ada@example.com --role developer
    "###);
    assert_snapshot!(told("invite ada@example.com --role member"), @r###"
    member will not do for --role: there is no role member; the nearest ones are user and developer.
    For example: /claude invite ada@example.com --role developer
    "###);
    assert_snapshot!(told("invite ada@example.com role:devloper"), @r###"
    devloper will not do for --role: a role is one of user, claude_code_user, developer and billing.
    Did you mean /claude invite ada@example.com --role developer?
    "###);
    assert_snapshot!(told("workspace add research ada@example.com --role owner"), @r"
    owner will not do for --role: a role in a workspace is one of workspace_user, workspace_restricted_developer, workspace_developer and workspace_admin.
    For example: /claude workspace add research ada@example.com --role workspace_developer
    ");
    assert_snapshot!(told("workspace role research ada@example.com billing"), @r"
    billing will not do for role: a role in a workspace is one of workspace_user, workspace_restricted_developer, workspace_developer and workspace_admin.
    For example: /claude workspace role research ada@example.com workspace_admin
    ");
    assert_snapshot!(told("workspace create"), @r"
    /claude workspace create needs to know the name (what it is called).
    For example: /claude workspace create evals-2027
    ");
    assert_snapshot!(told("invite a@b"), @r###"
    a@b will not do for person: an address is written like ada@example.com.
    For example: /claude invite ada@example.com --role developer
    "###);
    assert_snapshot!(told("invite аda@example.com"), @r###"
    аda@example.com will not do for person: an address has only plain letters, digits and a few signs; this one has others that may look alike.
    For example: /claude invite ada@example.com --role developer
    "###);
    assert_snapshot!(told("invite lea"), @r###"
    lea will not do for person: an invitation goes to an address, or to a mentioned @user whose profile has one.
    For example: /claude invite ada@example.com --role developer
    "###);
}

#[test]
fn words_in_the_wrong_place_are_put_right() {
    assert_snapshot!(told("invite ada@example.com --reason I need it"), @r###"
    There is no place for need here.
    Did you mean /claude invite ada@example.com --reason "I need it"?
    "###);
    assert_snapshot!(told("member show Ada Lovelace"), @r###"
    There is no place for Lovelace here.
    Did you mean /claude member show "Ada Lovelace"?
    "###);
    assert_snapshot!(told("invite ada@example.com --reason"), @r###"
    --reason needs a value.
    For example: /claude invite ada@example.com --reason "joins the evals team"
    "###);
    assert_snapshot!(told("invite ada@example.com --role"), @r###"
    --role needs a value: user, claude_code_user, developer or billing.
    For example: /claude invite ada@example.com --role developer
    "###);
    assert_snapshot!(told("invite ada@example.com --dry-run:maybe"), @r###"
    --dry-run is there or not; it takes no value.
    For example: /claude invite me --dry-run
    "###);
    assert_snapshot!(told("invite ada@example.com --rol user"), @r"
    /claude invite has no option --rol.
    Did you mean --role?
    ");
    assert_snapshot!(told("invite ada@example.com --fast"), @r"
    /claude invite has no option --fast.
    For example: /claude invite ada@example.com --role developer
    ");
    assert_snapshot!(told("invite --role developer --role user a@b.de"), @r###"
    --role can be given only once.
    For example: /claude invite ada@example.com --role developer
    "###);
}

#[test]
fn shapes_of_ids_days_and_numbers_are_shown() {
    assert_snapshot!(told("approve seventeen"), @r###"
    seventeen will not do for request: a request is named like C17-k3f9.
    For example: /claude request approve C17-k3f9
    "###);
    assert_snapshot!(told("audit --since yesterday"), @r###"
    yesterday will not do for --since: a day is written like 2026-12-31.
    For example: /claude audit --of ada@example.com --since 2026-12-01
    "###);
    assert_snapshot!(told("audit --limit 0"), @r###"
    0 will not do for --limit: a whole number from 1 to 100 is expected.
    For example: /claude audit
    "###);
    assert_snapshot!(told("audit --verify --of me"), @r###"
    These cannot go together: --verify and --of.
    For example: /claude audit
    "###);
    assert_snapshot!(told("request list --mine --all"), @r###"
    These cannot go together: --mine and --all.
    For example: /claude request list
    "###);
    assert_snapshot!(told("doctor headache"), @r"
    headache will not do for topic: only invitation, key or limit will.
    For example: /claude doctor
    ");
    assert_snapshot!(told("member show @slack:ada"), @r###"
    @slack:ada will not do for who: a chat account is mentioned like @slack:T01/U01ADA, @discord:80351110224678912 or @browser:ada.
    For example: /claude member show ada@example.com
    "###);
    assert_snapshot!(told("member show {}"), @r###"
    {} will not do for who: a person is named by address, by @mention, by user_… id, by name or as me.
    For example: /claude member show ada@example.com
    "###);
    assert_snapshot!(told("workspace show --page 2"), @r"
    /claude workspace show needs to know the workspace (name, wrkspc_… id or default).
    For example: /claude workspace show research
    ");
    assert_snapshot!(told("workspace limits --"), @r"
    /claude workspace limits needs to know the workspace (name, wrkspc_… id or default).
    For example: /claude workspace limits research
    ");
    assert_snapshot!(told("workspace limits ****"), @r"
    **** will not do for workspace: a workspace goes by its name, of 1 to 40 characters, by its wrkspc_… id, or by default.
    For example: /claude workspace limits research
    ");
    assert_snapshot!(told("workspace show Claude Code"), @r###"
    There is no place for Code here.
    Did you mean /claude workspace show "Claude Code"?
    "###);
    assert_snapshot!(told("workspace delete research"), @r"
    /claude workspace knows list, show, limits, create, rename, archive, add, remove and role, but not delete.
    For example: /claude workspace list
    ");
    assert_snapshot!(told("whoami ada"), @r###"
    There is no place for ada here.
    For example: /claude whoami
    "###);
}
