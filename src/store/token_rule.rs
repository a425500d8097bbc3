//! Rules of federation: prepared by whoever sets federation up, then each granted to exactly one person, by one request.

use sqlx::Row;

use super::token_row::{TokenGrant, TokenRule, TokenState};
use super::{Act, Error, Store, Tx};
use crate::clock::{Moment, moment};
use crate::domain::PersonId;

/// No token lives longer: a day.
const LONGEST_LIFE_MS: i64 = 86_400_000;

macro_rules! token_columns {
    () => {
        "id, organization_id, workspace_id, kid, account_id, rule_id, lifetime_s, state, made_at_ms, claim, change_number,
         owner_id, name, purpose, environment, granted_at_ms, ended_at_ms, mac,
         (SELECT a.action FROM audit a WHERE a.about = COALESCE(token_rule.rule_id, token_rule.id)
             AND a.action IN ('token.granted', 'token.switched_on', 'token.switched_off', 'token.revoked', 'federation.rule_archived')
           ORDER BY a.seq DESC LIMIT 1) AS last_act"
    };
}

impl Store {
    /// Writes a rule down that is to be made.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn plan_token_rule(&self, tx: &mut Tx<'_>, rule: &TokenRule) -> Result<(), Error> {
        sqlx::query(
            "INSERT INTO token_rule (id, organization_id, workspace_id, kid, lifetime_s, state, made_at_ms, mac)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(&rule.id)
        .bind(&rule.organization_id)
        .bind(&rule.workspace_id)
        .bind(&rule.kid)
        .bind(rule.lifetime_s)
        .bind(rule.state.as_str())
        .bind(rule.made_at.as_millisecond())
        .bind(self.fingerprint(&rule.covered()))
        .execute(&mut **tx)
        .await?;
        Ok(())
    }

    /// Writes a rule as it is now, if it was in the state `was` until this moment. False if somebody was faster.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn move_token_rule(&self, tx: &mut Tx<'_>, rule: &TokenRule, was: TokenState) -> Result<bool, Error> {
        let grant = rule.grant.as_ref();
        let done = sqlx::query(
            "UPDATE token_rule SET account_id = $1, rule_id = $2, state = $3, claim = $4, change_number = $5, owner_id = $6,
                    name = $7, purpose = $8, environment = $9, granted_at_ms = $10, ended_at_ms = $11, mac = $12
              WHERE id = $13 AND state = $14",
        )
        .bind(&rule.account_id)
        .bind(&rule.rule_id)
        .bind(rule.state.as_str())
        .bind(grant.map(|it| it.mark.as_str()))
        .bind(grant.map(|it| it.change))
        .bind(grant.map(|it| it.owner.as_str()))
        .bind(grant.map(|it| it.name.as_str()))
        .bind(grant.map(|it| it.purpose.as_str()))
        .bind(grant.map(|it| it.environment.as_str()))
        .bind(grant.map(|it| it.at.as_millisecond()))
        .bind(rule.ended_at.map(Moment::as_millisecond))
        .bind(self.fingerprint(&rule.covered()))
        .bind(&rule.id)
        .bind(was.as_str())
        .execute(&mut **tx)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Grants one free rule of a workspace; the same one again if the request took one before. None if there is none.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn grant_token(
        &self,
        tx: &mut Tx<'_>,
        workspace_id: &str,
        grant: &TokenGrant,
    ) -> Result<Option<TokenRule>, Error> {
        let taken = sqlx::query(concat!("SELECT ", token_columns!(), " FROM token_rule WHERE claim = $1"));
        if let Some(row) = taken.bind(&grant.mark).fetch_optional(&mut **tx).await? {
            return self.token_row(&row).map(Some);
        }
        let free = sqlx::query(concat!(
            "SELECT ",
            token_columns!(),
            " FROM token_rule WHERE workspace_id = $1 AND state = 'free' ORDER BY made_at_ms, id"
        ));
        let rows = free.bind(workspace_id).fetch_all(&mut **tx).await?;
        for row in rows {
            let rule = self.token_row(&row)?;
            if !rule.is_genuine {
                continue;
            }
            let rule = TokenRule { state: TokenState::Granted, grant: Some(grant.clone()), ..rule };
            if self.move_token_rule(tx, &rule, TokenState::Free).await? {
                return Ok(Some(rule));
            }
        }
        Ok(None)
    }

    /// A rule, by our id.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn token_rule(&self, id: &str) -> Result<Option<TokenRule>, Error> {
        let query = sqlx::query(concat!("SELECT ", token_columns!(), " FROM token_rule WHERE id = $1"));
        query.bind(id).fetch_optional(&self.reader).await?.map(|row| self.token_row(&row)).transpose()
    }

    /// The rule that a request was granted, by the request's number.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn token_rule_of(&self, change: i64) -> Result<Option<TokenRule>, Error> {
        let query = sqlx::query(concat!("SELECT ", token_columns!(), " FROM token_rule WHERE change_number = $1"));
        query.bind(change).fetch_optional(&self.reader).await?.map(|row| self.token_row(&row)).transpose()
    }

    /// All rules, oldest first.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn token_rules(&self) -> Result<Vec<TokenRule>, Error> {
        let query = sqlx::query(concat!("SELECT ", token_columns!(), " FROM token_rule ORDER BY made_at_ms, id"));
        query.fetch_all(&self.reader).await?.iter().map(|row| self.token_row(row)).collect()
    }

    /// The rules that were granted to somebody and are not over, oldest first; those of everybody without a name.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn granted_tokens(&self, owner: Option<&PersonId>) -> Result<Vec<TokenRule>, Error> {
        let mut rules = self.token_rules().await?;
        rules.retain(|it| {
            let is_theirs = it.grant.as_ref().is_some_and(|it| owner.is_none_or(|owner| it.owner == *owner));
            it.is_genuine && is_theirs && matches!(it.state, TokenState::Granted | TokenState::Off)
        });
        Ok(rules)
    }

    /// Somebody's access that is not over, as the transaction sees it, oldest first.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn tokens_in(&self, tx: &mut Tx<'_>, owner: &PersonId) -> Result<Vec<TokenRule>, Error> {
        let query = sqlx::query(concat!(
            "SELECT ",
            token_columns!(),
            " FROM token_rule WHERE owner_id = $1 AND state IN ('granted', 'off') ORDER BY made_at_ms, id"
        ));
        let rows = query.bind(owner.as_str()).fetch_all(&mut **tx).await?;
        let rules: Vec<TokenRule> = rows.iter().map(|row| self.token_row(row)).collect::<Result<_, _>>()?;
        Ok(rules.into_iter().filter(|it| it.is_genuine).collect())
    }

    /// Ends the access of everybody who is no member any more: whoever is let in again asks again.
    pub(super) async fn end_tokens_of_gone(&self, tx: &mut Tx<'_>, at: Moment) -> Result<(), Error> {
        self.hold_trail(tx).await?;
        let query = sqlx::query(concat!(
            "SELECT ",
            token_columns!(),
            " FROM token_rule WHERE state IN ('granted', 'off') AND owner_id IN
                (SELECT p.id FROM person p JOIN member m ON m.id = p.member_id WHERE m.gone_at_ms IS NOT NULL)
              ORDER BY made_at_ms, id"
        ));
        for row in query.fetch_all(&mut **tx).await? {
            let rule = self.token_row(&row)?;
            let (was, over) =
                (rule.state, TokenRule { state: TokenState::Revoked, ended_at: Some(at), ..rule.clone() });
            // What was not written here gives nothing anyway, and is not made genuine.
            if !rule.is_genuine || !self.move_token_rule(tx, &over, was).await? {
                continue;
            }
            let detail = serde_json::json!({ "access": rule.id, "why": "no member any more" });
            let about = rule.about().to_owned();
            self.append(tx, &Act { at, actor: "steward", action: "token.revoked", about: &about, detail }).await?;
        }
        Ok(())
    }

    /// The tokens of a rule that are out at `now`: when each ends, as the trail has it.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn tokens_out(&self, rule: &TokenRule, now: Moment) -> Result<Vec<Moment>, Error> {
        let since = moment(now.as_millisecond().saturating_sub(LONGEST_LIFE_MS));
        let query = sqlx::query(
            "SELECT at_ms, detail FROM audit WHERE about = $1 AND action = 'token.issued' AND at_ms >= $2 ORDER BY seq",
        );
        let rows = query.bind(rule.about()).bind(since.as_millisecond()).fetch_all(&self.reader).await?;
        let mut ends = Vec::new();
        for row in rows {
            let (at_ms, detail): (i64, String) = (row.try_get(0)?, row.try_get(1)?);
            let detail: serde_json::Value = serde_json::from_str(&detail).unwrap_or_default();
            let lives_s = detail["lives_s"].as_i64().unwrap_or(rule.lifetime_s);
            ends.push(moment(at_ms.saturating_add(lives_s.saturating_mul(1_000))));
        }
        ends.retain(|it| *it > now);
        Ok(ends)
    }

    /// The rules, by our id, whose rows are not as this Steward wrote them, or not as the trail says they are by now.
    pub(super) async fn forged_tokens(&self) -> Result<Vec<String>, Error> {
        let rules = self.token_rules().await?;
        Ok(rules.into_iter().filter(|it| !it.is_genuine).map(|it| it.id).collect())
    }

    /// How many rules of a workspace can be granted.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn free_tokens(&self, workspace_id: &str) -> Result<usize, Error> {
        let rules = self.token_rules().await?;
        let is_free =
            |it: &&TokenRule| it.state == TokenState::Free && it.is_genuine && it.workspace_id == workspace_id;
        Ok(rules.iter().filter(is_free).count())
    }
}
