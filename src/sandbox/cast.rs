//! The people of the sandbox's chat, and how they are known to the organization.

use super::nouns::Role;
use super::organization::Organization;

/// Handle (the address's name as well), name, role in the organization, groups in the chat. The last two are not members
/// yet, but sit with the teams that wait for them.
const PLAYERS: [(&str, &str, Option<Role>, &[&str]); 12] = [
    ("ada", "Ada Brandt", Some(Role::Admin), &["admins"]),
    ("grace", "Grace Okafor", Some(Role::Admin), &["admins", "platform"]),
    ("finn", "Finn Larsen", Some(Role::Billing), &["finance"]),
    ("mira", "Mira Chen", Some(Role::Developer), &["research", "evals"]),
    ("jonas", "Jonas Weber", Some(Role::Developer), &["platform", "support"]),
    ("sofia", "Sofia Rossi", Some(Role::Developer), &["research"]),
    ("oskar", "Oskar Lind", Some(Role::Developer), &["evals", "data"]),
    ("priya", "Priya Raman", Some(Role::Billing), &["finance"]),
    ("kenji", "Kenji Watanabe", Some(Role::ClaudeCodeUser), &["platform"]),
    ("amara", "Amara Diallo", Some(Role::User), &["support"]),
    ("lea", "Lea Novak", None, &["research"]),
    ("tom", "Tom Reyes", None, &["data"]),
];

/// Somebody who sits in the sandbox's chat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Player {
    /// What the chat calls them, `ada`.
    pub id: String,
    /// Their name.
    pub name: String,
    /// Their address at work.
    pub email: String,
    /// What the organization says they may do; none if they are no member at present.
    pub role: Option<Role>,
    /// Which groups of the chat they are in, such as `research`.
    pub groups: Vec<String>,
    /// Their id as a member, `user_…`, if they are one.
    pub member: Option<String>,
}

impl Organization {
    /// The dozen people of the chat, as the organization knows them now.
    #[must_use]
    pub fn cast(&self) -> Vec<Player> {
        self.read(|state| {
            let player = |(id, name, _, groups): (&str, &str, Option<Role>, &[&str])| {
                let email = address(id);
                let member = state.member_by_email(&email);
                let (role, member) = (member.map(|it| it.role), member.map(|it| it.id.clone()));
                let groups = groups.iter().map(ToString::to_string).collect();
                Player { id: id.to_owned(), name: name.to_owned(), email, role, groups, member }
            };
            PLAYERS.into_iter().map(player).collect()
        })
    }
}

/// Those of the cast who are members from the first day, with their roles.
pub(super) fn members() -> impl Iterator<Item = (&'static str, Role)> {
    PLAYERS.into_iter().filter_map(|(_, name, role, _)| role.map(|role| (name, role)))
}

/// The company's address for a name.
pub(super) fn address(handle: &str) -> String {
    format!("{}@example.com", handle.to_lowercase())
}

/// What somebody calls themselves when they join, as far as their address tells.
pub(super) fn name_of(email: &str) -> String {
    if let Some((_, name, ..)) = PLAYERS.into_iter().find(|(id, ..)| address(id).eq_ignore_ascii_case(email)) {
        return name.to_owned();
    }
    let local = email.split(['@', '+']).next().unwrap_or_default();
    let words = local.split(['.', '_', '-']).filter(|word| !word.is_empty());
    let capital = |word: &str| {
        let mut letters = word.chars();
        letters.next().map(|first| first.to_uppercase().chain(letters).collect::<String>()).unwrap_or_default()
    };
    words.map(capital).collect::<Vec<_>>().join(" ")
}
