//! Somebody who acts in a story: says, presses, fills in, and hears.

use std::sync::atomic::Ordering;

use steward::chat::{Account, Block, Greeting, Invocation, InvocationId, Message, Place, Reply, Said, Says};

use super::chat::assert_complete;
use super::open::Stage;
use super::shown::Shown;

/// Somebody who acts in a story.
pub(crate) struct Actor<'a> {
    pub(super) stage: &'a Stage,
    /// Their account.
    pub(crate) account: Account,
}

impl Actor<'_> {
    /// Says something to the bot and hears the answer.
    pub(crate) async fn says(&self, text: &str) -> Shown {
        let words =
            steward::command::split(text.strip_prefix("/claude").expect("people speak to the bot with /claude"));
        self.does(Said::Command(words)).await
    }

    /// Presses a button of a message.
    pub(crate) async fn presses(&self, shown: &Shown, label: &str) -> Shown {
        let token = shown.button(label).token.clone().expect("a button without a token cannot be pressed");
        self.does(Said::Press(token)).await
    }

    /// Fills in the form that an answer opened.
    pub(crate) async fn submits(&self, form: &steward::chat::Form, entered: &[(&str, &str)]) -> Shown {
        let entered = entered.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        self.does(Said::Form(form.token.clone().expect("a form that was not stored cannot be sent"), entered)).await
    }

    /// Fills in a form, and hears whatever comes back.
    pub(crate) async fn sends(&self, form: &steward::chat::Form, entered: &[(&str, &str)]) -> Says {
        let entered = entered.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        self.reply(Said::Form(form.token.clone().expect("a form that was not stored cannot be sent"), entered))
            .await
            .says
    }

    /// Does anything, and hears the answer as a message.
    pub(crate) async fn does(&self, said: Said) -> Shown {
        match self.reply(said).await.says {
            Says::Message(message) => Shown { message, index: None },
            Says::Home(home) => {
                let mut whole = Message::plain("");
                for section in home.sections {
                    whole.blocks.push(Block::Paragraph(section.text.clone()));
                    whole.blocks.extend(section.blocks.iter().cloned());
                    whole.buttons.extend(section.buttons.iter().cloned());
                }
                Shown { message: whole, index: None }
            }
            other => panic!("that was no message: {other:?}"),
        }
    }

    /// Does anything, and hears whatever comes back.
    pub(crate) async fn reply(&self, said: Said) -> Reply {
        let invocation = self.invocation(said);
        let greeting = self.stage.house.dispatch.greet(&invocation);
        assert_complete(&greeting);
        crate::layouts::greeting(&greeting);
        let reply = match greeting {
            Greeting::Answer(message) => {
                Reply { audience: steward::chat::Audience::Asker, says: Says::Message(message) }
            }
            Greeting::Wait(_) | Greeting::Open(_) => self.stage.house.dispatch.serve(invocation).await,
        };
        assert_complete(&reply.says);
        crate::layouts::says(&reply.says);
        reply
    }

    /// The form that something opens.
    pub(crate) async fn opens(&self, text: &str) -> steward::chat::Form {
        let words = steward::command::split(text.strip_prefix("/claude").unwrap());
        match self.reply(Said::Command(words)).await.says {
            Says::Form(form) => *form,
            other => panic!("that was no form: {other:?}"),
        }
    }

    /// An invocation of its own.
    pub(crate) fn invocation(&self, said: Said) -> Invocation {
        let number = self.stage.acts.fetch_add(1, Ordering::SeqCst);
        self.delivered(InvocationId::single(format!("act-{number}")), said)
    }

    /// An invocation with this id.
    pub(crate) fn delivered(&self, id: InvocationId, said: Said) -> Invocation {
        Invocation {
            id,
            who: self.account.clone(),
            standing: self.stage.chat.standing_of(&self.account),
            place: Place { channel: "browser:general".into(), direct: false },
            said,
            at: self.stage.clock.now(),
        }
    }

    /// The next direct message that they have not heard yet.
    pub(crate) async fn was_told(&self) -> Shown {
        self.stage.settle().await;
        self.stage.heard(&self.account.to_string())
    }

    /// True if a direct message waits for them.
    pub(crate) async fn has_news(&self) -> bool {
        self.stage.settle().await;
        self.stage.chat.unheard.lock().unwrap().get(&self.account.to_string()).is_some_and(|it| !it.is_empty())
    }
}
