//! `/claude link` ties chat accounts to members of the organization, and takes them away again.
//!
//! - Needs: nothing for one's own account; [`crate::domain::Permission::Admin`] for others.
//! - Reads: the directory. Proposes: a link, an attestation, or that an account is taken away. Leaves behind: nothing of its own.

use super::ask::Ask;
use super::{Outcome, Tools, find};
use crate::change::{Asker, Failure, LinkAccount, Linking, Proposal, UnlinkAccount};
use crate::chat::{Account, Text};
use crate::domain::{LinkCode, Permission, Right, Toward, Who};

/// Link your chat account to your membership.
///
/// By the address in your chat profile, if it is on one of the company's verified domains and exactly one member has
/// it. Otherwise you are shown a code: enter it from an account that is linked already, on another platform. A link that
/// would make the account more than a plain member's waits for an admin. Admins can also say whose an account is, and take
/// one away.
#[derive(Clone, Debug, Default, PartialEq, Eq, clap::Args)]
#[command(after_help = "link\nlink --code ABCD-EFGH\n\
    link --attest @discord:80351110224678912 --as ada@example.com\n\
    link --remove @discord:80351110224678912")]
pub struct Link {
    /// Enter the code that your other account was shown.
    #[arg(long, value_name = "code")]
    pub code: Option<LinkCode>,
    /// Say whose this account is.
    #[arg(long, value_name = "account", value_parser = account)]
    pub attest: Option<Account>,
    /// The member that it belongs to.
    #[arg(long = "as", value_name = "member")]
    pub of: Option<Who>,
    /// Take this account away from its person.
    #[arg(long, value_name = "account", value_parser = account)]
    pub remove: Option<Account>,
    /// The account whose code was entered, as the button says it.
    #[arg(long, hide = true, value_name = "account", value_parser = account)]
    pub join: Option<Account>,
    /// How it is asked for.
    #[command(flatten)]
    pub ask: Ask,
}

/// An account, mentioned or written down.
fn account(text: &str) -> Result<Account, String> {
    let text = text.trim();
    text.strip_prefix('@').unwrap_or(text).parse().map_err(|it: crate::chat::BadAccount| it.to_string())
}

impl Link {
    /// Comes to a link of one's own, or proposes what an admin says.
    ///
    /// # Errors
    ///
    /// [`Failure::Mistake`] if the options do not go together, or nobody is meant.
    pub async fn run(self, tools: &Tools, asker: &Asker) -> Result<Outcome, Failure> {
        let attests = self.attest.is_some() || self.of.is_some();
        let given = [self.code.is_some(), attests, self.remove.is_some(), self.join.is_some()];
        if given.into_iter().filter(|it| *it).count() > 1 {
            return Err(confused("These options do not go together.", "link --code ABCD-EFGH"));
        }
        let is_admin = asker.right(Permission::Admin, Toward::Other) == Right::Do;
        // Before anybody is looked up: who may not attest does not hear who there is.
        if !is_admin && (attests || (self.remove.is_some() && !asker.linked)) {
            return Err(for_admins(asker));
        }
        let Self { code, attest, of, remove, join, ask } = self;
        if ask.dry_run && attest.is_none() && remove.is_none() {
            return Err(confused("Only --attest and --remove have a plan to show.", "link"));
        }
        match (code, attest, of, remove, join) {
            (Some(code), ..) => Ok(Outcome::Links(Linking::Code(code))),
            (_, Some(account), Some(who), ..) => {
                let member = find::member(tools, asker, &who).await?;
                let link = LinkAccount::new(account, member.id, "attested");
                Ok(Outcome::proposes(ask.request(Proposal::Attest(link))))
            }
            (_, Some(_), None, ..) | (_, None, Some(_), ..) => Err(confused(
                "An attestation names an account and the member whose it is.",
                "link --attest @discord:80351110224678912 --as ada@example.com",
            )),
            (_, _, _, Some(account), _) => {
                let known = tools.store.known(&account).await?;
                let Some(member_id) = known.and_then(|it| it.person.member_id) else {
                    return Err(Failure::mistake(
                        Text::new().mention(&account).then(" is not linked to a member."),
                        "Nothing was changed.",
                    ));
                };
                let own = asker.person.as_ref().and_then(|it| it.member_id.as_ref()) == Some(&member_id);
                let unlink = UnlinkAccount::new(account, member_id, !own);
                Ok(Outcome::proposes(ask.request(Proposal::Unlink(unlink))))
            }
            (.., Some(account)) => Ok(Outcome::Links(Linking::Join(account))),
            _ => Ok(Outcome::Links(Linking::Own)),
        }
    }
}

fn for_admins(asker: &Asker) -> Failure {
    if !asker.rights.any() {
        return Failure::Stranger;
    }
    Failure::refused(
        "This needs the permission admin, which you do not have.",
        Text::plain("Nothing was changed. ").command("whoami").then(" shows what you may; an admin may do this."),
    )
}

fn confused(text: &str, example: &str) -> Failure {
    Failure::mistake(text, Text::plain("Nothing was changed. For example: ").command(example).then("."))
}
