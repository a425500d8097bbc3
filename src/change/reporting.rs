//! Which channel gets which reports: Steward's own books alone.

use super::asker::Asker;
use super::failure::Failure;
use super::pipeline::Pipeline;
use crate::chat::{Message, Place, Text};
use crate::clock::Moment;
use crate::domain::{Beat, Permission, ReportKind, Right, Subscription, Toward};
use crate::store::Act;

/// What somebody says about the reports of a channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reporting {
    /// It shall get them.
    Subscribe {
        /// Of this kind,
        kind: ReportKind,
        /// then,
        beat: Beat,
        /// with people and keys by name,
        names: bool,
        /// only when something is notable.
        quiet: bool,
    },
    /// It shall not get them any more.
    Unsubscribe(ReportKind),
    /// It shall not get them for a while.
    Snooze {
        /// Of this kind,
        kind: ReportKind,
        /// until then,
        until: Moment,
        /// for this reason.
        reason: Option<String>,
    },
}

impl Reporting {
    fn kind(&self) -> ReportKind {
        match self {
            Self::Subscribe { kind, .. } | Self::Unsubscribe(kind) | Self::Snooze { kind, .. } => *kind,
        }
    }
}

impl Pipeline {
    /// Does what somebody says about a channel's reports. `named` is the channel, if it is not the one where it is said.
    ///
    /// # Errors
    ///
    /// [`Failure::Refused`] for whoever may not; [`Failure::Mistake`] where there is no channel, or nothing to change.
    pub async fn report(
        &self,
        reporting: Reporting,
        named: Option<&str>,
        (by, place): (&Asker, &Place),
    ) -> Result<Message, Failure> {
        check(&reporting, by)?;
        let kind = reporting.kind();
        let channel = match named {
            Some(channel) => channel.to_owned(),
            None if place.direct => {
                return Err(Failure::mistake(
                    "A report goes to a channel, and this is none.",
                    "Nothing was changed. Say it in the channel, or name it: --channel slack:C0123456789.",
                ));
            }
            None => place.channel.clone(),
        };
        let now = self.clock.now();
        let (actor, about) = (by.account.to_string(), channel.clone());
        let mut tx = self.store.begin().await?;
        let (action, detail, said) = match reporting {
            Reporting::Subscribe { beat, names, quiet, .. } => {
                let due = if kind.is_scheduled() { beat.after(now) } else { None };
                let made_by = actor.clone();
                let it = Subscription { channel, kind, beat, names, quiet, made_by, due, snoozed: None };
                self.store.subscribe(&mut tx, &it, now).await?;
                let detail = serde_json::json!({
                    "kind": kind.as_str(), "rhythm": it.beat.rhythm.as_str(), "at": it.beat.time(), "zone": it.beat.zone,
                    "names": names, "quiet": quiet,
                });
                ("report.subscribed", detail, subscribed(&it))
            }
            Reporting::Unsubscribe(_) => {
                if !self.store.unsubscribe(&mut tx, &channel, kind).await? {
                    return Err(no_such(kind));
                }
                let said = Message::plain(format!("This channel gets no more {} reports.", kind.as_str()));
                ("report.unsubscribed", serde_json::json!({ "kind": kind.as_str() }), said)
            }
            Reporting::Snooze { until, reason, .. } => {
                if !self.store.snooze_report(&mut tx, (&channel, kind), (until, reason.as_deref())).await? {
                    return Err(no_such(kind));
                }
                let detail = serde_json::json!({ "kind": kind.as_str(), "until": until, "reason": reason });
                ("report.snoozed", detail, snoozed(kind, until))
            }
        };
        self.store.append(&mut tx, &Act { at: now, actor: &actor, action, about: &about, detail }).await?;
        self.store.commit(tx).await?;
        Ok(said)
    }
}

fn snoozed(kind: ReportKind, until: Moment) -> Message {
    let said = Text::plain(format!("Nothing of {} is told here until ", kind.as_str())).time(until).then(".");
    Message::new(said).hint(Text::plain("Sooner: ").command("report subscribe").then(" again."))
}

/// Who may, again at this moment: reports of the trail are for whoever reads the trail, and names are an admin's to show.
fn check(reporting: &Reporting, by: &Asker) -> Result<(), Failure> {
    let may = |it| by.right(it, Toward::Other) == Right::Do;
    let needs = |it: Permission| Failure::refused(format!("This needs the permission {it}."), "Nothing was changed.");
    if !may(Permission::ReportSubscribe) {
        return Err(needs(Permission::ReportSubscribe));
    }
    if reporting.kind() == ReportKind::Audit && !may(Permission::Audit) {
        return Err(needs(Permission::Audit));
    }
    match reporting {
        Reporting::Subscribe { names: true, .. } if !may(Permission::Admin) => Err(Failure::refused(
            "Only an admin may have people and keys named in a channel.",
            "Nothing was changed. Without --names the report tells of workspaces and models.",
        )),
        _ => Ok(()),
    }
}

fn no_such(kind: ReportKind) -> Failure {
    Failure::mistake(
        format!("That channel gets no {} reports.", kind.as_str()),
        Text::plain("Nothing was changed. What is subscribed: ").command("report list").then("."),
    )
}

fn subscribed(it: &Subscription) -> Message {
    let kind = it.kind.as_str();
    let message = match it.due {
        Some(due) => {
            let when = format!("{} at {} ({})", it.beat.rhythm.as_str(), it.beat.time(), it.beat.zone);
            Message::new(
                Text::plain(format!("This channel gets the {kind} report, {when}. The first one: "))
                    .time(due)
                    .then("."),
            )
        }
        None => Message::plain(format!("This channel gets {kind}, whenever there are any.")),
    };
    let names = if it.names { "People and keys are named." } else { "Neither people nor keys are named." };
    let quiet = if it.quiet { " Nothing is said when nothing is notable." } else { "" };
    message.paragraph(format!("{names}{quiet}")).hint(Text::plain("How it looks: ").command("report preview").then("."))
}
