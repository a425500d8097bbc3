//! Links, and keys, are appraised when they are asked for, and again before they are made: who stands behind the account by what its
//! platform says now, and what it would gain.

use super::asker::Asker;
use super::checking::Checked;
use super::failure::Failure;
use super::link_account::LinkAccount;
use super::pipeline::Pipeline;
use super::proposal::Proposal;
use super::unlink_account::UnlinkAccount;
use crate::chat::{Account, Kind, Standing, Text};
use crate::domain::{Limit, LimitId, LimitOrigin, PersonId};
use crate::view::capital;

impl Pipeline {
    /// The same proposal with what only the platforms can say. Others are as they were.
    pub(super) async fn appraised(&self, proposal: Proposal, asker: &Asker) -> Result<Proposal, Failure> {
        Ok(match proposal {
            Proposal::Link(it) => Proposal::Link(self.appraised_link(it).await?),
            Proposal::Attest(it) => Proposal::Attest(self.appraised_link(it).await?),
            Proposal::Unlink(it) => {
                let takes = if it.account == asker.account { Vec::new() } else { self.powers_of(&it.account).await? };
                let stranger = it.stranger.unwrap_or_else(|| PersonId(self.random.id("person")));
                Proposal::Unlink(UnlinkAccount { stranger: Some(stranger), takes, ..it })
            }
            Proposal::LimitSet(it) => {
                self.not_in_the_file(&it.terms.id()).await?;
                Proposal::LimitSet(it)
            }
            Proposal::KeyIssue(it) => Proposal::KeyIssue(self.appraised_issue(it, asker).await?),
            Proposal::KeyRotate(it) => Proposal::KeyRotate(self.appraised_rotation(it).await?),
            other => other,
        })
    }

    /// What stands in the configuration is not changed in chat.
    async fn not_in_the_file(&self, id: &LimitId) -> Result<(), Failure> {
        let limits = self.store.limits(&self.rules.now().limits).await?.all;
        let is_it = |it: &&Limit| it.origin == LimitOrigin::File && it.terms.id() == *id;
        let Some(limit) = limits.iter().find(is_it) else { return Ok(()) };
        Err(Failure::refused(
            format!("{} stands in the configuration, and is not changed in chat.", capital(&limit.words())),
            Text::plain("Nothing was changed. More for a while: ")
                .command(format!("limit raise {}", limit.terms.scope))
                .then("."),
        ))
    }

    async fn appraised_link(&self, it: LinkAccount) -> Result<LinkAccount, Failure> {
        let standing = self.standing_of_a_colleague(&it.account).await?;
        let gives = self.powers((&it.account, &standing), &it.member_id).await?;
        let new_person = it.new_person.unwrap_or_else(|| PersonId(self.random.id("person")));
        Ok(LinkAccount { gives, new_person: Some(new_person), ..it })
    }

    /// What the platform says of an account that is to be linked: a person of the company, or it is not linked.
    pub(super) async fn standing_of_a_colleague(&self, account: &Account) -> Result<Standing, Failure> {
        let Some(standing) = self.roster.standing(account).await else {
            return Err(Failure::refused(
                "The chat does not say at the moment who that account is.",
                "Nothing was linked. Try again in a minute.",
            ));
        };
        not_a_colleague(standing.kind).map_or(Ok(standing), |why| Err(Failure::refused(why, "Nothing was linked.")))
    }

    /// Why a decided link is not made after all; none if it is, or if this is no link.
    pub(super) async fn link_objection(&self, proposal: &Proposal, asker: &Asker) -> Result<Option<Checked>, Failure> {
        let (Proposal::Link(it) | Proposal::Attest(it)) = proposal else { return Ok(None) };
        let Some(standing) = self.roster.standing(&it.account).await else {
            return Ok(Some(Checked::Unknown("The chat does not say at the moment who that account is.".into())));
        };
        if let Some(why) = not_a_colleague(standing.kind) {
            return Ok(Some(Checked::No(why.into())));
        }
        if matches!(proposal, Proposal::Link(_)) && !it.is_askers_own(asker) {
            return Ok(Some(Checked::No("Whoever asked no longer shows that the account is theirs.".into())));
        }
        let gives = self.powers((&it.account, &standing), &it.member_id).await?;
        let more: Vec<String> = gives.into_iter().filter(|power| !it.gives.contains(power)).collect();
        Ok((!more.is_empty()).then(|| Checked::No(format!("It would now also give {}.", more.join(", ")))))
    }
}

fn not_a_colleague(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::Person => None,
        Kind::Guest => Some("That account is a guest's; guests are not linked."),
        Kind::Bot => Some("That account is a program's; programs are not linked."),
        Kind::Deactivated => Some("That account is deactivated."),
        Kind::Outsider => Some("That account belongs to somebody of another company."),
        Kind::Unknown => Some("The chat does not say what sort of account that is."),
    }
}
