//! Joining an account to the person who is a member, and taking it away again. One transaction, whatever was there before.

use sqlx::Row;

use super::link::insert_person;
use super::link_row::{Bound, links_in};
use super::{Error, LinkRow, Store, Tx};
use crate::chat::Account;
use crate::clock::Moment;
use crate::domain::{Held, LinkState, Person, PersonId};

/// An account that becomes a member's.
#[derive(Clone, Debug)]
pub struct Joining<'a> {
    /// The account.
    pub account: &'a Account,
    /// The member whose person it joins.
    pub member_id: &'a str,
    /// How people call the member.
    pub name: &'a str,
    /// The address that it is linked with, if that is what proves it.
    pub email: Option<&'a str>,
    /// `email`, `code`, `attested`.
    pub how: &'a str,
    /// The id of the person, should neither the account nor the member have one yet.
    pub new_person: &'a PersonId,
}

impl Store {
    /// Joins an account to the person who is this member. Answers that person; none if the account is another member's, is held
    /// back for a reason that this way of linking does not lift, or the person has an account on the platform already:
    /// nothing was changed then.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn join_account(
        &self,
        tx: &mut Tx<'_>,
        new: &Joining<'_>,
        at: Moment,
    ) -> Result<Option<PersonId>, Error> {
        let account = new.account.to_string();
        let target = sqlx::query("SELECT id FROM person WHERE member_id = $1")
            .bind(new.member_id)
            .fetch_optional(&mut **tx)
            .await?;
        let target: Option<String> = target.map(|it| it.try_get(0)).transpose()?;
        let present = links_in(tx, &account, "").await?.into_iter().next();
        if present.as_ref().is_some_and(|it| !self.may_be_joined(it, target.as_deref(), new.how)) {
            return Ok(None);
        }
        let link = LinkRow {
            account: new.account.clone(),
            state: LinkState::Active,
            email: new.email.map(str::to_lowercase),
            how: new.how.to_owned(),
        };
        match (target, present) {
            (None, None) => {
                let person = Person {
                    id: new.new_person.clone(),
                    name: new.name.to_owned(),
                    member_id: Some(new.member_id.to_owned()),
                };
                Ok(self.create_person(tx, &person, &link, at).await?.then_some(person.id))
            }
            (None, Some(row)) => {
                if !self.become_member(tx, &row.person_id, new.member_id).await? {
                    return Ok(None);
                }
                let person = row.person_id;
                self.take_over(tx, (&link, new.member_id), &person, at).await
            }
            (Some(person), None) => {
                let row = Bound { mac: None, ..joined(&link, new.member_id, &person, at) };
                let done = self.bind(tx, &row, link.account.platform().as_str()).await?;
                Ok(done.then_some(PersonId(person)))
            }
            (Some(person), Some(row)) if row.person_id == person => {
                self.take_over(tx, (&link, new.member_id), &person, at).await
            }
            (Some(person), Some(row)) => self.move_over(tx, (&link, new.member_id), (&row, &person), at).await,
        }
    }

    /// May this row be joined to `target`? Not if it leads to another member who is there; nor if it is held back, unless the
    /// reason is one that this way of linking answers.
    fn may_be_joined(&self, row: &Bound, target: Option<&str>, how: &str) -> bool {
        match self.state_of(row) {
            (LinkState::Proposed | LinkState::Active, _) => true,
            (LinkState::Suspended, Some(Held::Address)) => how == "attested" || Some(row.person_id.as_str()) == target,
            (LinkState::Suspended, _) => how == "attested",
        }
    }

    /// The account's own person stays: its row is written anew.
    async fn take_over(
        &self,
        tx: &mut Tx<'_>,
        (link, member_id): (&LinkRow, &str),
        person: &str,
        at: Moment,
    ) -> Result<Option<PersonId>, Error> {
        let rows = links_in(tx, &link.account.to_string(), "").await?;
        let Some(row) = rows.first() else { return Ok(None) };
        let done = self.rebind(tx, row, &joined(link, member_id, person, at)).await?;
        Ok(done.then(|| PersonId(person.to_owned())))
    }

    /// The account leaves a person who is no member for one who is.
    async fn move_over(
        &self,
        tx: &mut Tx<'_>,
        (link, member_id): (&LinkRow, &str),
        (row, person): (&Bound, &str),
        at: Moment,
    ) -> Result<Option<PersonId>, Error> {
        let free = sqlx::query(
            "SELECT COUNT(*) FROM person p WHERE p.id = $1
                AND (p.member_id IS NULL OR NOT EXISTS (SELECT 1 FROM member m WHERE m.id = p.member_id AND m.gone_at_ms IS NULL))
                AND NOT EXISTS (SELECT 1 FROM link l WHERE l.person_id = $2 AND l.platform = $3)",
        )
        .bind(&row.person_id)
        .bind(person)
        .bind(link.account.platform().as_str())
        .fetch_one(&mut **tx)
        .await?;
        if free.try_get::<i64, _>(0)? == 0 || !self.rebind(tx, row, &joined(link, member_id, person, at)).await? {
            return Ok(None);
        }
        sqlx::query(
            "UPDATE person SET merged_into = $1 WHERE id = $2 AND NOT EXISTS (SELECT 1 FROM link l WHERE l.person_id = $2)",
        )
        .bind(person)
        .bind(&row.person_id)
        .execute(&mut **tx)
        .await?;
        Ok(Some(PersonId(person.to_owned())))
    }

    /// Takes an account away from its person. With `hold`, it has no right at all until an admin says anew whose it is;
    /// without, it is a stranger's. Answers the person whose it was; none if it is not the member's.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn part_account(
        &self,
        tx: &mut Tx<'_>,
        (account, member_id): (&Account, &str),
        stranger: &Person,
        (hold, at): (bool, Moment),
    ) -> Result<Option<PersonId>, Error> {
        let rows = links_in(tx, &account.to_string(), "").await?;
        let theirs = rows.first().filter(|it| it.member_id.as_deref() == Some(member_id));
        let Some(row) = theirs else { return Ok(None) };
        if !insert_person(tx, stranger, at).await? {
            return Ok(None);
        }
        let parted = Bound {
            person_id: stranger.id.as_str().to_owned(),
            member_id: None,
            state: if hold { LinkState::Suspended } else { LinkState::Proposed }.as_str().to_owned(),
            held: hold.then(|| Held::Removed.as_str().to_owned()),
            // An address that was good for the old link is not good for the next one by itself.
            email: None,
            how: "taken back".to_owned(),
            linked_at_ms: at.as_millisecond(),
            ..row.clone()
        };
        let done = self.rebind(tx, row, &parted).await?;
        Ok(done.then(|| PersonId(row.person_id.clone())))
    }
}

fn joined(link: &LinkRow, member_id: &str, person: &str, at: Moment) -> Bound {
    Bound {
        account: link.account.to_string(),
        person_id: person.to_owned(),
        member_id: Some(member_id.to_owned()),
        state: LinkState::Active.as_str().to_owned(),
        email: link.email.clone(),
        how: link.how.clone(),
        linked_at_ms: at.as_millisecond(),
        held: None,
        mac: None,
    }
}
