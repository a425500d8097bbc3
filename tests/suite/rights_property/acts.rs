//! What people, admins and the company do, at random.

use steward::chat::{Account, Kind, Message, Said, Says, Token};
use steward::claude::Role;
use steward::clock::moment;
use steward::command::split;
use steward::random::Random;

use super::configurations;
use super::scripts::{Step, course};
use crate::stage::Stage;

pub(super) const DISCORD: [&str; 3] =
    ["discord:80351110224678911", "discord:80351110224678912", "discord:80351110224678913"];
pub(super) const PEOPLE: [&str; 9] =
    ["ada", "grace", "finn", "mira", "jonas", "lea", DISCORD[0], DISCORD[1], DISCORD[2]];
pub(super) const MEMBERS: [&str; 5] = ["ada", "grace", "finn", "mira", "jonas"];
const OTHERS: [&str; 5] = ["sofia", "oskar", "priya", "kenji", "amara"];
const GROUPS: [&str; 3] = ["browser-group:admins", "browser-group:finance", "discord-role:80351110224678900"];
const PERMISSIONS: [&str; 6] = ["invite", "workspace.join", "member.manage", "approve", "admin", "audit"];

/// Acts, and remembers every button that was ever shown, and to whom.
pub(super) struct Acts<'a> {
    pub(super) stage: &'a Stage,
    pub(super) random: Random,
    /// What was done in this sequence, for whoever has to find out why it failed.
    pub(super) told: Vec<String>,
    buttons: Vec<(String, Token)>,
    code: Option<(String, String)>,
    /// What is left of a course of events, the next thing last.
    course: Vec<Step>,
    sent: usize,
    /// Calls that were made past Steward.
    pub(super) past_steward: usize,
}

impl<'a> Acts<'a> {
    pub(super) fn new(stage: &'a Stage, seed: u64) -> Self {
        Self {
            stage,
            random: Random::seeded(seed),
            told: Vec::new(),
            buttons: Vec::new(),
            code: None,
            course: Vec::new(),
            sent: 0,
            past_steward: 0,
        }
    }

    pub(super) fn below(&self, below: u64) -> u64 {
        self.random.below(below)
    }

    pub(super) fn pick<'b>(&self, from: &[&'b str]) -> &'b str {
        from[usize::try_from(self.below(from.len() as u64)).unwrap()]
    }

    /// Everybody is as at the beginning again, as far as the chat is concerned, and old buttons are forgotten.
    pub(super) fn begin(&mut self) {
        for (account, standing) in first_standings(self.stage) {
            self.stage.chat.stand(&account, &standing);
        }
        self.told.clear();
        self.buttons.clear();
        self.code = None;
        self.course.clear();
        self.stage.chat.forget_unheard();
    }

    /// Those whose accounts are held back, or nobody's, get them back as a company would do it.
    pub(super) async fn mend(&mut self, ids: &[&str]) {
        for id in ids {
            let (admin, other) = if *id == "ada" { ("grace", "grace") } else { ("ada", "grace") };
            let other = if *id == "grace" { "ada" } else { other };
            self.says((*id).into(), "link".into()).await;
            self.says(admin.into(), format!("link --attest browser:{id} --as {id}@example.com")).await;
            let newest = self.newest(0).await;
            self.says(other.into(), format!("request approve {newest}")).await;
        }
    }

    /// One of the newest requests.
    pub(super) async fn newest(&self, at: usize) -> String {
        let all = &steward::store::RequestFilter::All;
        let newest = self.stage.house.store.requests(all, 4).await.unwrap();
        newest.get(at).map_or("C1-xxxx".into(), |it| it.id.to_string())
    }

    /// One action. Answers the configuration that is to count from now on, if it is that.
    pub(super) async fn act(&mut self) -> Option<usize> {
        if self.course.is_empty() && self.below(12) == 0 {
            self.course = course(self);
        }
        if let Some(step) = self.course.pop() {
            self.step(step).await;
            return None;
        }
        match self.below(100) {
            0..6 => self.changes_group(),
            6..9 => self.changes_kind(),
            9..12 => self.changes_address(),
            12..14 => self.in_the_console().await,
            14..18 => self.time_passes(),
            18..21 => return Some(usize::try_from(self.below(configurations::ALL.len() as u64)).unwrap()),
            21..46 => self.presses().await,
            46..50 => self.links_by_code().await,
            50..55 => {
                let newest = self.newest(0).await;
                self.says(self.pick(&["ada", "grace"]).to_owned(), format!("request approve {newest}")).await;
            }
            _ => {
                let words = self.words().await;
                let mostly = ["ada", "grace", "ada", "grace", "mira", "jonas", "finn"];
                let who = if self.below(4) == 0 { self.pick(&PEOPLE) } else { self.pick(&mostly) };
                self.says(who.to_owned(), words).await;
            }
        }
        None
    }

    fn changes_group(&mut self) {
        let (who, group) = (self.pick(&PEOPLE), self.pick(&GROUPS));
        self.stage.change_standing(who, |it| {
            if it.groups.iter().any(|it| it == group) {
                it.groups.retain(|it| it != group);
            } else {
                it.groups.push(group.into());
            }
        });
        self.told.push(format!("{who} joins or leaves {group}"));
    }

    fn changes_kind(&mut self) {
        let who = self.pick(&PEOPLE);
        let other = if self.below(2) == 0 { Kind::Guest } else { Kind::Deactivated };
        self.stage.change_standing(who, |it| it.kind = if it.kind == Kind::Person { other } else { Kind::Person });
        self.told.push(format!("{who} becomes {other:?}, or a person again"));
    }

    fn changes_address(&mut self) {
        let who = self.pick(&PEOPLE[..6]);
        let (own, other) = (format!("{who}@example.com"), format!("{}@example.com", self.pick(&MEMBERS)));
        self.stage
            .change_standing(who, |it| it.email = Some(if it.email.as_ref() == Some(&own) { other } else { own }));
        self.told.push(format!("{who} changes their address, or changes it back"));
    }

    async fn in_the_console(&mut self) {
        let (who, role) = (self.pick(&["finn", "mira", "jonas"]), [Role::Billing, Role::Developer, Role::User]);
        let role = &role[usize::try_from(self.below(3)).unwrap()];
        let before = self.stage.organization.count_seen(|it| it.applied);
        self.stage.console().set_role(&self.stage.member_id(who), role).await.ok();
        self.past_steward += self.stage.organization.count_seen(|it| it.applied) - before;
        self.told.push(format!("{who} becomes {role:?} in the console"));
    }

    fn time_passes(&mut self) {
        let minutes = [1, 9, 45, 130, 1_500, 5_000][usize::try_from(self.below(6)).unwrap()];
        self.stage.clock.advance_to(moment(self.stage.clock.now().as_millisecond() + minutes * 60_000));
        self.told.push(format!("{minutes} minutes pass"));
    }

    /// Any button that was ever shown in this sequence; the newest more often, and mostly by an admin or whoever saw it.
    async fn presses(&mut self) {
        let count = self.buttons.len() as u64;
        if count == 0 {
            return;
        }
        let back = if self.below(3) == 0 { self.below(count) } else { self.below(count.min(4)) };
        let (seen_by, token) = self.buttons[usize::try_from(count - 1 - back).unwrap()].clone();
        let who = match self.below(4) {
            0 if PEOPLE.contains(&seen_by.as_str()) => seen_by.clone(),
            0 | 1 => self.pick(&PEOPLE).to_owned(),
            _ => self.pick(&["ada", "grace", "finn"]).to_owned(),
        };
        self.told.push(format!("{who} presses what {seen_by} was shown, {back} before the newest"));
        self.does(who, Said::Press(token)).await;
    }

    async fn links_by_code(&mut self) {
        match self.code.take() {
            None => {
                let who = self.pick(&DISCORD).to_owned();
                self.says(who, "link".into()).await;
            }
            Some(code) => {
                self.code = Some(code);
                self.enters_code(self.pick(&MEMBERS)).await;
            }
        }
    }

    /// Somebody enters the code that was shown last, and mostly says that the account is theirs.
    pub(super) async fn enters_code(&mut self, who: &str) {
        let Some((_, code)) = self.code.take() else { return };
        self.says(who.to_owned(), format!("link --code {code}")).await;
        if self.below(3) > 0
            && let Some((who, token)) = self.buttons.last().cloned()
        {
            self.told.push(format!("{who} presses at once"));
            self.does(who, Said::Press(token)).await;
        }
    }

    async fn words(&self) -> String {
        let (member, other) = (self.pick(&MEMBERS), self.pick(&MEMBERS));
        let (account, leaves) = (self.pick(&PEOPLE), self.pick(&OTHERS));
        let account = if account.contains(':') { account.to_owned() } else { format!("browser:{account}") };
        let (permission, number) = (self.pick(&PERMISSIONS), self.below(4));
        let id = self.newest(usize::try_from(number).unwrap()).await;
        let day = self.stage.clock.now().as_millisecond() + i64::try_from(self.below(5)).unwrap() * 86_400_000;
        let day = moment(day).to_string()[..10].to_owned();
        let grants = self.stage.house.store.kept_grants().await.unwrap();
        let grant = grants.last().map_or("G1".into(), |it| it.grant.id());
        let delegations = self.stage.house.store.kept_delegations().await.unwrap();
        let delegation = delegations.last().map_or("D1".into(), |it| it.delegation.id());
        match self.below(34) {
            0 | 1 => format!("invite person{}@example.com", self.below(100_000)),
            2 => "invite me".into(),
            3 => format!("invite person{}@example.com --role billing", self.below(100_000)),
            4 | 5 => format!("member role {member}@example.com {}", self.pick(&["user", "developer"])),
            6 => format!("member role {member}@example.com billing --confirm {member}@example.com"),
            7 => format!("member remove {leaves}@example.com --confirm {leaves}@example.com"),
            8 | 9 => format!("workspace add production {member}@example.com"),
            10 => "workspace add production me".into(),
            11 => format!("workspace remove production {member}@example.com"),
            12..15 => format!("grant give {member}@example.com --permission {permission} --until {day}"),
            15 => format!("grant revoke {grant}"),
            16..19 => format!("policy delegate {member}@example.com --until {day}"),
            19 => format!("policy delegate {member}@example.com --until {day} --from {day} --of {other}@example.com"),
            20 => format!("policy undelegate {delegation}"),
            21..24 => format!("link --attest {account} --as {member}@example.com"),
            24 => format!("link --remove {account}"),
            25 => "link".into(),
            26 => format!("offboard {member}@example.com --freeze"),
            27 | 28 => format!("request approve {id}"),
            29 => format!("request deny {id}"),
            30 => format!("request override {id} \"it is urgent\""),
            31 => format!("request undo {id}"),
            32 => format!("request again {id}"),
            _ => format!("request withdraw {id}"),
        }
    }

    pub(super) async fn says(&mut self, who: String, words: String) {
        self.told.push(format!("{who}: {words}"));
        self.does(who, Said::Command(split(&words))).await;
    }

    async fn does(&mut self, who: String, said: Said) {
        match self.stage.person(&who).reply(said).await.says {
            Says::Message(message) => {
                let heard = message.text.to_plain();
                assert!(!heard.contains("went wrong"), "{heard}");
                let hint = message.hint.as_ref().map(steward::chat::Text::to_plain).unwrap_or_default();
                if let Some((_, rest)) = heard.split_once("Your code is ") {
                    self.code = Some((who.clone(), rest[..9].to_owned()));
                }
                if let Some(last) = self.told.last_mut() {
                    *last = format!("{last} -> {heard} {hint}");
                }
                self.remember(&who, &message);
            }
            Says::Form(form) => {
                if let Some(last) = self.told.last_mut() {
                    *last = format!("{last} -> a form");
                }
                drop(form);
            }
            _ => {}
        }
    }

    fn remember(&mut self, who: &str, message: &Message) {
        let inner = message.blocks.iter().filter_map(|block| match block {
            steward::chat::Block::Buttons(buttons) => Some(buttons.iter()),
            _ => None,
        });
        let tokens = inner.flatten().chain(&message.buttons).filter_map(|it| it.token.clone());
        self.buttons.extend(tokens.map(|it| (who.to_owned(), it)));
    }

    /// Looks at what was sent meanwhile.
    pub(super) fn reads_the_post(&mut self) {
        let new = self.stage.chat.sent_since(self.sent);
        self.sent += new.len();
        for (_, message) in new {
            self.remember("everybody", &message);
        }
    }
}

/// How the chat says that everybody is, at the beginning of a sequence.
pub(super) fn first_standings(stage: &Stage) -> Vec<(Account, steward::chat::Standing)> {
    let people = PEOPLE.iter().map(|id| {
        let is_discord = id.contains(':');
        let account: Account = if is_discord { id.parse().unwrap() } else { Account::browser(id) };
        let groups = match *id {
            "ada" | "grace" => vec!["browser-group:admins".to_owned()],
            "finn" => vec!["browser-group:finance".to_owned()],
            _ => Vec::new(),
        };
        let mut standing = stage.chat.standing_of(&account);
        standing.kind = Kind::Person;
        standing.groups = groups;
        standing.email = (!is_discord).then(|| format!("{id}@example.com"));
        (account, standing)
    });
    people.collect()
}
