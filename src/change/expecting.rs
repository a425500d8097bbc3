//! What Steward changed is how it should be from then on: kept together with the ledger, so that it is never told as drift.
//! And what people say about drift.

use super::applied::Applied;
use super::asker::Asker;
use super::effect::Effect;
use super::failure::Failure;
use super::pipeline::Pipeline;
use crate::chat::{Message, Text};
use crate::clock::{Moment, moment};
use crate::domain::{Drift, DriftKind, DriftState, LeaverState, Permission, PersonId, Right, Thing, Toward};
use crate::store::{Act, Notice, Parcel, Tx};
use crate::view;

/// How long whoever seems to have left is left alone.
const LATER_MS: i64 = 30 * 86_400_000;

/// What somebody says about a drift.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DriftRuling {
    /// It is how it should be.
    Adopt(i64),
    /// It is not to be told again before this moment.
    Ignore(i64, Moment),
}

impl Pipeline {
    /// Keeps what a call of ours made of the organization.
    pub(super) async fn expect(&self, tx: &mut Tx<'_>, effect: &Effect, applied: &Applied) -> Result<(), Failure> {
        // Nothing was called.
        if applied.id.is_empty() {
            return Ok(());
        }
        let thing = |kind: DriftKind| Thing::new(kind, &*applied.id);
        let (thing, value) = match effect {
            Effect::SendInvite(it) => (thing(DriftKind::Invite), Some(it.role.as_str())),
            Effect::DeleteInvite(_) => (thing(DriftKind::Invite), None),
            Effect::SetRole(it) => (thing(DriftKind::Member), Some(it.to.as_str())),
            Effect::RemoveUser(_) => (thing(DriftKind::Member), None),
            Effect::MakeWorkspace(_) => (thing(DriftKind::Workspace), Some("active")),
            Effect::CloseWorkspace(_) => (thing(DriftKind::Workspace), Some("archived")),
            Effect::SetKeyStatus(it) => (thing(DriftKind::ApiKey), Some(it.to.as_str())),
            Effect::JoinWorkspace(it) => (Thing::seat(it.workspace_id(), &applied.id), Some(it.role.as_str())),
            Effect::LeaveWorkspace(it) => (Thing::seat(it.workspace_id(), &applied.id), it.keeps.as_deref()),
            Effect::SetWorkspaceRole(it) => (Thing::seat(it.workspace_id(), &applied.id), Some(it.to.as_str())),
            Effect::ParkKey(_) => (thing(DriftKind::ApiKey), Some("inactive")),
            Effect::HandOver(_) => (thing(DriftKind::ApiKey), applied.was.as_deref()),
            Effect::NameWorkspace(_) | Effect::NameKey(_) | Effect::SetLimits(_) | Effect::Local(_) => return Ok(()),
        };
        Ok(self.store.expect(tx, &thing, value).await?)
    }

    /// Does what somebody says about a drift: it changes Steward's own books alone.
    ///
    /// # Errors
    ///
    /// [`Failure::Refused`] for whoever may not; [`Failure::Mistake`] if there is no such drift or somebody was faster.
    pub async fn settle_drift(&self, ruling: DriftRuling, by: &Asker) -> Result<Message, Failure> {
        let now = self.clock.now();
        let (number, to, until, action) = match ruling {
            DriftRuling::Adopt(number) => (number, DriftState::Adopted, None, "drift.adopted"),
            DriftRuling::Ignore(number, until) => (number, DriftState::Ignored, Some(until), "drift.ignored"),
        };
        if by.right(Permission::MemberManage, Toward::Other) != Right::Do {
            return Err(Failure::refused("This needs the permission member.manage.", "Nothing was changed."));
        }
        let drift = self.store.drift(number).await?.ok_or_else(|| no_such_drift(number))?;
        let actor = by.account.to_string();
        let mut tx = self.store.begin().await?;
        if !self.store.settle_drift(&mut tx, number, (to, until), (&actor, now)).await? {
            return Err(settled_already(&drift));
        }
        let difference = &drift.difference;
        if to == DriftState::Adopted {
            self.store.expect(&mut tx, &difference.thing, difference.after.as_deref()).await?;
        }
        let detail = serde_json::json!({
            "number": number, "kind": difference.thing.kind, "before": difference.before, "after": difference.after,
            "until": until,
        });
        let act = Act { at: now, actor: &actor, action, about: &difference.thing.id, detail };
        self.store.append(&mut tx, &act).await?;
        let notice = Notice::Drift(number);
        let about = notice.about();
        self.store.post(&mut tx, &about, &Parcel::NoticeRefresh { notice }, now).await?;
        self.store.commit(tx).await?;
        let said = view::drift::sentence(difference);
        Ok(match until {
            None => Message::plain(format!("Adopted: {said}")).hint("This is how it should be from now on."),
            Some(until) => Message::new(Text::plain("Ignored until ").time(until).then(format!(": {said}"))).hint(
                Text::plain("If it is still so then, it is told again. All of them: ").command("drift list").then("."),
            ),
        })
    }
}

impl Pipeline {
    /// Says nothing of somebody who seems to have left for a while: it changes Steward's own books alone.
    ///
    /// # Errors
    ///
    /// [`Failure::Refused`] for whoever may not; [`Failure::Mistake`] if nobody was told of them, or somebody was faster.
    pub async fn leave_for_later(&self, person: &PersonId, by: &Asker) -> Result<Message, Failure> {
        let now = self.clock.now();
        if by.right(Permission::MemberManage, Toward::Other) != Right::Do {
            return Err(Failure::refused("This needs the permission member.manage.", "Nothing was changed."));
        }
        let until = moment(now.as_millisecond() + LATER_MS);
        let actor = by.account.to_string();
        let mut tx = self.store.begin().await?;
        let settled =
            self.store.settle_leaver(&mut tx, person, (LeaverState::Later, Some(until)), (&actor, now)).await?;
        if !settled {
            return Err(Failure::mistake("This was settled already.", "Nothing was changed."));
        }
        let detail = serde_json::json!({ "until": until });
        let act = Act { at: now, actor: &actor, action: "leaver.later", about: &person.0, detail };
        self.store.append(&mut tx, &act).await?;
        let notice = Notice::Leaver(person.clone());
        let about = notice.about();
        self.store.post(&mut tx, &about, &Parcel::NoticeRefresh { notice }, now).await?;
        self.store.commit(tx).await?;
        Ok(Message::new(Text::plain("Left as it is until ").time(until).then("."))
            .hint("If they still seem to have left then, it is told again."))
    }
}

/// What is said if there is no drift of this number.
#[must_use]
pub fn no_such_drift(number: i64) -> Failure {
    let hint = Text::plain("Nothing was changed. See ").command("drift list").then(".");
    Failure::mistake(format!("There is no difference {number}."), hint)
}

/// What is said if a drift does not stand any more.
#[must_use]
pub fn settled_already(drift: &Drift) -> Failure {
    let what = match drift.state {
        DriftState::Adopted => "was adopted already",
        DriftState::Ignored => "is ignored already",
        DriftState::Over => "is no longer so",
        DriftState::Open => "was settled by somebody else just now",
    };
    let hint = Text::plain("Nothing was changed. See ").command("drift list").then(".");
    Failure::mistake(format!("Difference {} {what}.", drift.number), hint)
}
