//! Short courses of events that chance alone brings about too seldom: something waits between a decision and its effect, and
//! meanwhile somebody loses what the decision stood on; or an account joins somebody who was given powers.

use steward::chat::Kind;
use steward::clock::moment;
use steward::sandbox::Fault;

use super::acts::{Acts, DISCORD};

/// One thing of a course.
#[derive(Clone, Debug)]
pub(super) enum Step {
    /// Somebody says something.
    Says(String, String),
    /// Somebody approves the newest request.
    Approves(&'static str),
    /// Anthropic fails once before it does what it is asked for next.
    Fails,
    /// Somebody joins or leaves a group.
    Group(&'static str, &'static str),
    /// Somebody becomes a guest, or a person again.
    Guest(&'static str),
    /// So many minutes pass.
    Minutes(i64),
    /// The invitation to this address is accepted, if there is one.
    Accepts(String),
    /// Somebody enters the code that was shown last, and says that the account is theirs.
    EntersCode(&'static str),
}

const INVITES: &str = "POST /v1/organizations/invites";

/// A course, the next thing last.
pub(super) fn course(acts: &Acts<'_>) -> Vec<Step> {
    let address = format!("course{}@example.com", acts.below(1_000_000_000));
    let (asker, approver) = (acts.pick(&["mira", "jonas"]), "grace");
    let says = |who: &str, words: String| Step::Says(who.to_owned(), words);
    let in_a_week = moment(acts.stage.clock.now().as_millisecond() + 7 * 86_400_000).to_string()[..10].to_owned();
    let mut steps = match acts.below(4) {
        // It was decided, and could not be made yet; then whoever decided, or asked, loses their right.
        0 => vec![
            says(asker, format!("invite {address}")),
            Step::Fails,
            Step::Approves(approver),
            Step::Group(approver, "browser-group:admins"),
            Step::Minutes(2),
        ],
        1 => vec![
            says(asker, format!("invite {address}")),
            Step::Fails,
            Step::Approves(approver),
            Step::Guest(asker),
            Step::Minutes(2),
            Step::Guest(asker),
        ],
        // Half of it was made; the rest waits for somebody who takes their time.
        2 => vec![
            says(approver, format!("invite {address} --workspace production")),
            Step::Group(approver, "browser-group:admins"),
            Step::Accepts(address),
            Step::Minutes(2),
        ],
        // Somebody is given a power, and then joins another account.
        _ => vec![
            says("ada", format!("grant give {asker}@example.com --permission member.manage --until {in_a_week}")),
            Step::Approves(approver),
            says(acts.pick(&DISCORD), "link".to_owned()),
            Step::EntersCode(asker),
        ],
    };
    steps.reverse();
    steps
}

impl Acts<'_> {
    /// Does one thing of a course.
    pub(super) async fn step(&mut self, step: Step) {
        self.told.push(format!("{step:?}"));
        match step {
            Step::Says(who, words) => self.says(who, words).await,
            Step::Approves(who) => {
                let newest = self.newest(0).await;
                self.says(who.to_owned(), format!("request approve {newest}")).await;
            }
            Step::Fails => self.stage.organization.misbehave(INVITES, Fault::FailBefore, 1),
            Step::Group(who, group) => self.stage.change_standing(who, |it| {
                if it.groups.iter().any(|it| it == group) {
                    it.groups.retain(|it| it != group);
                } else {
                    it.groups.push(group.into());
                }
            }),
            Step::Guest(who) => self.stage.change_standing(who, |it| {
                it.kind = if it.kind == Kind::Person { Kind::Guest } else { Kind::Person };
            }),
            Step::Minutes(minutes) => {
                let now = self.stage.clock.now().as_millisecond();
                self.stage.clock.advance_to(moment(now + minutes * 60_000));
            }
            Step::Accepts(email) => {
                let mail = self.stage.organization.mails().into_iter().rev().find(|it| it.to == email);
                if let Some(mail) = mail {
                    self.stage.organization.accept_mail(&mail.id).ok();
                }
            }
            Step::EntersCode(who) => self.enters_code(who).await,
        }
    }
}
