//! From what Slack delivered to what somebody did, and where the answer to it goes.

use serde_json::Value;

use super::modal::{FORM, SUGGEST};
use super::payload::{Delivery, Entered, entered, with_references};
use crate::chat::{Account, Invocation, InvocationId, Place, Said, Standing, Token};
use crate::clock::Moment;
use crate::command::split;
use crate::platform::fields::{owned, text};

/// Something that a person did.
pub(super) struct Act {
    /// The act and this delivery of it.
    pub(super) id: InvocationId,
    /// The person's id in Slack.
    pub(super) user: String,
    /// The team that Slack says the person belongs to, where it does.
    pub(super) team: Option<String>,
    /// The channel, where there is one.
    pub(super) channel: Option<String>,
    /// What they did.
    pub(super) said: Said,
    /// Where the answer goes.
    pub(super) origin: Origin,
}

/// Where an answer goes.
#[derive(Clone, Default)]
pub(super) struct Origin {
    /// Where Slack takes answers for half an hour. A secret of sorts: not logged, not stored.
    pub(super) response_url: Option<String>,
    /// Opens one modal, within 3 seconds.
    pub(super) trigger: Option<String>,
    /// The modal that it came from.
    pub(super) view: Option<View>,
    /// The message with the pressed button.
    pub(super) message: Option<Pressed>,
    /// It came from the Home tab, which is shown anew afterwards.
    pub(super) from_home: bool,
}

/// A modal.
#[derive(Clone)]
pub(super) struct View {
    pub(super) id: String,
    pub(super) hash: Option<String>,
}

/// A message whose button was pressed.
#[derive(Clone)]
pub(super) struct Pressed {
    pub(super) channel: String,
    pub(super) message: String,
    /// Only one person sees it; it can be changed through the `response_url` alone.
    pub(super) ephemeral: bool,
}

/// What a delivery comes to.
pub(super) enum Inbound {
    /// Somebody did something.
    Act(Box<Act>),
    /// Somebody did something that is not understood; it is answered with an apology.
    Puzzle {
        /// Who, if that much is clear.
        user: Option<String>,
        /// Where the apology goes.
        response_url: Option<String>,
    },
    /// Something about this user changed: their role, their address, whether they are there at all.
    Changed(String),
    /// The app was removed, or its tokens were revoked.
    Removed,
    /// Nothing of ours.
    Nothing,
}

/// What a delivery comes to. `delivery` is the envelope's id or the request's signature; `team` is our own.
pub(super) fn understood(what: &Delivery, delivery: &str, team: &str) -> Inbound {
    let read = match what {
        Delivery::Command(payload) => command(payload, delivery, team),
        // Somebody closed a dialog: nothing is to be said.
        Delivery::Interaction(payload) if text(payload, "/type") == Some("view_closed") => return Inbound::Nothing,
        Delivery::Interaction(payload) => interaction(payload, delivery, team),
        Delivery::Event(payload) => return event(payload, delivery),
    };
    let (Delivery::Command(payload) | Delivery::Interaction(payload) | Delivery::Event(payload)) = what;
    let puzzle = || Inbound::Puzzle { user: person(payload), response_url: owned(payload, "/response_url") };
    read.map_or_else(puzzle, |act| Inbound::Act(Box::new(act)))
}

fn person(payload: &Value) -> Option<String> {
    owned(payload, "/user/id").or_else(|| owned(payload, "/user_id"))
}

/// A delivery, and the act: a repeated delivery has the same act.
fn id(delivery: &str, logical: &str) -> InvocationId {
    InvocationId { delivery: format!("slack:{delivery}"), logical: format!("slack:{logical}") }
}

fn command(payload: &Value, delivery: &str, team: &str) -> Option<Act> {
    let said = with_references(text(payload, "/text").unwrap_or_default(), team);
    let trigger = owned(payload, "/trigger_id");
    Some(Act {
        id: id(delivery, trigger.as_deref().unwrap_or(delivery)),
        user: person(payload)?,
        team: owned(payload, "/team_id"),
        channel: owned(payload, "/channel_id"),
        said: Said::Command(split(&said)),
        origin: Origin { response_url: owned(payload, "/response_url"), trigger, ..Origin::default() },
    })
}

fn interaction(payload: &Value, delivery: &str, team: &str) -> Option<Act> {
    let trigger = owned(payload, "/trigger_id");
    let view = owned(payload, "/view/id").map(|id| View { id, hash: owned(payload, "/view/hash") });
    let is_modal = text(payload, "/view/type") == Some("modal");
    let channel = owned(payload, "/channel/id").or_else(|| owned(payload, "/container/channel_id"));
    let mut origin = Origin {
        response_url: owned(payload, "/response_url"),
        trigger: trigger.clone(),
        view: view.filter(|_| is_modal),
        message: None,
        from_home: text(payload, "/view/type") == Some("home"),
    };
    let (said, logical) = match text(payload, "/type")? {
        "block_actions" => {
            origin.message = pressed(payload, channel.as_deref());
            let action = payload.pointer("/actions/0")?;
            let moment = text(action, "/action_ts").unwrap_or_default();
            (Said::Press(token(action)?), trigger.clone().unwrap_or_else(|| format!("{delivery} {moment}")))
        }
        "view_submission" => (submitted(payload, team)?, trigger.clone().unwrap_or_else(|| delivery.to_owned())),
        "shortcut" => {
            let name = owned(payload, "/callback_id")?;
            (Said::Shortcut(name, String::new()), trigger.clone().unwrap_or_else(|| delivery.to_owned()))
        }
        "message_action" => {
            let on = owned(payload, "/message/text").unwrap_or_default();
            let name = owned(payload, "/callback_id")?;
            (Said::Shortcut(name, on), trigger.clone().unwrap_or_else(|| delivery.to_owned()))
        }
        "block_suggestion" => (typing(payload)?, delivery.to_owned()),
        _ => return None,
    };
    Some(Act {
        id: id(delivery, &logical),
        user: person(payload)?,
        team: owned(payload, "/user/team_id").or_else(|| owned(payload, "/team/id")),
        channel,
        said,
        origin,
    })
}

/// A button's own name is its token.
fn token(action: &Value) -> Option<Token> {
    text(action, "/action_id")?.parse().ok()
}

fn pressed(payload: &Value, channel: Option<&str>) -> Option<Pressed> {
    let message = owned(payload, "/container/message_ts").or_else(|| owned(payload, "/message/ts"))?;
    let ephemeral = payload.pointer("/container/is_ephemeral").and_then(Value::as_bool).unwrap_or(false);
    Some(Pressed { channel: channel?.to_owned(), message, ephemeral })
}

fn submitted(payload: &Value, team: &str) -> Option<Said> {
    if text(payload, "/view/callback_id") != Some(FORM) {
        return None;
    }
    let token: Token = text(payload, "/view/private_metadata")?.parse().ok()?;
    let values = payload.pointer("/view/state/values").unwrap_or(&Value::Null);
    let entered = entered(values).into_iter().map(|(name, value)| match value {
        Entered::Text(text) => (name, text),
        Entered::User(user) => (name, format!("@{}", Account::slack(team, &user))),
    });
    Some(Said::Form(token, entered.collect()))
}

/// What is being typed into a select: the command so far, then the option that the select stands for.
fn typing(payload: &Value) -> Option<Said> {
    let path = text(payload, "/action_id")?.strip_prefix(SUGGEST)?;
    let field = text(payload, "/block_id")?;
    let typed = text(payload, "/value").unwrap_or_default();
    let mut words: Vec<String> = path.split(' ').map(str::to_owned).collect();
    if field.starts_with("--") {
        words.push(field.to_owned());
    }
    words.push(typed.to_owned());
    Some(Said::Typing(words))
}

fn event(payload: &Value, delivery: &str) -> Inbound {
    match text(payload, "/event/type") {
        Some("app_home_opened") if text(payload, "/event/tab") == Some("home") => {
            let Some(user) = owned(payload, "/event/user") else { return Inbound::Nothing };
            Inbound::Act(Box::new(Act {
                id: id(delivery, text(payload, "/event_id").unwrap_or(delivery)),
                user,
                team: None,
                channel: owned(payload, "/event/channel"),
                said: Said::Opened,
                origin: Origin { from_home: true, ..Origin::default() },
            }))
        }
        Some("user_change") => owned(payload, "/event/user/id").map_or(Inbound::Nothing, Inbound::Changed),
        Some("app_uninstalled" | "tokens_revoked") => Inbound::Removed,
        _ => Inbound::Nothing,
    }
}

impl Act {
    /// The invocation, once it is known what Slack says of the person.
    pub(super) fn invocation(&self, team: &str, standing: Standing, at: Moment) -> Invocation {
        let channel = self.channel.as_deref().unwrap_or("home");
        Invocation {
            id: self.id.clone(),
            who: Account::slack(team, &self.user),
            standing,
            place: Place {
                channel: format!("slack:{channel}"),
                direct: self.channel.is_none() || (channel.starts_with('D') && self.origin.message.is_some()),
            },
            said: self.said.clone(),
            at,
        }
    }
}
