//! The settings: what the documented example means, and every kind of mistake, told with its place and without its value.

use std::fs;
use std::path::{Path, PathBuf};

use insta::assert_snapshot;
use jiff::SignedDuration;
use jiff::tz::TimeZone;
use steward::chat::{Account, Target};
use steward::domain::{Amount, Brake, Issuer, Kind, Per};
use steward::random::Random;
use steward::settings::reference::{AccountRef, ChannelRef, GroupRef, Platform, Subject};
use steward::settings::{
    Approvals, Approver, AskedBy, Catalogue, Configuration, Decide, Environment, LimitScope, Settings, Workspace,
};

/// The file that is documented, letter by letter.
pub(crate) const EXAMPLE: &str = include_str!("steward.example.toml");

pub(crate) const CATALOGUE: Catalogue<'static> = Catalogue {
    changes: &["invite", "issue_key", "set_limit"],
    permissions: &["audit", "invite", "usage.others"],
    roles: &["admin", "billing", "member"],
};

/// A folder of one test, removed with it.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        let path = std::env::temp_dir().join(format!("steward-settings-{}", Random::system().short(16)));
        fs::create_dir(&path).unwrap();
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    pub(crate) fn as_str(&self) -> &str {
        self.0.to_str().unwrap()
    }

    pub(crate) fn with(self, name: &str, content: impl AsRef<[u8]>) -> Self {
        fs::write(self.0.join(name), content).unwrap();
        self.mode(name, 0o600)
    }

    pub(crate) fn mode(self, name: &str, mode: u32) -> Self {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(self.0.join(name), fs::Permissions::from_mode(mode)).unwrap();
        self
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// What a file with this text is read as.
fn configured(text: &str) -> Result<Configuration, String> {
    let folder = Folder::new().with("steward.toml", text);
    Settings::load(&Environment::default(), Some(&folder.path().join("steward.toml")), &CATALOGUE)
        .map(|settings| settings.configuration)
        .map_err(|error| error.to_string())
}

/// What is said about a file with this text, which has a mistake.
fn told(text: &str) -> String {
    configured(text).err().unwrap_or_else(|| panic!("this was accepted:\n{text}"))
}

pub(crate) fn account(text: &str) -> AccountRef {
    AccountRef::parse(text).unwrap()
}

pub(crate) fn channel(text: &str) -> ChannelRef {
    ChannelRef::parse(text).unwrap()
}

pub(crate) fn subject(text: &str) -> Subject {
    Subject::parse(text).unwrap()
}

fn days(days: i64) -> SignedDuration {
    SignedDuration::from_hours(days * 24)
}

#[test]
fn the_documented_example_says_who_and_where() {
    let read = configured(EXAMPLE).unwrap();
    assert_eq!(read.command, "/claude");
    assert_eq!(read.time_zone, TimeZone::get("Europe/Berlin").unwrap());
    assert_eq!(read.verified_domains, ["example.com"]);
    let ada = AccountRef { platform: Platform::Slack, team: Some("T01".to_owned()), id: "U01ADA".to_owned() };
    let other = AccountRef { platform: Platform::Discord, team: None, id: "80351110224678912".to_owned() };
    assert_eq!(read.first_admins, [ada, other]);
    assert_eq!(read.approvers_channel, Some(ChannelRef { platform: Platform::Slack, id: "C0APPROVE".to_owned() }));
    assert_eq!((read.remind_after, read.expire_after), (SignedDuration::from_hours(2), SignedDuration::from_hours(72)));

    assert_eq!(read.roles.keys().collect::<Vec<_>>(), ["auditor"]);
    assert_eq!(read.roles["auditor"].permissions, ["audit", "usage.others"]);
    let [mapping] = &read.role_map[..] else { panic!("{:?}", read.role_map) };
    assert_eq!(mapping.from, Subject::Group(GroupRef { platform: Platform::Slack, id: "S0PLATFORM".to_owned() }));
    assert_eq!((mapping.role.as_str(), &mapping.workspace), ("admin", &None));
    let [mapping] = &read.workspace_map[..] else { panic!("{:?}", read.workspace_map) };
    assert_eq!(mapping.from, subject("discord-role:223344556677889900"));
    assert_eq!((mapping.workspace.as_str(), mapping.workspace_role.as_str()), ("research", "workspace_developer"));
}

#[test]
fn the_documented_example_says_how() {
    let read = configured(EXAMPLE).unwrap();
    assert_eq!(read.workspaces.keys().collect::<Vec<_>>(), ["research"]);
    let research = Workspace {
        environment: steward::domain::Environment::Dev,
        issuer: Issuer::Stock,
        approvers: vec![subject("slack-group:S0ML")],
        approvers_channel: Some(channel("slack:C0ML")),
        low_stock: 5,
        rotate_every: days(90),
        silent_for: days(1),
        key_name: Some("{person}-{purpose}".parse().unwrap()),
        token_lifetime: SignedDuration::from_hours(1),
    };
    assert_eq!(read.workspace("research"), research);

    let [rule] = &read.policy[..] else { panic!("{:?}", read.policy) };
    assert_eq!((rule.change.as_str(), &rule.asked_by), ("invite", &Some(AskedBy::Role("member".to_owned()))));
    assert_eq!((&rule.workspace, rule.environment, rule.above_usd_micros), (&None, None, None));
    let by = vec![Approver::Role("admin".to_owned())];
    assert_eq!(rule.decide, Decide::Approvals(Approvals { count: 1, by, in_order: false, allow_self: false }));

    assert_eq!((read.quotas.pending_per_person, read.quotas.keys_per_person), (5, 3));
    assert!(read.money.prices.as_ref().unwrap().ends_with("prices.toml"));
    assert!(read.money.prices.as_ref().unwrap().is_absolute(), "it is meant from where the file lies");
    assert_eq!((&read.money.thresholds[..], read.money.raw_retention), (&[50, 80, 100][..], days(400)));
    let [limit] = &read.limits[..] else { panic!("{:?}", read.limits) };
    assert_eq!(limit.scope, LimitScope::Workspace("research".to_owned()));
    assert_eq!((limit.amount_usd_micros, limit.per, limit.brake), (500_000_000, Per::Month, Brake::Soft));
    assert_eq!(read.audit.head_channel, Some(channel("slack:C0AUDIT")));
    assert_eq!(read.audit.webhook.as_ref().unwrap().as_str(), "https://siem.example.com/steward");
    assert!(read.audit.webhook_hosts().check("https://siem.example.com/x").is_ok());
    assert!(read.audit.webhook_hosts().check("https://hooks.slack.com/x").is_err());
}

#[test]
fn every_part_of_the_example_may_be_left_out() {
    let empty = configured("").unwrap();
    assert_eq!(empty, Configuration::default());
    assert_eq!(empty.time_zone, TimeZone::UTC);
    assert_eq!(
        empty.workspace("unheard of").environment,
        steward::domain::Environment::Production,
        "what is unknown is guarded"
    );
    // Line by line, but not the ones that a table of their own needs.
    let needed = [
        "from =",
        "role =",
        "workspace =",
        "workspace_role =",
        "change =",
        "decide =",
        "scope =",
        "amount_usd =",
        "per =",
        "permissions =",
        "asked_by =",
    ];
    let lines: Vec<&str> = EXAMPLE.lines().collect();
    let mut tried = 0;
    for left_out in 0..lines.len() {
        let line = lines[left_out];
        if line.contains('=') && !line.starts_with('#') && !needed.iter().any(|it| line.starts_with(it)) {
            let text: Vec<&str> =
                lines.iter().enumerate().filter(|&(at, _)| at != left_out).map(|(_, &it)| it).collect();
            assert!(configured(&text.join("\n")).is_ok(), "without {line}");
            tried += 1;
        }
    }
    assert!(tried >= 20, "{tried}");
}

#[test]
fn a_policy_says_everything_that_is_documented() {
    let read = configured(
        r#"
        [roles.lead]
        permissions = ["invite"]
        [[policy]]
        change = "issue_key"
        asked_by = "steward"
        workspace = "research"
        environment = "production"
        above_usd = 200.5
        decide = { approvals = 2, by = ["lead", "approvers", "slack-group:S0ML"], in_order = true, allow_self = true }
        [[policy]]
        change = "invite"
        asked_by = "admin"
        decide = "at once"
        [[policy]]
        change = "set_limit"
        decide = "refuse"
        "#,
    )
    .unwrap();
    let [first, second, third] = &read.policy[..] else { panic!("{:?}", read.policy) };
    assert_eq!((&first.asked_by, first.workspace.as_deref()), (&Some(AskedBy::Steward), Some("research")));
    assert_eq!(
        (first.environment, first.above_usd_micros),
        (Some(steward::domain::Environment::Production), Some(200_500_000))
    );
    let by =
        vec![Approver::Role("lead".to_owned()), Approver::OfWorkspace, Approver::Subject(subject("slack-group:S0ML"))];
    assert_eq!(first.decide, Decide::Approvals(Approvals { count: 2, by, in_order: true, allow_self: true }));
    assert_eq!((&second.decide, &third.decide), (&Decide::AtOnce, &Decide::Refuse));
    assert_eq!((&second.asked_by, &third.asked_by), (&Some(AskedBy::Role("admin".to_owned())), &None));
}

#[test]
fn an_amount_is_a_condition_only_on_what_has_one() {
    let rule = |change: &str| {
        format!(
            "[[policy]]\nchange = \"{change}\"\nabove_usd = 200.5\ndecide = {{ approvals = 2, by = [\"admin\"] }}\n"
        )
    };
    for kind in Kind::ALL {
        let folder = Folder::new().with("steward.toml", rule(kind.as_str()));
        let file = folder.path().join("steward.toml");
        let changes: Vec<&str> = Kind::ALL.iter().map(|it| it.as_str()).collect();
        let known = Catalogue { changes: &changes, ..CATALOGUE };
        let rules = Settings::load(&Environment::default(), Some(&file), &known).unwrap().rules();
        if kind.has_amount() {
            assert_eq!(rules.unwrap().policies[0].above, Amount::from_usd("200.5"), "{kind}");
        } else {
            let told = rules.unwrap_err().to_string();
            assert!(told.contains("above_usd") && told.contains(kind.as_str()), "{told}");
        }
    }
}

#[test]
fn unknown_names_are_told_with_the_nearest_known_one() {
    assert_snapshot!(told("\n\n\n\naprovers_channel = \"slack:C0X\""), @"unknown name `aprovers_channel` in steward.toml line 5: did you mean `approvers_channel`?");
    assert_snapshot!(told("[quota]\npending_per_person = 5"), @"unknown name `quota` in steward.toml line 1: did you mean `quotas`?");
    assert_snapshot!(told("[workspaces.research]\nlow_stok = 5"), @"unknown name `workspaces.research.low_stok` in steward.toml line 2: did you mean `low_stock`?");
    assert_snapshot!(told("[[policy]]\nchange = \"invite\"\ndecide = { aprovals = 1, by = [\"admin\"] }"), @"
    `policy.decide.approvals` in steward.toml line 3 is missing
    unknown name `policy.decide.aprovals` in steward.toml line 3: did you mean `approvals`?
    ");
    assert_snapshot!(told("[roles.auditor]\npermissions = [\"audit\"]\nmembers = []"), @"unknown name `roles.auditor.members` in steward.toml line 3: known here: permissions");
    assert_snapshot!(told("[[role_map]]\nfrom = \"slack-group:S0X\"\nrole = \"admin\"\nworkspaces = \"x\""), @"unknown name `role_map.workspaces` in steward.toml line 4: did you mean `workspace`?");
    assert_snapshot!(told("[[workspace_map]]\nfrom = \"slack-group:S0X\"\nworkspace = \"x\"\nrole = \"workspace_user\""), @"
    `workspace_map.workspace_role` in steward.toml line 1 is missing
    unknown name `workspace_map.role` in steward.toml line 4: known here: from, workspace, workspace_role
    ");
    assert_snapshot!(told("[money]\ntresholds = [1]\n[[limits]]\nscop = \"org\"\n[audit]\nweb_hook = \"x\""), @"
    unknown name `money.tresholds` in steward.toml line 2: did you mean `thresholds`?
    `limits.scope` in steward.toml line 3 is missing
    `limits.amount_usd` in steward.toml line 3 is missing
    `limits.per` in steward.toml line 3 is missing
    unknown name `limits.scop` in steward.toml line 4: did you mean `scope`?
    unknown name `audit.web_hook` in steward.toml line 6: did you mean `webhook`?
    ");
    assert_snapshot!(told("anthropic_admin_key = \"CANARY\"\n\"sk-ant-CANARY\" = 1"), @"
    unknown name `anthropic_admin_key` in steward.toml line 1: this is set in the environment or the secrets folder, never here
    unknown name `…` in steward.toml line 2: known here: roles, command, time_zone, verified_domains, first_admins, approvers_channel, remind_after, expire_after, role_map, workspace_map, workspaces, policy, quotas, money, limits, audit
    ");
}

#[test]
fn wrong_kinds_of_values_are_told() {
    assert_snapshot!(told("command = 7\ntime_zone = [\"UTC\"]\nremind_after = 2\nverified_domains = \"example.com\""), @"
    `command` in steward.toml line 1 must be text in quotes, not a whole number
    `time_zone` in steward.toml line 2 must be text in quotes, not a list
    `remind_after` in steward.toml line 3 must be text in quotes, not a whole number
    `verified_domains` in steward.toml line 4 must be a list in brackets, not text
    ");
    assert_snapshot!(told("quotas = 5\nroles = [\"x\"]\npolicy = { change = \"invite\" }\nlimits = [7]\n[workspaces]\nx = 1"), @"
    `quotas` in steward.toml line 1 must be a table with names of its own, not a whole number
    `roles` in steward.toml line 2 must be a table with names of its own, not a list
    `policy` in steward.toml line 3 must be written as [[policy]], not as a table
    `limits` in steward.toml line 4 must be a table with names of its own, not a whole number
    `workspaces.x` in steward.toml line 6 must be a table with names of its own, not a whole number
    ");
    assert_snapshot!(told("[quotas]\npending_per_person = \"5\"\nkeys_per_person = -1\n[workspaces.x]\nlow_stock = 1.5"), @"
    `quotas.pending_per_person` in steward.toml line 2 must be a whole number, not text
    `quotas.keys_per_person` in steward.toml line 3 must be from 0 to 1000
    `workspaces.x.low_stock` in steward.toml line 5 must be a whole number, not a number with a point
    ");
    assert_snapshot!(told("[money]\nthresholds = [80, \"50\"]\nprices = \"\"\n"), @"
    item 2 of `money.thresholds` in steward.toml line 2 must be a whole number, not text
    `money.prices` in steward.toml line 3 must not be empty
    ");
    assert_snapshot!(told("command = \"/claude"), @"steward.toml line 1 is not valid TOML: a quote or bracket is missing, or a name is given twice");
    assert_snapshot!(told("command = \"/claude\"\n[quotas]\n[quotas]"), @"steward.toml line 3 is not valid TOML: a quote or bracket is missing, or a name is given twice");
}

#[test]
fn values_that_make_no_sense_are_told() {
    for bad in [
        "2",
        "h",
        "2 h",
        "2H",
        "-2h",
        "0h",
        "2w",
        "1.5h",
        "2h30m",
        "99999999d",
        "9223372036854775807m",
        "２h",
        "h2",
        "+2h",
    ] {
        let said = told(&format!("remind_after = \"{bad}\""));
        assert!(said.starts_with("`remind_after` in steward.toml line 1 must be a length of time"), "{bad}: {said}");
    }
    for bad in ["Europe/Berlim", "CANARY", "UTC+1", "../../etc/passwd"] {
        assert!(told(&format!("time_zone = \"{bad}\"")).contains("must be a time zone"), "{bad}");
    }
    for bad in ["claude", "/", "/Claude", "/clau de", "/clàude", "/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"] {
        assert!(told(&format!("command = \"{bad}\"")).contains("line 1 must be a slash"), "{bad}");
    }
    for bad in [
        "example",
        "@example.com",
        "*.example.com",
        "Example.com",
        "example.com.",
        "gmail.com",
        "a..b",
        "-a.com",
        "ada@example.com",
    ] {
        assert!(
            told(&format!("verified_domains = [\"ok.example\", \"{bad}\"]"))
                .starts_with("item 2 of `verified_domains`"),
            "{bad}"
        );
    }
}

#[test]
fn amounts_and_webhooks_that_make_no_sense_are_told() {
    for bad in ["0", "-1", "0.0000001", "1e3", "inf", "nan", "0x10", "\"5\"", "99999999999999"] {
        let said = told(&format!("[[limits]]\nscope = \"org\"\nper = \"day\"\namount_usd = {bad}"));
        assert!(said.starts_with("`limits.amount_usd` in steward.toml line 4 must be an amount"), "{bad}: {said}");
    }
    for bad in [
        "http://siem.example.com/x",
        "https://10.0.0.1/x",
        "https://a:b@siem.example.com/",
        "https://siem.example.com:8443/",
    ] {
        assert!(told(&format!("[audit]\nwebhook = \"{bad}\"")).contains("line 2 must be an https address"), "{bad}");
    }
    assert_snapshot!(told("remind_after = \"72h\""), @"`remind_after` in steward.toml line 1 must be shorter than `expire_after`");
    assert_snapshot!(told("[money]\nthresholds = [80, 50]"), @"`money.thresholds` in steward.toml line 2 must rise from one to the next");
    assert_snapshot!(told("[[limits]]\nscope = \"workspaces:x\"\nper = \"year\"\nbrake = \"hrd\"\namount_usd = 1"), @"
    `limits.scope` in steward.toml line 2 must be `org`, `workspace:NAME`, `person:…`, `key:…`, `model:…` or `tag:…`
    `limits.per` in steward.toml line 3 must be one of `day`, `week`, `month`
    `limits.brake` in steward.toml line 4 must be one of `soft`, `hard`
    ");
    assert_snapshot!(told("[workspaces.x]\nenvironment = \"prod\"\nissuer = \"shop\""), @"
    `workspaces.x.environment` in steward.toml line 2 must be one of `dev`, `staging`, `production`
    `workspaces.x.issuer` in steward.toml line 3 must be one of `stock`, `token`, `claim`
    ");
    assert_snapshot!(told("approvers_channel = \"xoxb-CANARY\""), @"`approvers_channel` in steward.toml line 1 looks like a secret: those belong into the secrets folder. Replace it now, it was in a plain file");
}

#[test]
fn amounts_are_exact_to_the_micro_dollar() {
    for (written, micros) in [
        ("0.1", 100_000),
        ("1_000.25", 1_000_250_000),
        ("0.000001", 1),
        ("+3", 3_000_000),
        ("123456789.123456", 123_456_789_123_456),
    ] {
        let read = configured(&format!("[[limits]]\nscope = \"org\"\nper = \"day\"\namount_usd = {written}")).unwrap();
        assert_eq!(read.limits[0].amount_usd_micros, micros, "{written}");
    }
}

#[test]
fn names_of_changes_roles_and_permissions_are_checked() {
    assert_snapshot!(told("[roles.auditor]\npermissions = [\"audit\", \"usage.other\"]"), @"item 2 of `roles.auditor.permissions` in steward.toml line 2 names no permission: did you mean `usage.others`?");
    assert_snapshot!(told("[[policy]]\nchange = \"invites\"\ndecide = \"refuse\"\n[[policy]]\nchange = \"CANARY\"\ndecide = \"refuse\""), @"
    `policy.change` in steward.toml line 2 names no kind of change: did you mean `invite`?
    `policy.change` in steward.toml line 5 names no kind of change: known here: invite, issue_key, set_limit
    ");
    assert_snapshot!(told("[[role_map]]\nfrom = \"slack:T01/U01ADA\"\nrole = \"admn\""), @"`role_map.role` in steward.toml line 3 names no role: did you mean `admin`?");
    assert_snapshot!(told("[[policy]]\nchange = \"invite\"\nasked_by = \"membr\"\ndecide = \"refuse\""), @"`policy.asked_by` in steward.toml line 3 names no role: did you mean `member`?");
    assert_snapshot!(told("[roles.admin]\npermissions = [\"audit\"]\n[roles.\"Über\"]\npermissions = [\"audit\"]\n[roles.none]"), @"
    `roles.admin` in steward.toml line 1 has a name that is taken already: the built-in roles cannot be changed
    `roles.…` in steward.toml line 3 must be named in small letters, digits, `-` and `_`, beginning with a letter
    `roles.none.permissions` in steward.toml line 5 is missing
    ");
    assert_snapshot!(told("[[workspace_map]]\nfrom = \"slack-group:S0X\"\nworkspace = \"x\"\nworkspace_role = \"workspace_billing\""), @"`workspace_map.workspace_role` in steward.toml line 4 names no workspace role: did you mean `workspace_admin`?");
    assert!(
        configured(
            "[roles.auditor]\npermissions = [\"audit\"]\n[[role_map]]\nfrom = \"claude-role:user\"\nrole = \"member\""
        )
        .is_ok()
    );
}

#[test]
fn what_would_mean_everybody_is_refused() {
    let policy = |decide: &str| format!("[[policy]]\nchange = \"invite\"\nasked_by = \"member\"\ndecide = {decide}");
    assert_snapshot!(told(&policy("{ approvals = 1, by = [] }")), @"`policy.decide.by` in steward.toml line 4 must not be an empty list: leave it out, or name somebody or something");
    assert_snapshot!(told(&policy("{ approvals = 1 }")), @"`policy.decide.by` in steward.toml line 4 is missing");
    assert_snapshot!(told(&policy("{ approvals = 0, by = [\"admin\"] }")), @"`policy.decide.approvals` in steward.toml line 4 must be from 1 to 9");
    assert_snapshot!(told(&policy("{ approvals = 1, by = [\"member\"] }")), @"item 1 of `policy.decide.by` in steward.toml line 4 must not be a role that everybody has");
    assert_snapshot!(told(&policy("{ approvals = 1, by = [\"claude-role:user\"] }")), @"item 1 of `policy.decide.by` in steward.toml line 4 must not be a role that everybody has");
    assert_snapshot!(told(&policy("{ approvals = 2, by = [\"slack:T01/U01ADA\"] }")), @"`policy.decide.approvals` in steward.toml line 4 must not be more than `by` names: they could never come together");
    assert_snapshot!(told(&policy("\"yes\"")), @r#"`policy.decide` in steward.toml line 4 must be `"at once"`, `"refuse"` or `{ approvals = 1, by = ["admin"] }`"#);
    assert_snapshot!(told("[[policy]]\nchange = \"invite\"\ndecide = \"at once\""), @"`policy.decide` in steward.toml line 3 lets everybody do this at once: say in `asked_by` for whom it is meant");
    assert_snapshot!(told("[[policy]]\nasked_by = \"member\""), @"
    `policy.change` in steward.toml line 1 is missing
    `policy.decide` in steward.toml line 1 is missing
    ");
    assert_snapshot!(told("[workspaces.x]\napprovers = []"), @"`workspaces.x.approvers` in steward.toml line 2 must not be an empty list: leave it out, or name somebody or something");
    assert_snapshot!(told("[workspaces.x]\napprovers = [\"claude-role:claude_code_user\"]"), @"item 1 of `workspaces.x.approvers` in steward.toml line 2 must not be a role that everybody has");
    assert_snapshot!(told("[[role_map]]\nfrom = \"claude-role:user\"\nrole = \"admin\""), @"`role_map.from` in steward.toml line 2 is a role that everybody has: it may be mapped to `member` only");
    assert_snapshot!(told("first_admins = []\nverified_domains = []\n[roles.x]\npermissions = []"), @"
    `first_admins` in steward.toml line 1 must not be an empty list: leave it out, or name somebody or something
    `verified_domains` in steward.toml line 2 must not be an empty list: leave it out, or name somebody or something
    `roles.x.permissions` in steward.toml line 4 must not be an empty list: leave it out, or name somebody or something
    ");
}

#[test]
fn people_groups_and_channels_are_named_by_id() {
    for good in ["slack:T01/U01ADA", "slack:E01/W01ADA", "discord:80351110224678912", "browser:ada"] {
        assert_eq!(account(good).to_string(), good);
        assert_eq!(subject(good), Subject::Account(account(good)));
        assert_eq!(Account::from(&account(good)), good.parse().unwrap());
    }
    for good in
        ["slack-group:S0PLATFORM", "discord-role:223344556677889900", "browser-group:finance", "claude-role:admin"]
    {
        assert_eq!(subject(good).to_string(), good);
        assert!(AccountRef::parse(good).is_err() && ChannelRef::parse(good).is_err(), "{good}");
    }
    for good in ["slack:C0APPROVE", "slack:G0PRIVATE", "discord:80351110224678912", "browser:approvals"] {
        assert_eq!(channel(good).to_string(), good);
        assert_eq!(Target::from(&channel(good)), Target::Channel(good.to_owned()));
    }
    for bad in [
        "",
        ":",
        "ada",
        "slack",
        "slack:",
        "slack:ada",
        "slack:U01ADA",
        "slack:T01/",
        "slack:/U01ADA",
        "slack:T01/u01ada",
        "slack:T01/U01ADA/x",
        "slack:C01/U01ADA",
        "slack:T01/C01ADA",
        " slack:T01/U01ADA",
        "slack:T01/U01ADA ",
        "Slack:T01/U01ADA",
        "discord:ada",
        "discord:123",
        "discord:803511102246789120000",
        "discord:99999999999999999999",
        "discord:８0351110224678912",
        "discord:-8035111022467891",
        "browser:",
        "browser:a b",
        "browser:é",
        "teams:ada",
        "claude-role:root",
        "claude-role:",
        "slack-group:C0X",
        "slack-group:T01/S01",
        "discord-role:ada",
        "browser-group:",
    ] {
        assert!(AccountRef::parse(bad).is_err() && Subject::parse(bad).is_err(), "{bad}");
    }
    for bad in ["slack:D0DIRECT", "slack:U01ADA", "slack:#general", "discord:general", "slack:T01/C01", "approvals"] {
        assert!(ChannelRef::parse(bad).is_err(), "{bad}");
    }
    assert_snapshot!(told("first_admins = [\"slack:T01/U01ADA\", \"slack:U01ADA\"]\napprovers_channel = \"#general\"\n[workspaces.x]\napprovers = [\"@ada\"]"), @"
    item 2 of `first_admins` in steward.toml line 1 must be an account: `slack:TEAM/USER`, `discord:USER` or `browser:NAME`, with the platform's ids
    `approvers_channel` in steward.toml line 2 must be a channel: `slack:CHANNEL`, `discord:CHANNEL` or `browser:NAME`, with the platform's ids
    item 1 of `workspaces.x.approvers` in steward.toml line 4 must be a group or a person: `slack-group:`, `discord-role:`, `browser-group:`, `claude-role:`, `slack:TEAM/USER`, `discord:USER` or `browser:NAME`, with the platform's ids
    ");
}
