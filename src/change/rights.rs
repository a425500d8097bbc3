//! Who may ask for a change.

use super::asker::Asker;
use super::failure::Failure;
use super::proposal::Proposal;
use super::world::World;
use crate::chat::Text;
use crate::domain::{Permission, PersonId, Right, Rules, Toward};

/// How far the permissions that a proposal needs go for the asker: the weakest of them counts.
pub(super) fn right_to(rules: &Rules, (proposal, world): (&Proposal, &World), asker: &Asker) -> Right {
    match proposal {
        Proposal::Link(it) => return if it.is_askers_own(asker) { Right::Ask } else { Right::No },
        Proposal::Unlink(it) if it.is_askers_own(asker) => return Right::Do,
        Proposal::Attest(it) if it.concerns(asker, world) => return Right::No,
        // Nobody gets a key for somebody else.
        Proposal::KeyRotate(_) => return owner_right(world, asker),
        _ => {}
    }
    let workspace = proposal.workspace(world);
    let own = asker.person.as_ref().and_then(|it| it.member_id.as_deref());
    let needs = proposal.needs(own);
    let right = needs.iter().map(|(permission, toward)| asker.right_within(workspace, *permission, *toward)).min();
    match (right, proposal) {
        (None | Some(Right::No), Proposal::Invite(it)) if asker.may_invite_themselves(rules, &it.email) => Right::Ask,
        (right, proposal) => right.unwrap_or(Right::No).max(over_own((proposal, world), asker)),
    }
}

/// Everybody linked may ask that somebody stands in for themselves, and ends that whichever of the two they are.
///
/// Whoever has a key switches it off, revokes and renames it; to have it switched on again, they ask.
fn over_own((proposal, world): (&Proposal, &World), asker: &Asker) -> Right {
    let own = asker.person.as_ref().filter(|_| asker.linked).map(|it| &it.id);
    let is_own = |it: &PersonId| own == Some(it);
    match proposal {
        Proposal::Delegate(it) if is_own(&it.terms.from.id) => Right::Ask,
        Proposal::Undelegate(it) if is_own(&it.terms.from.id) || is_own(&it.terms.to.id) => Right::Do,
        Proposal::KeyStatus(_) | Proposal::TokenSwitch(_) | Proposal::KeyRename(_) | Proposal::KeyKeep(_)
            if world.owner.as_ref().is_some_and(is_own) =>
        {
            let may = asker.right(Permission::KeyOwn, Toward::Oneself);
            // What was switched off because nothing seemed to use it is one click away.
            let opens = matches!(proposal, Proposal::KeyStatus(it) if it.to == "active") && world.life.off_at.is_none();
            let opens = opens || matches!(proposal, Proposal::TokenSwitch(it) if it.to == "granted");
            let puts_off = matches!(proposal, Proposal::KeyKeep(it) if it.puts_off(world));
            if opens || puts_off { may.min(Right::Ask) } else { may }
        }
        // Whoever made a key by hand that nobody looks after may ask to.
        Proposal::KeyOwner(it) if world.owner.is_none() && is_own(&it.owner.id) => {
            let member = asker.person.as_ref().and_then(|it| it.member_id.as_ref());
            let made = world.keys.first().is_some_and(|it| it.created_by.is_some() && it.created_by.as_ref() == member);
            if made { asker.right(Permission::KeyOwn, Toward::Oneself).min(Right::Ask) } else { Right::No }
        }
        _ => Right::No,
    }
}

/// What only the owner of a key may have done with it.
fn owner_right(world: &World, asker: &Asker) -> Right {
    let own = asker.person.as_ref().filter(|_| asker.linked).map(|it| &it.id);
    if own.is_some() && own == world.owner.as_ref() {
        asker.right(Permission::KeyOwn, Toward::Oneself)
    } else {
        Right::No
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
    if matches!(proposal, Proposal::KeyRotate(_)) {
        return Err(Failure::refused(
            "Only whoever looks after a key can have it replaced.",
            Text::plain("Nothing was changed. To have somebody else look after it: ").command("key assign …").then("."),
        ));
    }
    let own = asker.person.as_ref().and_then(|it| it.member_id.as_deref());
    let workspace = proposal.workspace(world);
    let mut needs = proposal.needs(own);
    needs.retain(|(permission, toward)| asker.right_within(workspace, *permission, *toward) == Right::No);
    let join = Permission::WorkspaceJoin;
    if needs == [(join, Toward::Other)] && asker.right_within(workspace, join, Toward::Oneself) != Right::No {
        return Err(Failure::refused(
            "You may ask for a place of your own in a workspace, but not for somebody else's.",
            "Nothing was changed. Ask an admin.",
        ));
    }
    let needs: Vec<String> = needs.iter().map(|(permission, _)| permission.to_string()).collect();
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
