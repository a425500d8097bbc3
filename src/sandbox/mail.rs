//! The mail that an invite causes, and what happens when somebody clicks on it.

use super::cast;
use super::feed::Actor;
use super::ids;
use super::nouns::{Invite, InviteStatus, Mail, Member, Role};
use super::organization::{Organization, Tools};
use super::state::State;
use crate::clock::{Moment, moment};
use serde_json::{Value, json};

/// How long an invite lives.
const INVITE_LIFE_MS: i64 = 21 * 86_400_000;

/// Why nobody joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NotAccepted {
    NoSuchMail,
    Already,
    Withdrawn,
    Lapsed,
    MemberAlready,
}

impl NotAccepted {
    pub(super) fn told(self) -> &'static str {
        match self {
            Self::NoSuchMail => "There is no such mail.",
            Self::Already => "This invitation was accepted already.",
            Self::Withdrawn => "This invitation was withdrawn.",
            Self::Lapsed => "This invitation has expired. Ask for a new one.",
            Self::MemberAlready => "Somebody with this address is a member already.",
        }
    }
}

/// Makes an invite and sends its mail. Whether it may be made was asked before.
pub(super) fn invite(state: &mut State, tools: &Tools<'_>, email: &str, role: Role) -> Invite {
    let now = tools.now;
    let invite = Invite {
        id: ids::id(tools.random, "invite"),
        email: email.to_owned(),
        role,
        invited_at: now,
        expires_at: moment(now.as_millisecond() + INVITE_LIFE_MS),
        accepted_at: None,
        deleted_at: None,
    };
    let day = invite.expires_at.strftime("%Y-%m-%d");
    state.mails.push(Mail {
        id: ids::id(tools.random, "mail"),
        to: email.to_owned(),
        subject: format!("Join {} on the Claude Console", state.name),
        text: format!(
            "You have been invited to join {} on the Claude Console as {}. This invitation expires on {day}.",
            state.name,
            role.as_str()
        ),
        invite: invite.id.clone(),
        sent_at: now,
    });
    state.invites.push(invite.clone());
    invite
}

impl Organization {
    /// Sees a mail's invitation accepted: its addressee becomes a member.
    ///
    /// # Errors
    ///
    /// The sentence that they are shown instead: it was withdrawn, has expired, was accepted already, or there is no
    /// such mail.
    pub fn accept_mail(&self, id: &str) -> Result<Member, &'static str> {
        self.accept(id).map_err(NotAccepted::told)
    }

    pub(super) fn accept(&self, id: &str) -> Result<Member, NotAccepted> {
        self.change(|state, tools| {
            let mail = state.mails.iter().find(|mail| mail.id == id).ok_or(NotAccepted::NoSuchMail)?;
            let at = state.invites.iter().position(|invite| invite.id == mail.invite).ok_or(NotAccepted::Withdrawn)?;
            let (email, role) = (state.invites[at].email.clone(), state.invites[at].role);
            match state.invites[at].status(tools.now) {
                InviteStatus::Pending => {}
                InviteStatus::Accepted => return Err(NotAccepted::Already),
                InviteStatus::Deleted => return Err(NotAccepted::Withdrawn),
                InviteStatus::Expired => return Err(NotAccepted::Lapsed),
            }
            if state.member_by_email(&email).is_some() {
                return Err(NotAccepted::MemberAlready);
            }
            state.invites[at].accepted_at = Some(tools.now);
            let name = cast::name_of(&email);
            let member = Member { id: ids::id(tools.random, "user"), email, name, role, added_at: tools.now };
            state.members.push(member.clone());
            let accepted = json!({ "invite_id": state.invites[at].id });
            state.feed.leave(tools, &Actor::user(&member), "org_user_invite_accepted", accepted);
            Ok(member)
        })
    }

    /// All mails, newest first, with how their invites stand now.
    pub(super) fn mails_shown(&self) -> Vec<Value> {
        let now = self.now();
        self.read(|state| state.mails.iter().rev().map(|mail| shown(state, mail, now)).collect())
    }
}

fn shown(state: &State, mail: &Mail, now: Moment) -> Value {
    let status = state.invites.iter().find(|invite| invite.id == mail.invite).map(|invite| invite.status(now));
    json!({
        "id": mail.id,
        "to": mail.to,
        "subject": mail.subject,
        "text": mail.text,
        "invite": mail.invite,
        "sent_at": mail.sent_at,
        "state": status.map_or("deleted", InviteStatus::as_str),
    })
}
