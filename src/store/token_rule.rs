//! Rules of federation: prepared by whoever sets federation up, then each granted to exactly one person, by one request.

use super::token_row::{TokenGrant, TokenRule, TokenState};
use super::{Error, Store, Tx};
use crate::domain::PersonId;

macro_rules! token_columns {
    () => {
        "id, organization_id, workspace_id, kid, account_id, rule_id, lifetime_s, state, made_at_ms, claim, change_number,
         owner_id, name, purpose, environment, granted_at_ms, ended_at_ms, mac"
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
        .bind(rule.ended_at.map(crate::clock::Moment::as_millisecond))
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
