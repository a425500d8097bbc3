//! `steward federation`: what is shown, what is done with a token that is kept nowhere, and that it can be broken off anywhere.

use std::sync::Arc;

use secrecy::ExposeSecret;
use serde_json::Value;
use steward::claude::{self, Federation, NewRule, WorkspaceFilter, WorkspaceRole};
use steward::cli::ClientTime;
use steward::clock::Clock;
use steward::domain::{Environment, PersonId};
use steward::sandbox::{Fault, Organization};
use steward::seal::MasterKey;
use steward::store::{Act, Pass, Store, TokenGrant, TokenState, Trail, WorkspaceRow};

use super::shell::{MASTER_CANARY, Said, Shell, organization};

/// A shell with an organization, a database that has read it, and data-platform as a workspace of tokens.
struct Desk {
    shell: Shell,
    organization: Organization,
    url: String,
}

impl Desk {
    async fn new() -> Self {
        let (organization, url) = organization().await;
        organization.lift_rate_limit();
        let shell = Shell::new().with("ANTHROPIC_BASE_URL", &url).with_master_key();
        let shell = shell.with("ANTHROPIC_ADMIN_KEY", &organization.admin_key());
        let database = shell.database();
        let shell = shell.with("DATABASE_URL", &database);
        shell.write("steward.toml", "[workspaces.data-platform]\nissuer = \"token\"\ntoken_lifetime = \"30m\"\n");
        assert_eq!(shell.run(&["migrate"], "").await.code, 0);
        let desk = Self { shell, organization, url };
        let settings = claude::Settings {
            base_url: desk.url.clone(),
            ..claude::Settings::new(desk.organization.admin_key().into(), 1)
        };
        let (reader, _) = claude::connect(settings, Arc::new(ClientTime(Clock::system()))).unwrap();
        let found = reader.workspaces(WorkspaceFilter::default()).collect_all().await.unwrap();
        let rows: Vec<WorkspaceRow> = found.into_iter().map(Into::into).collect();
        let store = desk.store().await;
        store.write_page(&Pass::Workspaces(rows), Clock::system().now()).await.unwrap();
        store.close().await;
        desk
    }

    async fn store(&self) -> Store {
        let master = MasterKey::parse(&MASTER_CANARY.into()).unwrap();
        Store::open(&self.shell.database(), &master).await.unwrap()
    }

    async fn run(&self, words: &[&str], input: &str) -> Said {
        let words: Vec<&str> = ["federation"].iter().chain(words).copied().collect();
        self.shell.run(&words, input).await
    }

    fn token(&self) -> String {
        self.organization.sign_in("ada").unwrap().expose_secret().to_owned()
    }

    async fn apply(&self) -> Said {
        self.run(&["setup", "--apply"], &format!("{}\n", self.token())).await
    }

    /// How many of the organization's service accounts are Steward's.
    fn accounts(&self) -> usize {
        self.organization.service_accounts().iter().filter(|it| it.name.starts_with("steward-")).count()
    }

    /// Gives Oskar access, past the pipeline.
    async fn grant(&self) -> String {
        let store = self.store().await;
        let workspace = store.workspaces_named("data-platform").await.unwrap().remove(0).id;
        let grant = TokenGrant {
            mark: "mark".into(),
            change: 1,
            owner: PersonId("person_oskar".into()),
            name: "etl".into(),
            purpose: "warehouse".into(),
            environment: Environment::Staging,
            at: Clock::system().now(),
        };
        let mut tx = store.begin().await.unwrap();
        let rule = store.grant_token(&mut tx, &workspace, &grant).await.unwrap().unwrap();
        let (at, detail) = (Clock::system().now(), serde_json::json!({}));
        let act = Act { at, actor: "steward", action: "token.granted", about: rule.about(), detail };
        store.append(&mut tx, &act).await.unwrap();
        store.commit(tx).await.unwrap();
        store.close().await;
        rule.rule_id.unwrap()
    }

    /// Every byte that a command has written, anywhere.
    fn everything(&self, said: &[Said]) -> Vec<u8> {
        let mut all: Vec<u8> = said.iter().flat_map(|it| it.all().into_bytes()).collect();
        for name in self.shell.names() {
            all.extend(std::fs::read(self.shell.path(&name)).unwrap_or_default());
        }
        all
    }
}

#[tokio::test]
async fn it_shows_what_is_to_be_made_and_makes_nothing() {
    let desk = Desk::new().await;
    let said = desk.run(&["setup", "--json", "--rules", "2"], "").await;
    assert_eq!(said.code, 0, "{}", said.all());
    let plan: Value = serde_json::from_str(&said.out).unwrap();
    let key = &plan["issuer"]["jwks"]["keys"][0];
    assert_eq!((key["kty"].as_str(), key["alg"].as_str()), (Some("EC"), Some("ES256")));
    assert_eq!(key["kid"], plan["issuer"]["kid"]);
    assert!(key.get("d").is_none(), "no private key is shown");
    assert_eq!(plan["issuer"]["request"]["body"]["jwks"]["type"], "inline");
    let place = &plan["workspaces"][0];
    assert_eq!((place["workspace"].as_str(), place["token_lifetime_s"].as_i64()), (Some("data-platform"), Some(1_800)));
    let requests = place["to_make"][0]["requests"].as_array().unwrap();
    assert_eq!(requests[2]["body"]["token_lifetime_seconds"], 1_800);
    let again = desk.run(&["setup", "--json", "--rules", "2"], "").await;
    assert_eq!(again.out, said.out, "what is shown is what will be made");
    let words = desk.run(&["setup", "--rules", "2"], "").await;
    assert!(words.out.contains("data-platform: 0 free, 2 to make; a token lives for 30 minutes"), "{}", words.out);
    assert!(words.out.contains("Nothing was changed in the organization."), "{}", words.out);
    assert_eq!((desk.organization.federation_issuers().len(), desk.accounts()), (0, 0));

    let elsewhere = Desk::new().await;
    elsewhere.shell.write("steward.toml", "[workspaces.research]\nissuer = \"stock\"\n");
    let said = elsewhere.run(&["setup"], "").await;
    assert!(said.code == 2 && said.err.contains("No workspace has `issuer = \"token\"`"), "{}", said.all());
}

#[tokio::test]
async fn it_is_done_once_with_a_token_that_is_kept_nowhere() {
    let desk = Desk::new().await;
    let desk = Desk { shell: desk.shell.with("STEWARD_LOG", "trace,sqlx=trace,reqwest=trace,hyper=trace"), ..desk };
    let token = desk.token();
    let first = desk.run(&["setup", "--apply"], &format!("{token}\n")).await;
    assert!(first.code == 0 && first.out.contains("5 rules made, 0 archived"), "{}", first.all());
    assert_eq!((desk.organization.federation_rules().len(), desk.accounts()), (5, 5));
    let issuer = desk.organization.federation_issuers().remove(0);
    assert!(issuer.check_jti && issuer.issuer_url.starts_with("https://steward.invalid/"));
    let second = desk.run(&["setup", "--apply", "--json"], &format!("{token}\n")).await;
    let done: Value = serde_json::from_str(&second.out).unwrap();
    assert_eq!(done, serde_json::json!({ "made": 0, "archived": 0 }));
    let all = desk.everything(&[first, second]);
    let middle = &token[20..60];
    assert!(!all.windows(middle.len()).any(|it| it == middle.as_bytes()), "the token is somewhere");
    let store = desk.store().await;
    assert_eq!(store.verify_audit().await.unwrap().broken, None);
    assert!(store.token_rules().await.unwrap().iter().all(|it| it.state == TokenState::Free && it.is_genuine));
    store.close().await;
}

#[tokio::test]
async fn what_does_not_open_it_is_refused() {
    let desk = Desk::new().await;
    let (stranger, _) = organization().await;
    let strangers = stranger.sign_in("ada").unwrap().expose_secret().to_owned();
    for (token, code, told) in [
        (String::new(), 2, "ended before this question"),
        (format!("{}\n", desk.organization.admin_key()), 2, "That is a key"),
        ("two words\n".to_owned(), 2, "one word of plain characters"),
        ("sk-ant-oat01-nobody\n".to_owned(), 1, "The token is not accepted"),
        (format!("{strangers}\n"), 1, "The token is not accepted"),
    ] {
        let said = desk.run(&["setup", "--apply"], &token).await;
        assert_eq!(said.code, code, "{told}: {}", said.all());
        assert!(said.err.contains(told), "{told}: {}", said.all());
        assert!(token.trim().is_empty() || !said.all().contains(token.trim()), "{}", said.all());
    }
    assert_eq!((desk.organization.federation_issuers().len(), desk.accounts()), (0, 0));
}

/// Broken off at each call, whether it was done or not: the next run goes on, and nothing is made twice.
#[tokio::test]
async fn it_goes_on_where_it_stopped() {
    let desk = Desk::new().await;
    for (path, fault) in [
        ("POST /v1/organizations/federation_issuers", Fault::CutAfter),
        ("POST /v1/organizations/service_accounts", Fault::CutAfter),
        ("POST /v1/organizations/federation_rules", Fault::FailAfter),
        ("POST /v1/organizations/federation_rules", Fault::CutBefore),
    ] {
        desk.organization.misbehave(path, fault.clone(), 1);
        let said = desk.apply().await;
        assert!(said.code == 1 && said.err.contains("nothing is made twice"), "{path} {fault:?}: {}", said.all());
        desk.organization.misbehave(path, fault, 0);
    }
    let said = desk.apply().await;
    assert_eq!(said.code, 0, "{}", said.all());
    let rules = desk.organization.federation_rules();
    assert_eq!((desk.organization.federation_issuers().len(), desk.accounts(), rules.len()), (1, 5, 5));
    let store = desk.store().await;
    let ours: Vec<String> = store.token_rules().await.unwrap().into_iter().filter_map(|it| it.rule_id).collect();
    assert!(rules.iter().all(|it| ours.contains(&it.id)), "and each is known");
    store.close().await;
}

#[tokio::test]
async fn a_revoked_rule_is_archived() {
    let desk = Desk::new().await;
    assert_eq!(desk.apply().await.code, 0);
    let rule = desk.grant().await;
    let nobody = desk.run(&["revoke", "nothing"], "").await;
    assert!(nobody.code == 2 && nobody.err.contains("Nobody's access goes by that"), "{}", nobody.all());
    // Without a token it is over here at once, and nothing more.
    let here = desk.run(&["revoke", "ETL"], "").await;
    assert!(
        here.code == 2 && here.err.contains("No further token of etl is made from now on; tokens that are out live on")
    );
    let is_archived =
        || desk.organization.federation_rules().iter().any(|it| it.id == rule && it.archived_at.is_some());
    assert!(!is_archived());
    let there = desk.run(&["revoke", "etl"], &format!("{}\n", desk.token())).await;
    assert!(there.code == 0 && there.out.contains(&format!("The rule {rule} is archived.")), "{}", there.all());
    assert!(is_archived());
    let store = desk.store().await;
    let rules = store.token_rules().await.unwrap();
    assert_eq!(rules.iter().filter(|it| it.state == TokenState::Archived).count(), 1);
    store.close().await;
}

/// What is over is archived, whatever became of its workspace, and one that is not there is no obstacle to the others.
#[tokio::test]
async fn a_workspace_that_is_not_there_is_left_out() {
    for configuration in [
        "[workspaces.nowhere]\nissuer = \"token\"\n",
        "[workspaces.nowhere]\nissuer = \"token\"\n[workspaces.data-platform]\nissuer = \"token\"\n",
        "[workspaces.research]\nissuer = \"stock\"\n",
    ] {
        let desk = Desk::new().await;
        assert_eq!(desk.apply().await.code, 0);
        desk.grant().await;
        assert_eq!(desk.run(&["revoke", "etl"], "").await.code, 2, "over here alone");
        desk.shell.write("steward.toml", configuration);
        let shown = desk.run(&["setup"], "").await;
        assert!(shown.code == 0 && shown.out.contains("etl was revoked"), "{}", shown.all());
        let is_missing = configuration.contains("nowhere");
        assert_eq!(shown.err.contains("no one workspace called nowhere"), is_missing, "{}", shown.all());
        let said = desk.apply().await;
        let made = u8::from(configuration.contains("data-platform"));
        let told = format!("{made} rules made, 1 archived");
        assert!(said.code == 0 && said.out.contains(&told), "{configuration}: {}", said.all());
        let again = desk.apply().await;
        let expected = if made == 1 { 0 } else { 2 };
        assert_eq!(again.code, expected, "nothing is left to do: {}", again.all());
    }
}

/// Whoever makes it by hand tells the ids; a rule that makes no token is not taken.
#[tokio::test]
async fn what_was_made_by_hand_is_tried_first() {
    let desk = Desk::new().await;
    let said = desk.run(&["setup", "--json", "--rules", "1"], "").await;
    let plan: Value = serde_json::from_str(&said.out).unwrap();
    let text = |pointer: &str| plan.pointer(pointer).and_then(Value::as_str).unwrap().to_owned();
    let settings = claude::Settings { base_url: desk.url.clone(), ..claude::Settings::new(desk.token().into(), 1) };
    let hand = Federation::connect(settings, Arc::new(ClientTime(Clock::system()))).unwrap();
    let issuer = claude::NewIssuer {
        name: text("/issuer/request/body/name"),
        issuer_url: text("/issuer/request/body/issuer_url"),
        keys: plan["issuer"]["jwks"]["keys"].as_array().unwrap().clone(),
        max_jwt_lifetime_seconds: 43_500,
    };
    let issuer = hand.create_federation_issuer(&issuer).await.unwrap().id;
    let made = |at: &str| text(&format!("/workspaces/0/to_make/0/requests/{at}"));
    let account = hand.create_service_account(&made("0/body/name"), "x").await.unwrap().id;
    let workspace_id = text("/workspaces/0/workspace_id");
    hand.seat_service_account(&account, &workspace_id, &WorkspaceRole::Developer).await.unwrap();
    let mut rule = NewRule {
        name: "wrong".into(),
        description: "x".into(),
        issuer_id: issuer,
        subject: "steward:other".into(),
        audience: "https://api.anthropic.com".into(),
        service_account_id: account.clone(),
        workspace_id,
        token_lifetime_seconds: 1_800,
    };
    let wrong = hand.create_federation_rule(&rule).await.unwrap().id;
    rule.name = made("2/body/name");
    rule.subject = made("2/body/match/subject_prefix");
    let right = hand.create_federation_rule(&rule).await.unwrap().id;
    let id = text("/workspaces/0/to_make/0/id");
    let record = async |rule: &str| desk.run(&["record", &id, "--rule", rule, "--service-account", &account], "").await;
    let said = record(&wrong).await;
    assert!(said.code == 1 && said.err.contains("Nothing was recorded."), "{}", said.all());
    let store = desk.store().await;
    let tried = Trail { action: Some("federation.rule_tried".into()), limit: 10, ..Trail::default() };
    let tried = store.trail(&tried).await.unwrap();
    assert!(tried.len() == 1 && tried[0].about == wrong, "what might make a token is in the trail before: {tried:?}");
    store.close().await;
    let said = record(&right).await;
    assert!(said.code == 0 && said.out.contains("can be granted"), "{}", said.all());
    assert_eq!(record(&right).await.code, 2, "once");
    assert_eq!(desk.grant().await, right);
}
