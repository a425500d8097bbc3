//! Who acts: a person, the account they act from, what the platform says of it, and what they may because of that.

use crate::chat::{Account, Platform, Roster, Standing};
use crate::clock::Moment;
use crate::domain::{
    Approvals, Approver, Decision, Grant, Held, LinkState, Permission, Person, Right, Rights, Role, Rules, Toward,
};
use crate::store::{Error, Known, Store};

/// Somebody who acts, now.
#[derive(Clone, Debug)]
pub struct Asker {
    /// The person, if the account is somebody's. A stranger has none yet.
    pub person: Option<Person>,
    /// The account.
    pub account: Account,
    /// What the platform says of it.
    pub standing: Standing,
    /// What they may.
    pub rights: Rights,
    /// True once the account is theirs beyond doubt, and as long as it is a person's of the company: not a guest's, and not
    /// deactivated.
    pub linked: bool,
    /// The address the link was made with.
    pub email: Option<String>,
    /// The role of the member they are, in the Claude organization.
    pub claude_role: Option<String>,
    /// Why the account is held back, if it is.
    pub held: Option<Held>,
}

impl Asker {
    /// Who `account` is at `now`, given what the platform says of it.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn meet(
        store: &Store,
        rules: &Rules,
        account: &Account,
        standing: Standing,
        now: Moment,
    ) -> Result<Self, Error> {
        let known = store.known(account).await?;
        let grants = match &known {
            Some(known) if is_linked(known) && standing.kind == crate::chat::Kind::Person => {
                store.grants_of(&known.person.id, now).await?
            }
            _ => Vec::new(),
        };
        Ok(Self::from_known(rules, (account, standing), known, grants))
    }

    fn from_known(
        rules: &Rules,
        (account, standing): (&Account, Standing),
        known: Option<Known>,
        grants: Vec<Grant>,
    ) -> Self {
        // An address that changed counts from the moment that the platform says so, before anything is written down.
        let moved = known.as_ref().is_some_and(|it| it.state == LinkState::Active && has_moved(&standing, it));
        let held = if moved { Some(Held::Address) } else { known.as_ref().and_then(|it| it.held) };
        let is_person = standing.kind == crate::chat::Kind::Person;
        let linked = is_person && known.as_ref().is_some_and(is_linked) && held.is_none();
        let claude_role = known.as_ref().and_then(|it| it.claude_role.clone());
        // A suspended link takes every right, also those that the role map gives to the account itself.
        let rights = if held.is_some() {
            Rights::none()
        } else {
            rules.role_map.rights(account, &standing, linked, claude_role.as_deref()).with_grants(grants)
        };
        let (person, email) = known.map_or((None, None), |it| (Some(it.person), it.email));
        Self { person, account: account.clone(), standing, rights, linked, email, claude_role, held }
    }

    /// Who `account` is at this moment (`now`), asked of the platform itself. None if the platform cannot say: that means no.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn fresh(
        store: &Store,
        rules: &Rules,
        roster: &dyn Roster,
        account: &Account,
        now: Moment,
    ) -> Result<Option<Self>, Error> {
        if account.platform() == Platform::Operator {
            return Ok(Some(Self::meet(store, rules, account, Standing::default(), now).await?));
        }
        match roster.standing(account).await {
            Some(standing) => Ok(Some(Self::meet(store, rules, account, standing, now).await?)),
            None => Ok(None),
        }
    }

    /// How far a permission goes.
    #[must_use]
    pub fn right(&self, permission: Permission, toward: Toward) -> Right {
        self.rights.of(permission, toward)
    }

    /// A stranger may ask for an invitation to their own profile's address, on a verified domain.
    #[must_use]
    pub fn may_invite_themselves(&self, rules: &Rules, email: &str) -> bool {
        self.standing.kind == crate::chat::Kind::Person
            && self
                .standing
                .email
                .as_deref()
                .is_some_and(|own| own.eq_ignore_ascii_case(email) && rules.is_verified(own))
    }

    /// The same in one workspace, by name.
    #[must_use]
    pub fn right_within(&self, workspace: Option<&str>, permission: Permission, toward: Toward) -> Right {
        self.rights.within(workspace, permission, toward)
    }

    /// True if this account is among those whom `decision` lets approve. Says nothing about whose request it is.
    #[must_use]
    pub fn may_approve(&self, decision: &Decision) -> bool {
        let Decision::Approvals(asked) = decision else { return false };
        self.may_decide_at_all() && asked.by.iter().any(|it| self.is(it, asked.workspace.as_deref()))
    }

    /// True if this account may give the next approval, after `given` of them.
    #[must_use]
    pub fn may_approve_next(&self, asked: &Approvals, given: usize) -> bool {
        self.may_decide_at_all() && asked.next(given).iter().any(|it| self.is(it, asked.workspace.as_deref()))
    }

    /// True for whoever may skip other approvers in an emergency: those who may approve anything.
    #[must_use]
    pub fn may_break_glass(&self) -> bool {
        self.may_decide_at_all() && self.right(Permission::Approve, Toward::Other) == Right::Do
    }

    /// People decide, in a chat, from an account that is theirs.
    pub(super) fn may_decide_at_all(&self) -> bool {
        self.account.platform() != Platform::Operator
            && self.standing.kind == crate::chat::Kind::Person
            && self.person.is_some()
    }

    pub(super) fn is(&self, approver: &Approver, workspace: Option<&str>) -> bool {
        match approver {
            // Whoever was granted to decide counts as one of those who may decide anything.
            Approver::Role(name) => {
                let role = Role::named(name);
                self.rights.has_within(workspace, &role)
                    || (role == Role::Admin && self.rights.is_granted(workspace, Permission::Approve))
            }
            Approver::Named(name) => {
                self.rights.any() && (self.standing.groups.contains(name) || self.account.to_string() == *name)
            }
            Approver::ClaudeRole(role) => self.linked && self.claude_role.as_ref() == Some(role),
            Approver::Any(several) => several.iter().any(|it| self.is(it, workspace)),
            // Only a rule speaks so; in a decision it stands for nobody.
            Approver::OfWorkspace => false,
        }
    }
}

/// Whoever has left the organization is a stranger again, until they come back and link anew. So is whoever is known only
/// because a group or the configuration gave them a role: that role ends with its cause, and leaves nothing behind.
fn is_linked(known: &Known) -> bool {
    known.state == LinkState::Active && known.person.member_id.is_some() && !known.member_gone
}

/// Does the platform say another address than the one that the account was linked with? Letters' case and spaces around are no
/// difference, and a platform that says nothing says nothing else.
fn has_moved(standing: &Standing, known: &Known) -> bool {
    let plain = |it: &str| it.trim().to_lowercase();
    let now = standing.email.as_deref().map(plain).filter(|it| !it.is_empty());
    let linked = known.email.as_deref().map(plain).filter(|it| !it.is_empty());
    matches!((now, linked), (Some(now), Some(linked)) if now != linked)
}
