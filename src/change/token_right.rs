//! Who may have a token, by what the chat and the books say at this moment: not when the button was pressed. Waiting for a turn in the
//! budget can take minutes, and somebody may have left meanwhile.

use super::asker::Asker;
use super::failure::Failure;
use super::pipeline::Pipeline;
use crate::chat::{Account, Text};
use crate::clock::{Moment, moment};
use crate::domain::{Permission, PersonId, Right, Toward};
use crate::store::{TokenRule, TokenState};

/// What being asked for a token is called in the trail.
pub(super) const ASKED: &str = "token.asked";
/// How many tokens one person has made in an hour, from whichever account and for whichever access.
const MOST_AN_HOUR: i64 = 30;
const HOUR_MS: i64 = 3_600_000;

/// Why somebody gets no token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Objection {
    /// The chat does not say who they are.
    Unknown,
    /// It is not theirs, or its row is not as it was written.
    NotTheirs,
    /// Their account does not count at the moment.
    Held,
    /// They may not look after anything of their own.
    NoRight,
    /// It is switched off.
    Off,
    /// It was revoked.
    Over,
    /// Its workspace is not there any more.
    NoWorkspace,
}

impl Objection {
    /// For the trail.
    pub(super) fn code(&self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::NotTheirs => "not_theirs",
            Self::Held => "held",
            Self::NoRight => "no_right",
            Self::Off => "off",
            Self::Over => "revoked",
            Self::NoWorkspace => "no_workspace",
        }
    }

    /// True for what somebody tried who may not, whatever the access is like.
    pub(super) fn is_refusal(&self) -> bool {
        !matches!(self, Self::Off | Self::Over | Self::NoWorkspace)
    }

    fn reason(&self, rule: &TokenRule) -> String {
        let name = rule.name();
        match self {
            Self::Unknown => "The chat does not say who you are at the moment".into(),
            Self::NotTheirs => "This access is somebody else's".into(),
            Self::Held => "Your account is held back, or is no member's any more".into(),
            Self::NoRight => format!("This needs the permission {}, which you do not have", Permission::KeyOwn),
            Self::Off => format!("The access {name} is switched off"),
            Self::Over => format!("The access {name} was revoked"),
            Self::NoWorkspace => format!("The workspace of the access {name} is not there any more"),
        }
    }

    /// Before one is made.
    pub(super) fn told(&self, rule: &TokenRule) -> Failure {
        let reason = self.reason(rule);
        match self {
            Self::Unknown => Failure::refused(format!("{reason}."), "No token was made. Try again in a minute."),
            Self::NotTheirs => {
                Failure::refused(format!("{reason}."), "No token was made. Whoever it belongs to can get one.")
            }
            Self::Held | Self::NoRight => Failure::refused(format!("{reason}."), "No token was made. Ask an admin."),
            Self::Off => Failure::mistake(
                format!("{reason}, so no token is made."),
                Text::plain("To have it switched on again: ").command(format!("key enable {}", rule.id)).then("."),
            ),
            Self::Over | Self::NoWorkspace => Failure::mistake(
                format!("{reason}, so no token is made."),
                Text::plain("Nothing brings it back. Ask for another one: ").command("key request").then("."),
            ),
        }
    }

    /// Once one was made: it is out, and nobody gets it.
    pub(super) fn told_after(&self, rule: &TokenRule, until: Moment) -> Failure {
        Failure::refused(
            format!("{}, so you do not get the token that was made just now.", self.reason(rule)),
            Text::plain("It was shown to nobody and is kept nowhere. It cannot be called back, and ends ")
                .time(until)
                .then("."),
        )
    }
}

impl Pipeline {
    /// What speaks against giving `account` a token of `rule`, at this moment.
    pub(super) async fn objection(&self, rule: &TokenRule, account: &Account) -> Result<Option<Objection>, Failure> {
        let rules = self.rules.now();
        let Some(by) = Asker::fresh(&self.store, &rules, &*self.roster, account, self.clock.now()).await? else {
            return Ok(Some(Objection::Unknown));
        };
        let owner = rule.grant.as_ref().map(|it| &it.owner);
        let person = by.person.as_ref().map(|it| &it.id);
        if person.is_none() || person != owner || !rule.is_genuine {
            return Ok(Some(Objection::NotTheirs));
        }
        if !by.linked {
            return Ok(Some(Objection::Held));
        }
        if by.right(Permission::KeyOwn, Toward::Oneself) == Right::No {
            return Ok(Some(Objection::NoRight));
        }
        Ok(match rule.state {
            TokenState::Granted => {
                let workspace = self.store.workspace(&rule.workspace_id).await?;
                let is_open = workspace.is_some_and(|it| it.archived_at.is_none());
                (!is_open).then_some(Objection::NoWorkspace)
            }
            TokenState::Off => Some(Objection::Off),
            _ => Some(Objection::Over),
        })
    }

    /// Refuses whoever has had very many made.
    pub(super) async fn within_the_hour(&self, owner: &PersonId) -> Result<(), Failure> {
        let since = moment(self.clock.now().as_millisecond() - HOUR_MS);
        let mut made = 0;
        for link in self.store.links(owner).await? {
            made += self.store.count_acts(&link.account.to_string(), ASKED, since).await?;
        }
        if made < MOST_AN_HOUR {
            return Ok(());
        }
        Err(Failure::refused(
            format!("You have asked for {MOST_AN_HOUR} tokens within an hour, which is as many as are made."),
            "No token was made. Those that you have work until their time is over; ask for the next one later.",
        ))
    }
}
