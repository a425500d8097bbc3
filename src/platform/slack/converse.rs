//! One act and its answer: a form opens as loading before anything else, the rest is answered when there is an answer.

use std::sync::Arc;

use serde_json::{Value, json};

use super::conversation::Conversation;
use super::inbound::{Act, Origin, View};
use super::way::Way;
use super::{modal, render};
use crate::chat::{Audience, Greeting, Invocation, Message, Reply, Said, Says};

impl Conversation {
    /// Everything after the acknowledgement. `first` is what was greeted.
    pub(super) async fn answer(self: Arc<Self>, act: Act, first: Greeting) {
        let since = self.parts.clock.now();
        let opens = Self::opens(&act, &first);
        // The modal's three seconds run; who somebody is may be found out meanwhile.
        let (opened, standing) = tokio::join!(self.open(&act, opens), self.parts.people.standing_of(&act.user));
        let invocation = act.invocation(&self.team, standing, since);
        let reply = self.reply(invocation).await;
        let view = opened.or_else(|| act.origin.view.clone());
        let mut way =
            Way { user: &act.user, channel: act.channel.as_deref(), origin: &act.origin, view, since, posts: 0 };
        self.deliver(&mut way, reply).await;
        if act.origin.from_home && !matches!(act.said, Said::Opened) {
            self.show_home_again(&act).await;
        }
    }

    async fn reply(&self, invocation: Invocation) -> Reply {
        match self.parts.answers.greet(&invocation) {
            Greeting::Answer(message) => Reply { audience: Audience::Asker, says: Says::Message(message) },
            Greeting::Wait(_) | Greeting::Open(_) => self.parts.answers.serve(invocation).await,
        }
    }

    /// The answer to a form that was sent, for the acknowledgement; none if there is nothing to say in it.
    pub(super) async fn answer_form(&self, act: &Act) -> Option<Value> {
        let standing = self.parts.people.standing_of(&act.user).await;
        let reply = self.reply(act.invocation(&self.team, standing, self.parts.clock.now())).await;
        let update = |view: Value| Some(json!({ "response_action": "update", "view": view }));
        match reply.says {
            Says::Form(form) => modal::errors(&form).or_else(|| update(modal::form(&form))),
            Says::Message(message) => update(render::dialog(&message)),
            _ => None,
        }
    }

    /// Fills the dialog that waits, with what the acknowledgement could not wait for.
    pub(super) async fn fill_later(&self, act: &Act, mut answer: Value) {
        let Some(view) = &act.origin.view else { return };
        let content = match answer["response_action"].as_str() {
            Some("update") => answer["view"].take(),
            // The form with its mistakes is gone from the screen: its sentences are shown instead.
            _ => render::dialog(&Message::plain(mistakes(&answer)).hint("Nothing was changed. Do it once more.")),
        };
        // The dialog was replaced in the acknowledgement, so the hash that came with the form is of an older one.
        let view = View { id: view.id.clone(), hash: None };
        if let Err(trouble) = self.update_view(&view, &content).await {
            tracing::warn!(code = trouble.code(), "a dialog was not filled");
        }
    }

    /// Says sorry wherever that is possible.
    pub(super) async fn apologize(&self, user: Option<&str>, response_url: Option<&str>, sorry: &Message) {
        let origin = Origin { response_url: response_url.map(str::to_owned), ..Origin::default() };
        let since = self.parts.clock.now();
        let mut way =
            Way { user: user.unwrap_or_default(), channel: None, origin: &origin, view: None, since, posts: 0 };
        let how = json!({ "response_type": "ephemeral", "replace_original": false });
        if !self.respond(&mut way, &how, sorry).await
            && let Some(user) = user
        {
            self.tell_alone(user, sorry).await;
        }
    }

    /// Suggestions for what is being typed into a select, for the acknowledgement.
    pub(super) async fn suggest(&self, act: &Act) -> Value {
        let standing = self.parts.people.standing_of(&act.user).await;
        let reply = self.reply(act.invocation(&self.team, standing, self.parts.clock.now())).await;
        let Says::Suggestions(suggested) = reply.says else { return json!({ "options": [] }) };
        let options = suggested.iter().take(super::limits::OPTIONS).map(|(insert, read)| modal::option(insert, read));
        json!({ "options": options.collect::<Vec<_>>() })
    }

    /// The title of the modal to open at once; none if none is to be opened.
    fn opens(act: &Act, first: &Greeting) -> Option<String> {
        let from_menu = matches!(act.said, Said::Shortcut(..));
        let from_home = act.origin.from_home && matches!(act.said, Said::Press(_));
        match first {
            Greeting::Open(form) => Some(form.title.clone()),
            // Whatever it comes to, there is no other place to say it.
            _ if from_menu || from_home => Some(String::new()),
            _ => None,
        }
    }

    async fn open(&self, act: &Act, title: Option<String>) -> Option<View> {
        let trigger = act.origin.trigger.as_deref()?;
        let title = title.filter(|_| act.origin.view.is_none())?;
        self.open_view(trigger, render::loading(&title)).await
    }

    async fn show_home_again(&self, act: &Act) {
        let standing = self.parts.people.standing_of(&act.user).await;
        let mut again = act.invocation(&self.team, standing, self.parts.clock.now());
        again.id.delivery.push_str(" home");
        again.id.logical.push_str(" home");
        again.said = Said::Opened;
        if let Says::Home(home) = self.parts.answers.serve(again).await.says {
            let since = self.parts.clock.now();
            let way = Way { user: &act.user, channel: None, origin: &act.origin, view: None, since, posts: 0 };
            self.publish(&way, &home).await;
        }
    }
}

fn mistakes(answer: &Value) -> String {
    let by_block = answer["errors"].as_object().into_iter().flatten();
    by_block.filter_map(|(_, text)| text.as_str()).collect::<Vec<_>>().join(" ")
}
