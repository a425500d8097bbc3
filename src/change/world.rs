//! The part of the organization that a change looks at: first as recorded, then, before anything is sent, as it is.

use super::failure::Failure;
use super::look_again::{
    look_at_all_workspaces, look_at_email, look_at_keys, look_at_member, look_at_members, look_at_seat,
    look_at_workspace,
};
use crate::chat::Account;
use crate::claude::{Reader, WorkspaceRateLimit};
use crate::clock::Moment;
use crate::domain::{Amount, Delegation, Grant, LimitId, LinkState, Person, PersonId, raised};
use crate::store::{
    self, ApiKeyRow, InviteRow, KeyLife, KeysOf, Known, LimitRow, MemberRow, Pass, Store, Tie, TokenRule,
    WorkspaceKeyRow, WorkspaceRow,
};

/// More than a workspace can have.
const ALL: i64 = 100_000;

/// What a change is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Looks {
    /// Everything that has this address.
    Email(String),
    /// A member and what is theirs.
    Member(String),
    /// One invitation.
    Invite(String),
    /// One API key.
    ApiKey(String),
    /// Somebody's access by tokens, by our id: Steward's own books.
    Token(String),
    /// A workspace: itself alone.
    Workspace(String),
    /// A workspace, who is in it, and its keys.
    Inside(String),
    /// A workspace and who is in it.
    Members(String),
    /// A member, a workspace, and their role there.
    Seat {
        /// `wrkspc_…`.
        workspace_id: String,
        /// `user_…`.
        user_id: String,
    },
    /// A workspace and its rate limits, which only a fresh look finds: the directory does not keep them.
    Limits(String),
    /// Every workspace that has this name, capital letters aside.
    Named(String),
    /// What was granted to somebody.
    Grants(PersonId),
    /// Who stands in for whom.
    Delegations,
    /// Several things.
    All(Vec<Looks>),
    /// Nothing: what is changed is Steward's own.
    Nothing,
    /// A limit as it was set in chat: Steward's own books.
    Limit(LimitId),
    /// A chat account and whose it is, and which accounts a member has: Steward's own books.
    Link(Account, String),
}

/// A workspace that was looked at.
#[derive(Clone, Debug)]
pub struct Seen {
    /// The workspace.
    pub workspace: WorkspaceRow,
    /// True for the one that every organization has.
    pub is_default: bool,
    /// Who is in it, by address, with their role there; empty unless its inside was looked at, the one member alone for a
    /// seat.
    pub members: Vec<(MemberRow, String)>,
    /// Its keys, by name, with the names behind them; empty unless its inside was looked at.
    pub keys: Vec<WorkspaceKeyRow>,
    /// Its rate limits, if they were looked at just now.
    pub limits: Option<Vec<WorkspaceRateLimit>>,
}

/// What was found.
#[derive(Clone, Debug, Default)]
pub struct World {
    /// The members in question.
    pub members: Vec<MemberRow>,
    /// The invitations in question, newest first, whatever their state.
    pub invites: Vec<InviteRow>,
    /// The member's keys, by name, or the key in question.
    pub keys: Vec<ApiKeyRow>,
    /// The member's workspaces, by name, with their role in each.
    pub workspaces: Vec<(WorkspaceRow, String)>,
    /// The workspaces in question, in the order they were asked for.
    pub places: Vec<Seen>,
    /// The member as somebody whom Steward knows.
    pub people: Vec<Person>,
    /// True if one of their chat accounts is linked, and not suspended.
    pub has_active_link: bool,
    /// The workspaces that have the name in question, archived ones among them.
    pub namesakes: Vec<WorkspaceRow>,
    /// What was granted to the people in question and counts.
    pub grants: Vec<Grant>,
    /// Who stands in for whom, now or later.
    pub delegations: Vec<Delegation>,
    /// The chat account in question.
    pub link: Option<SeenLink>,
    /// The access by tokens in question.
    pub token: Option<TokenRule>,
    /// The member's access by tokens that is not over, oldest first.
    pub tokens: Vec<TokenRule>,
    /// Whose the key, or the access, in question is.
    pub owner: Option<PersonId>,
    /// When the key in question is to be replaced.
    pub rotate_at: Option<Moment>,
    /// True if the key in question lies in the stock, or is on its way to somebody.
    pub in_stock: bool,
    /// What became of the key in question.
    pub life: KeyLife,
    /// The key that the key in question was issued in place of, as long as that one works.
    pub replaces: Option<String>,
    /// The limit in question, if it was set in chat.
    pub limits: Vec<LimitRow>,
    /// What is on top of the limit in question.
    pub on_top: Amount,
    /// The keys in question that a brake holds, and which one, by the change that put it on.
    pub braked: Vec<(String, i64)>,
    /// When it was looked at.
    pub at: Moment,
}

/// A chat account that was looked at, and the accounts of the member whose it is to be.
#[derive(Clone, Debug)]
pub struct SeenLink {
    /// Whose the account is; none if nobody's.
    pub known: Option<Known>,
    /// The accounts that the member has.
    pub ties: Vec<Tie>,
}

impl World {
    /// As the directory has it.
    ///
    /// # Errors
    ///
    /// [`store::Error`] if the database could not be asked.
    pub async fn recorded(store: &Store, looks: &Looks, at: Moment) -> Result<Self, store::Error> {
        let mut world = Self { at, ..Self::default() };
        for look in looks.each() {
            world.add(store, look).await?;
        }
        Ok(world)
    }

    async fn add(&mut self, store: &Store, look: &Looks) -> Result<(), store::Error> {
        match look {
            Looks::Email(email) => {
                self.members.extend(store.members_at(email).await?);
                self.invites.extend(store.invites(Some(email)).await?);
            }
            Looks::Member(id) => self.add_member(store, id).await?,
            Looks::Invite(id) => self.invites.extend(store.invite(id).await?),
            Looks::ApiKey(id) => self.add_key(store, id).await?,
            Looks::Token(id) => {
                self.token = store.token_rule(id).await?;
                let grant = self.token.as_ref().filter(|it| it.is_genuine).and_then(|it| it.grant.as_ref());
                self.owner = grant.map(|it| it.owner.clone());
            }
            Looks::Workspace(id) | Looks::Limits(id) => self.add_place(store, id).await?,
            Looks::Members(id) | Looks::Inside(id) => {
                self.add_place(store, id).await?;
                if let Some(seen) = self.places.last_mut().filter(|it| it.workspace.id == *id) {
                    seen.members = store.members_of(id).await?;
                    if matches!(look, Looks::Inside(_)) {
                        seen.keys = store.workspace_keys(id, KeysOf::All, 0, ALL).await?.rows;
                    }
                }
            }
            Looks::Seat { workspace_id, user_id } => {
                self.add_place(store, workspace_id).await?;
                let member = store.member(user_id).await?;
                let role = store.workspace_role_of(workspace_id, user_id).await?;
                let seen = self.places.last_mut().filter(|it| it.workspace.id == *workspace_id);
                if let (Some(seen), Some(member), Some(role)) = (seen, &member, role) {
                    seen.members.push((member.clone(), role));
                }
                self.members.extend(member);
            }
            Looks::Named(name) => {
                let name = name.to_lowercase();
                let found = store.workspaces(true).await?;
                self.namesakes.extend(found.into_iter().filter(|it| it.name.trim().to_lowercase() == name));
            }
            Looks::Grants(person) => self.grants.extend(store.grants_of(person, self.at).await?),
            Looks::Limit(id) => self.add_limit(store, id).await?,
            Looks::Delegations => self.delegations.extend(store.delegations(self.at).await?),
            Looks::Link(account, member_id) => {
                let ties = match store.person_of_member(member_id).await? {
                    Some(person) => store.ties(&person.id).await?,
                    None => Vec::new(),
                };
                self.link = Some(SeenLink { known: store.known(account).await?, ties });
            }
            Looks::All(_) | Looks::Nothing => {}
        }
        Ok(())
    }

    async fn add_key(&mut self, store: &Store, id: &str) -> Result<(), store::Error> {
        let key = store.api_key(id).await?;
        self.owner = store.owner_of_key(key.as_ref()).await?;
        self.rotate_at = store.key_record(id).await?.and_then(|it| it.rotate_at);
        self.in_stock = store.is_in_stock(id).await?;
        self.life = store.key_life(id).await?;
        self.replaces = store.replaces(id).await?;
        self.add_brakes(store, id).await?;
        self.keys.extend(key);
        Ok(())
    }

    async fn add_brakes(&mut self, store: &Store, key_id: &str) -> Result<(), store::Error> {
        let brakes = store.brakes_of_key(key_id).await?.into_iter();
        self.braked.extend(brakes.map(|brake| (key_id.to_owned(), brake)));
        Ok(())
    }

    async fn add_member(&mut self, store: &Store, id: &str) -> Result<(), store::Error> {
        self.members.extend(store.member(id).await?);
        let keys = store.keys_of(id).await?;
        for key in &keys {
            self.add_brakes(store, &key.id).await?;
        }
        self.keys.extend(keys);
        self.workspaces.extend(store.workspaces_of(id).await?);
        if let Some(person) = store.person_of_member(id).await? {
            let links = store.links(&person.id).await?;
            self.has_active_link |= links.iter().any(|it| it.state == LinkState::Active);
            self.tokens.extend(store.granted_tokens(Some(&person.id)).await?);
            self.people.push(person);
        }
        Ok(())
    }

    /// A limit as it was set in chat, and what is on top of it.
    async fn add_limit(&mut self, store: &Store, id: &LimitId) -> Result<(), store::Error> {
        self.limits.extend(store.limit_row(id).await?);
        let raises = store.raises().await?.remove(&id.to_string()).unwrap_or_default();
        self.on_top = raised(Amount::ZERO, &raises, self.at);
        Ok(())
    }

    async fn add_place(&mut self, store: &Store, id: &str) -> Result<(), store::Error> {
        let Some(workspace) = store.workspace(id).await? else { return Ok(()) };
        let is_default = store.default_workspace().await?.is_some_and(|it| it.id == workspace.id);
        self.places.push(Seen { workspace, is_default, members: Vec::new(), keys: Vec::new(), limits: None });
        Ok(())
    }

    /// As it is: read from the organization, written into the directory, and taken from there.
    ///
    /// # Errors
    ///
    /// That the organization or the database could not be asked.
    pub async fn fresh(store: &Store, reader: &Reader, looks: &Looks, at: Moment) -> Result<Self, Failure> {
        for look in looks.each() {
            look.again(store, reader, at).await?;
        }
        let mut world = Self::recorded(store, looks, at).await?;
        for look in looks.each() {
            let Looks::Limits(id) = look else { continue };
            let limits = reader.workspace_rate_limits(id).collect_all().await?;
            if let Some(seen) = world.places.iter_mut().find(|it| it.workspace.id == *id) {
                seen.limits = Some(limits);
            }
        }
        Ok(world)
    }

    /// The invitation that is still open: pending, and not past its time.
    #[must_use]
    pub fn open_invite(&self) -> Option<&InviteRow> {
        self.invites.iter().find(|it| it.status == "pending" && it.expires_at > self.at)
    }
}

impl Looks {
    /// The single looks that it is made of.
    fn each(&self) -> Vec<&Self> {
        match self {
            Self::All(several) => several.iter().flat_map(Self::each).collect(),
            one => vec![one],
        }
    }

    /// Reads it from the organization and writes it into the directory.
    async fn again(&self, store: &Store, reader: &Reader, at: Moment) -> Result<(), Failure> {
        match self {
            Self::Email(email) => look_at_email(store, reader, email, at).await,
            Self::Member(id) => look_at_member(store, reader, id, at).await,
            Self::Invite(id) => match reader.invite(id).await {
                Ok(invite) => Ok(store.write_page(&Pass::Invites(vec![invite.into()]), at).await?),
                Err(error) if error.is_not_found() => Ok(store.invite_gone(id, at).await?),
                Err(error) => Err(error.into()),
            },
            Self::ApiKey(id) => match reader.api_key(id).await {
                Ok(key) => Ok(store.write_page(&Pass::ApiKeys(vec![key.into()]), at).await?),
                // A key that was there once is listed as long as the organization is: this is none of its keys.
                Err(error) if error.is_not_found() => Ok(()),
                Err(error) => Err(error.into()),
            },
            Self::Workspace(id) | Self::Limits(id) => look_at_workspace(store, reader, id, at).await,
            Self::Seat { workspace_id, user_id } => look_at_seat(store, reader, (workspace_id, user_id), at).await,
            Self::Named(_) => look_at_all_workspaces(store, reader, at).await,
            Self::Members(id) => {
                look_at_workspace(store, reader, id, at).await?;
                look_at_members(store, reader, id, at).await
            }
            Self::Inside(id) => {
                look_at_workspace(store, reader, id, at).await?;
                look_at_members(store, reader, id, at).await?;
                look_at_keys(store, reader, id, at).await
            }
            // Steward's own books are always as they are.
            Self::Grants(_)
            | Self::Delegations
            | Self::Token(_)
            | Self::Link(..)
            | Self::Limit(_)
            | Self::All(_)
            | Self::Nothing => Ok(()),
        }
    }
}
