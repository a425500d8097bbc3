//! Messages that nobody waits for, and what the room says of a person now.

use std::sync::Arc;

use futures_util::future::{BoxFuture, ready};

use super::history::Entry;
use super::{BOT, Room};
use crate::chat::{Account, Answer, Kind, Message, Messenger, Platform, Receipt, Roster, SendError, Standing, Target};

/// Sends into the room, and answers for its people.
#[derive(Clone)]
pub struct RoomMessenger(Arc<Room>);

impl RoomMessenger {
    /// A messenger for this room.
    #[must_use]
    pub fn new(room: Arc<Room>) -> Self {
        Self(room)
    }

    /// The room's own name of the place that `target` means, if the bot can write there.
    fn place(&self, target: &Target) -> Answer<String> {
        let closed = |code: &str| SendError::Closed { code: code.into() };
        match target {
            Target::Channel(channel) => {
                let id = channel.strip_prefix("browser:").filter(|id| !id.starts_with('@'));
                let known = id.filter(|id| self.0.may_see("", id));
                known.map(str::to_owned).ok_or_else(|| closed("channel_not_found"))
            }
            Target::Direct(account) if account.platform() == Platform::Browser => {
                let standing = self.0.standing(account.id()).ok_or_else(|| closed("user_not_found"))?;
                match standing.kind {
                    Kind::Deactivated => Err(closed("user_deactivated")),
                    _ => Ok(format!("@{}", account.id())),
                }
            }
            Target::Direct(_) => Err(closed("user_not_found")),
        }
    }

    fn post(&self, target: &Target, message: &Message) -> Answer<Receipt> {
        let channel = self.place(target)?;
        let entry = self.0.post(Entry::new(&channel, BOT, message.clone(), self.0.now()));
        Ok(Receipt { platform: Platform::Browser.as_str().into(), channel, message: format!("m{}", entry.id) })
    }

    fn replace(&self, receipt: &Receipt, message: &Message) -> Answer<()> {
        let id = receipt.message.strip_prefix('m').and_then(|id| id.parse().ok());
        let ours = id.filter(|_| receipt.platform == Platform::Browser.as_str());
        let edited = ours.and_then(|id| self.0.edit(id, message.clone()));
        edited.map(drop).ok_or_else(|| SendError::Closed { code: "message_not_found".into() })
    }
}

impl Messenger for RoomMessenger {
    fn send<'a>(&'a self, target: &'a Target, message: &'a Message) -> BoxFuture<'a, Answer<Receipt>> {
        Box::pin(ready(self.post(target, message)))
    }

    fn edit<'a>(&'a self, receipt: &'a Receipt, message: &'a Message) -> BoxFuture<'a, Answer<()>> {
        Box::pin(ready(self.replace(receipt, message)))
    }
}

impl Roster for RoomMessenger {
    fn standing<'a>(&'a self, account: &'a Account) -> BoxFuture<'a, Option<Standing>> {
        let ours = account.platform() == Platform::Browser;
        Box::pin(ready(ours.then(|| self.0.standing(account.id())).flatten()))
    }

    fn members<'a>(&'a self, group: &'a str) -> BoxFuture<'a, Option<Vec<Account>>> {
        Box::pin(ready(group.starts_with("browser-group:").then(|| self.0.members(group))))
    }
}
