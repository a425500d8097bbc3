//! Who may ask for a change.

use super::asker::Asker;
use super::failure::Failure;
use super::proposal::Proposal;
use super::world::World;
use crate::chat::Text;
use crate::domain::{Right, Rules};

/// How far the permissions that a proposal needs go for the asker: the weakest of them counts.
pub(super) fn right_to(rules: &Rules, (proposal, world): (&Proposal, &World), asker: &Asker) -> Right {
    match proposal {
        Proposal::Link(it) => return if it.is_askers_own(asker) { Right::Ask } else { Right::No },
        Proposal::Unlink(it) if it.is_askers_own(asker) => return Right::Do,
        Proposal::Attest(it) if it.concerns(asker, world) => return Right::No,
        _ => {}
    }
    let workspace = proposal.workspace(world);
    let own = asker.person.as_ref().and_then(|it| it.member_id.as_deref());
    let needs = proposal.needs(own);
    let right = needs.iter().map(|(permission, toward)| asker.right_within(workspace, *permission, *toward)).min();
    match (right, proposal) {
        (None | Some(Right::No), Proposal::Invite(it)) if asker.may_invite_themselves(rules, &it.email) => Right::Ask,
        (right, _) => right.unwrap_or(Right::No),
    }
}

/// Refuses whoever may not even ask.
pub(super) fn may_ask(rules: &Rules, proposal: &Proposal, world: &World, asker: &Asker) -> Result<(), Failure> {
    if right_to(rules, (proposal, world), asker) != Right::No {
        return Ok(());
    }
    if let Proposal::Link(it) = proposal {
        return Err(not_shown(&it.how));
    }
    if !asker.rights.any() {
        return Err(Failure::Stranger);
    }
    if let Proposal::Attest(it) = proposal
        && it.concerns(asker, world)
    {
        return Err(Failure::refused(
            "Nobody attests what is their own.",
            Text::plain("Nothing was linked. Say ")
                .command("link")
                .then(" from that account and enter its code here, or ask another admin."),
        ));
    }
    let own = asker.person.as_ref().and_then(|it| it.member_id.as_deref());
    let needs: Vec<String> = proposal.needs(own).iter().map(|(permission, _)| permission.to_string()).collect();
    Err(Failure::refused(
        format!("This needs the permission {}, which you do not have.", needs.join(" and ")),
        "Nothing was changed. Ask an admin.",
    ))
}

/// Whoever asks for a link shows now that it is theirs.
fn not_shown(how: &str) -> Failure {
    let text = match how {
        "email" => "Only the account itself can be linked by the address in its profile, while it has that address.",
        _ => "Only a member themselves can have an account joined to them.",
    };
    Failure::refused(text, Text::plain("Nothing was linked. Start anew with ").command("link").then("."))
}
