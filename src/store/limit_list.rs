//! Every limit that counts: those of the configuration, which come first, and those that were set in chat.

use super::{Error, Store};
use crate::domain::{Limit, LimitOrigin, LimitTerms, PersonId, Scope, spoken_name};

/// A scope by its ids, and what people call it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedScope {
    /// By its ids.
    pub scope: Scope,
    /// What people call it.
    pub name: String,
}

/// The limits that count, and those of the configuration that are of nothing that is there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Those that count, by whose they are.
    pub all: Vec<Limit>,
    /// Those whose scope names nothing, or several things.
    pub astray: Vec<LimitTerms>,
}

impl Store {
    /// All limits; `of_file` are those of the configuration. Of one scope and length of period, the configuration's counts.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn limits(&self, of_file: &[LimitTerms]) -> Result<Limits, Error> {
        let (mut raises, watched) = (self.raises().await?, self.watched().await?);
        let mut limits = Limits::default();
        for terms in of_file {
            match self.scope_named(&terms.scope).await? {
                Some(NamedScope { scope, name }) => limits.all.push(Limit {
                    terms: LimitTerms { scope, ..terms.clone() },
                    name,
                    origin: LimitOrigin::File,
                    since: None,
                    raises: Vec::new(),
                    quiet_until: None,
                }),
                None => limits.astray.push(terms.clone()),
            }
        }
        for row in self.limit_rows().await? {
            if limits.all.iter().any(|it| it.terms.id() == row.terms.id()) {
                continue;
            }
            limits.all.push(Limit {
                name: self.scope_name(&row.terms.scope).await?,
                terms: row.terms,
                origin: LimitOrigin::Chat { by: row.owner, change: row.change },
                since: Some(row.since),
                raises: Vec::new(),
                quiet_until: None,
            });
        }
        for it in &mut limits.all {
            let id = it.terms.id().to_string();
            it.raises = raises.remove(&id).unwrap_or_default();
            let known = watched.get(&id);
            it.since = it.since.or(known.map(|it| it.since));
            it.quiet_until = known.and_then(|it| it.quiet_until);
        }
        limits.all.sort_by_key(|it| (it.terms.id(), it.terms.amount));
        limits.all.dedup_by(|one, other| one.terms.id() == other.terms.id());
        Ok(limits)
    }

    /// What people call a scope that is known by its ids; the id itself if it is not there any more.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn scope_name(&self, scope: &Scope) -> Result<String, Error> {
        let known = match scope {
            Scope::Organization => Some("org".to_owned()),
            Scope::Workspace(id) => self.workspace(id).await?.map(|it| it.name),
            Scope::Person(id) => match self.person(&PersonId(id.clone())).await? {
                Some(person) => Some(person.name),
                None => self.member(id).await?.map(|it| it.name),
            },
            Scope::Key(id) => self.api_key(id).await?.map(|it| spoken_name(&it.name).to_owned()),
            Scope::Model(name) | Scope::Tag(name) => Some(name.clone()),
        };
        Ok(known.unwrap_or_else(|| scope.to_string()))
    }

    /// The scope that is meant by names, as the configuration has them. None if they mean nothing, or several things.
    ///
    /// # Errors
    ///
    /// [`Error`] if the database could not be asked.
    pub async fn scope_named(&self, said: &Scope) -> Result<Option<NamedScope>, Error> {
        let scope = match said {
            Scope::Organization | Scope::Model(_) | Scope::Tag(_) => Some(said.clone()),
            Scope::Workspace(name) => self.workspace_said(name).await?.map(Scope::Workspace),
            Scope::Person(name) => self.person_said(name).await?.map(Scope::Person),
            Scope::Key(name) => self.key_said(name).await?.map(Scope::Key),
        };
        let Some(scope) = scope else { return Ok(None) };
        Ok(Some(NamedScope { name: self.scope_name(&scope).await?, scope }))
    }

    async fn workspace_said(&self, name: &str) -> Result<Option<String>, Error> {
        if let Some(known) = self.workspace(name).await? {
            return Ok(Some(known.id));
        }
        let mut found = self.workspaces_named(name).await?;
        Ok(if found.len() == 1 { found.pop().map(|it| it.id) } else { None })
    }

    async fn person_said(&self, name: &str) -> Result<Option<String>, Error> {
        if let Some(known) = self.person(&PersonId(name.to_owned())).await? {
            return Ok(Some(known.id.0));
        }
        let mut members = self.members_at(&name.to_lowercase()).await?;
        if members.is_empty() {
            members.extend(self.member(name).await?);
        }
        let (1, Some(member)) = (members.len(), members.pop()) else { return Ok(None) };
        // Whom no account is linked to is a member, and nothing else.
        let person = self.person_of_member(&member.id).await?;
        Ok(Some(person.map_or(member.id, |it| it.id.0)))
    }

    async fn key_said(&self, name: &str) -> Result<Option<String>, Error> {
        if let Some(known) = self.api_key(name).await? {
            return Ok(Some(known.id));
        }
        let mut found = self.keys().await?;
        found.retain(|it| it.status != "archived" && (it.name == name || spoken_name(&it.name) == name));
        Ok(if found.len() == 1 { found.pop().map(|it| it.id) } else { None })
    }
}
