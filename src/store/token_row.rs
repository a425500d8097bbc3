//! A rule of federation, as its row has it: prepared, granted to somebody, ended.

use serde_json::{Value, json};
use sqlx::Row;
use sqlx::any::AnyRow;

use super::{Error, Store};
use crate::clock::{Moment, moment};
use crate::domain::{Environment, PersonId};

/// Where a rule stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenState {
    /// Planned here, not known to be made there.
    Making,
    /// Made, and nobody's.
    Free,
    /// Somebody's: their assertions are signed.
    Granted,
    /// Somebody's, and held back: nothing is signed for the time being.
    Off,
    /// Over: nothing is signed any more. The organization still has the rule.
    Revoked,
    /// Over, and archived in the organization.
    Archived,
}

impl TokenState {
    /// All of them, in the order that a rule goes through.
    pub const ALL: [Self; 6] = [Self::Making, Self::Free, Self::Granted, Self::Off, Self::Revoked, Self::Archived];

    /// As it is stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Making => "making",
            Self::Free => "free",
            Self::Granted => "granted",
            Self::Off => "off",
            Self::Revoked => "revoked",
            Self::Archived => "archived",
        }
    }

    /// What was stored.
    #[must_use]
    pub fn stored(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == text)
    }

    /// Is it what the last line of the trail that moved the rule has made of it?
    fn follows(self, last: Option<&str>) -> bool {
        match self {
            Self::Making | Self::Free => last.is_none(),
            Self::Granted => matches!(last, Some("token.granted" | "token.switched_on")),
            Self::Off => last == Some("token.switched_off"),
            Self::Revoked => last == Some("token.revoked"),
            Self::Archived => last == Some("federation.rule_archived"),
        }
    }
}

/// Whom a rule was granted to, and what for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenGrant {
    /// The request's mark.
    pub mark: String,
    /// The request, by number.
    pub change: i64,
    /// Whose it is.
    pub owner: PersonId,
    /// What they call it.
    pub name: String,
    /// What it is for, in their words.
    pub purpose: String,
    /// Where it is used.
    pub environment: Environment,
    /// Since when.
    pub at: Moment,
}

/// A rule of federation, and whose it is. No secret is in it: the token is kept nowhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenRule {
    /// Sixteen letters of ours.
    pub id: String,
    /// The organization that it belongs to.
    pub organization_id: String,
    /// The workspace that its tokens work in.
    pub workspace_id: String,
    /// The signing key that it trusts.
    pub kid: String,
    /// `svac_…`, whom its tokens act as.
    pub account_id: Option<String>,
    /// `fdrl_…`.
    pub rule_id: Option<String>,
    /// How long its tokens live at most, in seconds.
    pub lifetime_s: i64,
    /// Where it stands.
    pub state: TokenState,
    /// When it was planned.
    pub made_at: Moment,
    /// Whose it is, once it is somebody's.
    pub grant: Option<TokenGrant>,
    /// When it ended.
    pub ended_at: Option<Moment>,
    /// True if the row is as this Steward wrote it, and the trail says nothing later of it: an old row put back is as it was
    /// written, too.
    pub is_genuine: bool,
}

impl TokenRule {
    /// What its service account and its rule are called in the organization.
    #[must_use]
    pub fn slug(&self) -> String {
        format!("steward-{}", self.id)
    }

    /// The claim `sub` of its assertions.
    #[must_use]
    pub fn subject(&self) -> String {
        format!("steward:{}", self.id)
    }

    /// What lines of the trail about it name: its id in the organization, once it has one.
    #[must_use]
    pub fn about(&self) -> &str {
        self.rule_id.as_deref().unwrap_or(&self.id)
    }

    /// What its owner calls it.
    #[must_use]
    pub fn name(&self) -> &str {
        self.grant.as_ref().map_or(self.id.as_str(), |it| it.name.as_str())
    }

    /// What binds the row: all of it, its state included.
    pub(super) fn covered(&self) -> Value {
        let grant = self.grant.as_ref().map(|it| {
            let (owner, environment) = (it.owner.as_str(), it.environment.as_str());
            json!([it.mark, it.change, owner, it.name, it.purpose, environment, it.at.as_millisecond()])
        });
        json!([
            "token_rule",
            self.id,
            self.organization_id,
            self.workspace_id,
            self.kid,
            self.account_id,
            self.rule_id,
            self.lifetime_s,
            self.state.as_str(),
            self.made_at.as_millisecond(),
            grant,
            self.ended_at.map(Moment::as_millisecond),
        ])
    }
}

impl Store {
    pub(super) fn token_row(&self, row: &AnyRow) -> Result<TokenRule, Error> {
        let state: String = row.try_get("state")?;
        let mut read = TokenRule {
            id: row.try_get("id")?,
            organization_id: row.try_get("organization_id")?,
            workspace_id: row.try_get("workspace_id")?,
            kid: row.try_get("kid")?,
            account_id: row.try_get("account_id")?,
            rule_id: row.try_get("rule_id")?,
            lifetime_s: row.try_get("lifetime_s")?,
            state: TokenState::stored(&state).ok_or(Error::Corrupt("token_rule.state"))?,
            made_at: moment(row.try_get("made_at_ms")?),
            grant: grant(row)?,
            ended_at: row.try_get::<Option<i64>, _>("ended_at_ms")?.map(moment),
            is_genuine: false,
        };
        let mac: String = row.try_get("mac")?;
        let last: Option<String> = row.try_get("last_act")?;
        read.is_genuine = self.has_fingerprint(&read.covered(), &mac) && read.state.follows(last.as_deref());
        Ok(read)
    }
}

fn grant(row: &AnyRow) -> Result<Option<TokenGrant>, Error> {
    let Some(mark) = row.try_get::<Option<String>, _>("claim")? else { return Ok(None) };
    let missing = Error::Corrupt("token_rule.claim");
    let text = |name: &str| Ok::<_, Error>(row.try_get::<Option<String>, _>(name)?.unwrap_or_default());
    let environment = text("environment")?;
    Ok(Some(TokenGrant {
        mark,
        change: row.try_get::<Option<i64>, _>("change_number")?.unwrap_or_default(),
        owner: PersonId(text("owner_id")?),
        name: text("name")?,
        purpose: text("purpose")?,
        environment: Environment::named(&environment).ok_or(missing)?,
        at: moment(row.try_get::<Option<i64>, _>("granted_at_ms")?.unwrap_or_default()),
    }))
}
