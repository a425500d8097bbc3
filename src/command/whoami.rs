//! `/claude whoami` shows a person's links and where every right comes from.

use super::{Outcome, Tools};
use crate::change::{Asker, Failure};
use crate::chat::{Block, Message, Table, Text};
use crate::domain::{Delegation, Grant, Holding, Permission, PersonId, Right, Rights, Toward};
use crate::view;

/// Your links and rights.
///
/// Which accounts are yours, which member of the organization you are, and where each of your rights comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq, clap::Args)]
#[command(after_help = "whoami")]
pub struct Whoami {}

impl Whoami {
    /// Puts together what is known of the asker, and where every right comes from.
    ///
    /// # Errors
    ///
    /// [`Failure::Internal`] if the database could not be asked.
    pub async fn run(self, tools: &Tools, asker: &Asker) -> Result<Outcome, Failure> {
        let links = match &asker.person {
            Some(person) => tools.store.links(&person.id).await?,
            None => Vec::new(),
        };
        let member = match asker.person.as_ref().and_then(|it| it.member_id.as_deref()) {
            Some(id) => tools.store.member(id).await?,
            None => None,
        };
        let account = Text::new().mention(&asker.account).then(" (").code(asker.account.to_string()).then(")");
        let mut fields = vec![("This account".to_owned(), account)];
        for link in links.iter().filter(|it| it.account != asker.account) {
            fields.push((format!("Also yours, {}", link.state.as_str()), Text::new().mention(&link.account)));
        }
        fields.push((
            "Member of the organization".into(),
            Text::plain(member.map_or_else(
                || "not linked to one".to_owned(),
                |it| format!("{}, {}, as {}", it.name, it.email, it.role),
            )),
        ));
        if let Some(person) = &asker.person {
            fields.extend(standing_in(tools, &person.id).await?);
        }
        let mut message = Message::plain(if asker.rights.any() {
            "This is what I know of you."
        } else {
            "I do not know yet who you are in the Claude organization."
        })
        .fields(fields);
        if asker.rights.any() {
            message = message.block(Block::Table(roles(&asker.rights)));
            if !asker.rights.grants().is_empty() {
                message = message.block(Block::Table(grants(asker.rights.grants())));
            }
            message = message.block(Block::Table(rights(asker)));
        } else {
            message = message.hint(Text::plain("Link your account with ").command("link").then("."));
        }
        Ok(Outcome::says(message))
    }
}

/// Whom they stand in for, and who stands in for them, now or later.
async fn standing_in(tools: &Tools, own: &PersonId) -> Result<Vec<(String, Text)>, Failure> {
    let all = tools.store.delegations(tools.clock.now()).await?;
    let field = |label: &str, name: &str, it: &Delegation| {
        (label.to_owned(), Text::plain(format!("{name}{} (", it.terms.span())).code(it.id()).then(")"))
    };
    let theirs = all.iter().filter(|it| it.terms.to.id == *own);
    let for_others = theirs.map(|it| field("You stand in for", &it.terms.from.name, it));
    let own = all.iter().filter(|it| it.terms.from.id == *own);
    Ok(for_others.chain(own.map(|it| field("Stands in for you", &it.terms.to.name, it))).collect())
}

fn roles(rights: &Rights) -> Table {
    let row = |it: &Holding| {
        let place = it.workspace.clone().unwrap_or_else(|| "everywhere".into());
        vec![Text::plain(it.role.as_str()), Text::plain(place), view::given::source(&it.source, true)]
    };
    Table {
        caption: "Your roles".into(),
        columns: ["Role", "Where", "Because"].map(ToOwned::to_owned).to_vec(),
        rows: rights.holdings.iter().map(row).collect(),
    }
}

fn grants(grants: &[Grant]) -> Table {
    let row = |it: &Grant| {
        let place = it.terms.within.as_ref().map_or_else(|| "everywhere".to_owned(), |it| it.name.clone());
        vec![Text::new().code(it.terms.permission.as_str()), Text::plain(place), view::given::grant_source(it)]
    };
    Table {
        caption: "Granted to you".into(),
        columns: ["Permission", "Where", "Because"].map(ToOwned::to_owned).to_vec(),
        rows: grants.iter().map(row).collect(),
    }
}

fn rights(asker: &Asker) -> Table {
    let word = |permission| match asker.right(permission, Toward::Other).max(asker.right(permission, Toward::Oneself)) {
        Right::Do => Some("yes"),
        Right::Ask => Some("after an approval"),
        Right::No => None,
    };
    let rows =
        Permission::ALL.into_iter().filter_map(|it| Some(vec![Text::new().code(it.as_str()), Text::plain(word(it)?)]));
    Table { caption: "Your rights".into(), columns: vec!["Permission".into(), "You may".into()], rows: rows.collect() }
}
