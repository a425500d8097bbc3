//! `/claude member list/show/role/remove`: who is in the organization.

use clap::ValueEnum;

use super::ask::{Ask, Listing, short_text};
use super::{Outcome, Tools, find, listing, person};
use crate::change::{Asker, Failure, Looks, Proposal, RemoveMember, SetMemberRole, World};
use crate::chat::{Block, Message, Table, Text};
use crate::domain::{InviteRole, Permission, Right, Toward, Who};
use crate::store::{MemberFilter, MemberRow, Resource};

const LONGEST_SEARCH: usize = 80;

/// Who is in the organization.
#[derive(Clone, Debug, PartialEq, Eq, clap::Subcommand)]
#[expect(missing_docs, reason = "the comment of each structure is the help; one here would hide it")]
pub enum Member {
    List(List),
    Show(Show),
    Role(Role),
    Remove(Remove),
}

/// Any role that a member can have, also the one that only the Console can give.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum AnyRole {
    /// Playground.
    User,
    /// Playground and Claude Code.
    #[value(aliases = ["claude-code-user", "claude-code", "claude_code"])]
    ClaudeCodeUser,
    /// Playground, Claude Code and API keys.
    Developer,
    /// All of these and billing.
    Billing,
    /// Everything.
    Admin,
}

impl AnyRole {
    /// The API's name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::ClaudeCodeUser => "claude_code_user",
            Self::Developer => "developer",
            Self::Billing => "billing",
            Self::Admin => "admin",
        }
    }
}

/// Find members.
///
/// From Steward's own copy, which says how old it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, clap::Args)]
#[command(after_help = "member list\nmember list --find ada\nmember list --role developer --page 2")]
pub struct List {
    /// Part of a name or address.
    #[arg(long, value_name = "text", value_parser = search)]
    pub find: Option<String>,
    /// Only those with this role.
    #[arg(long, value_enum, ignore_case = true)]
    pub role: Option<AnyRole>,
    /// How the list is shown.
    #[command(flatten)]
    pub listing: Listing,
}

/// One member's page.
///
/// Who they are, their chat accounts and workspaces. Your own page, and every page for who manages members, also has how the
/// accounts are linked, Steward's roles and where each comes from, API keys, open requests, and what waits for a decision.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
#[command(after_help = "member show ada@example.com\nmember show me")]
pub struct Show {
    /// Address, @user, name, id or me.
    #[arg(value_name = "who")]
    pub who: Who,
    /// Answer in JSON, at the command line.
    #[arg(long, hide = true)]
    pub json: bool,
}

/// Change what a member may do.
///
/// The role admin can be neither given nor taken through the API: that is done in the Claude Console.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
#[command(after_help = "member role ada@example.com developer\nmember role ada@example.com billing --dry-run")]
pub struct Role {
    /// Address, @user, name, id or me.
    #[arg(value_name = "who")]
    pub who: Who,
    /// What they may do from now on.
    #[arg(value_enum, ignore_case = true)]
    pub role: InviteRole,
    /// How it is asked for.
    #[command(flatten)]
    pub ask: Ask,
}

/// Take a member out.
///
/// Their personal API keys stop working with it. The plan says which ones, before anything happens.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
#[command(after_help = "member remove ada@example.com --reason \"left the company\"\n\
    member remove ada@example.com --dry-run")]
pub struct Remove {
    /// Address, @user, name or id.
    #[arg(value_name = "who")]
    pub who: Who,
    /// How it is asked for.
    #[command(flatten)]
    pub ask: Ask,
}

fn search(text: &str) -> Result<String, String> {
    short_text(text, LONGEST_SEARCH)
}

impl List {
    /// Lists members from the directory, by name.
    ///
    /// # Errors
    ///
    /// [`Failure::Internal`] if the directory could not be read.
    pub async fn run(self, tools: &Tools) -> Result<Outcome, Failure> {
        let filter = MemberFilter { find: self.find.clone(), role: self.role.map(|it| it.as_str().to_owned()) };
        if self.listing.json {
            let all = tools.store.members(&filter, 0, 100_000).await?;
            let rows: Vec<_> = all.rows.iter().map(as_json).collect();
            return Ok(Outcome::says(listing::json(&rows.into())));
        }
        let page = tools.store.members(&filter, self.listing.offset(), listing::PAGE).await?;
        let mut message = Message::plain(match (page.total, page.rows.len()) {
            (0, _) => "No member fits.".to_owned(),
            (1, _) => "One member.".to_owned(),
            (total, shown) if usize::try_from(total).is_ok_and(|it| it == shown) => format!("{total} members."),
            (total, shown) => format!(
                "Members {} to {} of {total}.",
                self.listing.offset() + 1,
                self.listing.offset() + i64::try_from(shown).unwrap_or(0)
            ),
        });
        if !page.rows.is_empty() {
            message = message.block(Block::Table(table(&page.rows)));
        }
        message = message.hint(listing::as_of(tools, Resource::Members).await?);
        let mut words = vec!["member", "list"];
        if let Some(find) = &self.find {
            words.extend(["--find", find]);
        }
        if let Some(role) = self.role {
            words.extend(["--role", role.as_str()]);
        }
        Ok(Outcome::says(listing::paged(message, &self.listing, page.total, &words)))
    }
}

fn table(rows: &[MemberRow]) -> Table {
    let row = |it: &MemberRow| {
        vec![
            Text::plain(it.name.clone()),
            Text::plain(it.email.clone()),
            Text::plain(it.role.clone()),
            Text::new().time(it.added_at),
        ]
    };
    Table {
        caption: "Members of the organization".into(),
        columns: ["Name", "Address", "Role", "Since"].map(ToOwned::to_owned).to_vec(),
        rows: rows.iter().map(row).collect(),
    }
}

fn as_json(it: &MemberRow) -> serde_json::Value {
    serde_json::json!({ "id": it.id, "name": it.name, "email": it.email, "role": it.role, "added_at": it.added_at })
}

impl Show {
    /// Shows one member, read again from the organization just now; if that fails, as recorded, and says so.
    ///
    /// # Errors
    ///
    /// [`Failure::Mistake`] if nobody or several are meant.
    pub async fn run(self, tools: &Tools, asker: &Asker) -> Result<Outcome, Failure> {
        let recorded = find::member(tools, asker, &self.who).await?;
        let looks = Looks::Member(recorded.id.clone());
        let now = tools.clock.now();
        let (world, hint) = match World::fresh(&tools.store, &tools.reader, &looks, now).await {
            Ok(world) => (world, Text::plain("Read from Anthropic just now.")),
            Err(Failure::Upstream(_)) => {
                let age = listing::as_of(tools, Resource::Members).await?;
                (
                    World::recorded(&tools.store, &looks, now).await?,
                    Text::plain("Anthropic could not be asked. ").join(age),
                )
            }
            Err(failure) => return Err(failure),
        };
        let Some(member) = world.members.first() else {
            return Err(Failure::mistake(
                format!("{} is no longer a member.", recorded.email),
                "They were removed outside of this chat.",
            ));
        };
        if self.json {
            return Ok(Outcome::says(listing::json(&as_json(member))));
        }
        let mut message = person::page(tools, asker, member, &world).await?.hint(hint);
        let manages = asker.right(Permission::MemberManage, Toward::Other) == Right::Do;
        if manages || asker.person.as_ref().and_then(|it| it.member_id.as_ref()) == Some(&member.id) {
            message = message.fields(granted(tools, member).await?);
        }
        Ok(Outcome::says(message))
    }
}

/// What was granted to them, a field each.
async fn granted(tools: &Tools, member: &MemberRow) -> Result<Vec<(String, Text)>, Failure> {
    let Some(person) = tools.store.person_of_member(&member.id).await? else { return Ok(Vec::new()) };
    let grants = tools.store.grants_of(&person.id, tools.clock.now()).await?;
    let words = |it: &crate::domain::Grant| {
        let place = it.terms.within.as_ref().map_or_else(String::new, |it| format!(" in {}", it.name));
        Text::new()
            .code(it.terms.permission.as_str())
            .then(format!("{place}, "))
            .join(crate::view::given::grant_source(it))
    };
    Ok(grants.iter().map(|it| ("Granted".to_owned(), words(it))).collect())
}

impl Role {
    /// Proposes another role.
    ///
    /// # Errors
    ///
    /// [`Failure::Mistake`] if nobody or several are meant.
    pub async fn run(self, tools: &Tools, asker: &Asker) -> Result<Outcome, Failure> {
        let member = find::member(tools, asker, &self.who).await?;
        let proposal = Proposal::MemberRole(SetMemberRole { user_id: member.id, role: self.role.as_str().to_owned() });
        Ok(Outcome::proposes(self.ask.request(proposal)))
    }
}

impl Remove {
    /// Proposes to take a member out.
    ///
    /// # Errors
    ///
    /// [`Failure::Mistake`] if nobody or several are meant.
    pub async fn run(self, tools: &Tools, asker: &Asker) -> Result<Outcome, Failure> {
        let member = find::member(tools, asker, &self.who).await?;
        Ok(Outcome::proposes(self.ask.request(Proposal::MemberRemove(RemoveMember { user_id: member.id }))))
    }
}
