//! An answer, told where it was asked: in the message that waits for it, beside it, or in the conversation with the person.

use super::conversation::Conversation;
use super::first::{First, Way};
use super::inbound::{EPHEMERAL, From};
use super::page::{Packed, Page, drawn};
use super::render::pages;
use super::trouble::Trouble;
use crate::chat::{Account, Audience, Message, Reply, Says, SecretHandle, Tone};
use crate::view;

impl Conversation {
    pub(super) async fn deliver(&self, way: &mut Way<'_>, reply: Reply) {
        match reply.says {
            Says::Secret(handle, message) => self.reveal(way, &handle, &message).await,
            // A repeated delivery: the first one is answered in the very same message.
            Says::Nothing => {}
            says => {
                if let Some(pages) = self.laid_out(says) {
                    self.tell(way, reply.audience, pages).await;
                }
            }
        }
    }

    /// Tells all pages, each where it belongs.
    pub(super) async fn tell(&self, way: &mut Way<'_>, audience: Audience, pages: Vec<Page>) {
        let mut pages = pages.into_iter();
        while let Some(page) = pages.next() {
            let packed = drawn(page.clone()).await;
            let told = if way.is_alive(self.parts.clock.now()) {
                self.place(way, audience, &packed).await
            } else {
                Err(Trouble::Refused(10_015))
            };
            if let Err(trouble) = told {
                tracing::warn!(code = trouble.code(), "an answer did not go out where it was asked for");
                return self.alone(way, std::iter::once(page).chain(pages)).await;
            }
        }
    }

    /// In the message that waits, or the one with the button, as long as those are for it; after that, beside it.
    async fn place(&self, way: &mut Way<'_>, audience: Audience, packed: &Packed) -> Result<(), Trouble> {
        let token = &way.act.token;
        let takes = match way.first {
            First::Told => false,
            First::Waits { is_ephemeral } => is_ephemeral || audience == Audience::Everyone,
            First::Changes => audience == Audience::SameMessage || way.act.from == From::Sheet,
        };
        if takes && !way.is_filled {
            way.is_filled = true;
            return self.api.edit_original(token, packed).await.map(drop);
        }
        if matches!(way.first, First::Waits { is_ephemeral: false }) && audience != Audience::Everyone && !way.is_filled
        {
            // What stands there for everybody would become the answer, which is for one person.
            way.is_filled = true;
            self.api.delete_original(token).await?;
        }
        // What begins in a message of one person's goes on in one.
        let is_alone = audience != Audience::Everyone || way.first == First::Waits { is_ephemeral: true };
        self.api.follow_up(token, packed, is_alone).await
    }

    /// In the conversation with the person.
    async fn alone(&self, way: &Way<'_>, pages: impl Iterator<Item = Page>) {
        for page in pages {
            let packed = drawn(page).await;
            if let Err(trouble) = self.direct.send(&way.act.user, &packed).await {
                tracing::warn!(code = trouble.code(), "an answer could not be delivered");
                metrics::counter!("steward_discord_unanswered_total").increment(1);
                return;
            }
        }
    }

    /// Opens the secret for the asker, in the message that waits for them alone.
    ///
    /// Nothing is opened before Discord itself said that this message is for one person.
    async fn reveal(&self, way: &mut Way<'_>, handle: &SecretHandle, message: &Message) {
        let waits = way.first == First::Waits { is_ephemeral: true } && !way.is_filled;
        let ready = waits && self.is_for_one(way).await;
        if !ready {
            let late = Message::plain("It could not be shown here, so nothing was shown to anybody.")
                .hint("Press the button once more.")
                .tone(Tone::Warning);
            return self.tell(way, Audience::Asker, pages(&late, 1)).await;
        }
        let told = match self.parts.vault.open(handle, &Account::discord(&way.act.user)).await {
            Ok(revealed) => match self.reveal.show(&way.act.token, message, &revealed).await {
                Ok(()) => return,
                Err(trouble) => {
                    tracing::warn!(code = trouble.code(), "a secret was not shown");
                    view::secret::not_shown("Discord", revealed.until)
                }
            },
            Err(error) => view::secret::closed(error),
        };
        self.tell(way, Audience::Asker, pages(&told, 1)).await;
    }

    /// Fills the message that waits with a word, and looks whether Discord calls it one for a single person.
    async fn is_for_one(&self, way: &mut Way<'_>) -> bool {
        if !way.is_alive(self.parts.clock.now()) {
            return false;
        }
        let page = pages(&Message::plain("For you alone, in a moment."), 1).swap_remove(0);
        match self.api.edit_original(&way.act.token, &page.packed()).await {
            Ok(shown) if shown["flags"].as_u64().is_some_and(|it| it & EPHEMERAL != 0) => true,
            Ok(_) => {
                tracing::error!("a message that was to be for one person is not: no secret was opened");
                false
            }
            Err(trouble) => {
                tracing::warn!(code = trouble.code(), "a secret was not opened");
                false
            }
        }
    }
}
