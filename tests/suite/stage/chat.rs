//! The chat of a story: it knows who people are, and keeps what it was sent until somebody hears it.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Mutex;

use futures_util::future::BoxFuture;
use steward::chat::{Account, Answer, Kind, Message, Messenger, Receipt, Roster, SendError, Standing, Target};
use steward::sandbox::Player;

/// What the chat of a story says of people, and what it was sent.
#[derive(Default)]
pub(crate) struct Chat {
    pub(super) standings: Mutex<BTreeMap<Account, Standing>>,
    pub(super) sent: Mutex<Vec<(Target, Message)>>,
    pub(super) unheard: Mutex<BTreeMap<String, VecDeque<usize>>>,
    refusals: Mutex<VecDeque<SendError>>,
    silent: Mutex<bool>,
}

impl Chat {
    /// Somebody of the cast sits down: Ada and Grace in the group of admins, Finn in that of finance.
    pub(crate) fn seat(&self, player: &Player) {
        let groups = match player.id.as_str() {
            "ada" | "grace" => vec!["browser-group:admins".to_owned()],
            "finn" => vec!["browser-group:finance".to_owned()],
            _ => Vec::new(),
        };
        let (name, email) = (player.name.clone(), Some(player.email.clone()));
        let standing = Standing { kind: Kind::Person, name, email, groups };
        self.standings.lock().unwrap().insert(Account::browser(&player.id), standing);
    }

    /// Somebody is known to the chat like this from now on.
    pub(crate) fn stand(&self, account: &Account, standing: &Standing) {
        self.standings.lock().unwrap().insert(account.clone(), standing.clone());
    }

    /// From now on the chat does not say who this is.
    pub(crate) fn forget_who(&self, account: &Account) {
        self.standings.lock().unwrap().remove(account);
    }

    /// What the chat says of somebody.
    pub(crate) fn standing_of(&self, account: &Account) -> Standing {
        self.standings.lock().unwrap().get(account).cloned().unwrap_or_default()
    }

    /// Nobody needs to hear what was sent so far.
    pub(crate) fn forget_unheard(&self) {
        self.unheard.lock().unwrap().clear();
    }

    /// Nobody needs to hear those of which `is_meant` is true.
    pub(crate) fn forget_cards(&self, is_meant: impl Fn(&Message) -> bool) {
        let sent = self.sent.lock().unwrap();
        self.unheard.lock().unwrap().values_mut().for_each(|it| it.retain(|index| !is_meant(&sent[*index].1)));
    }

    /// The next sends fail with these, one each.
    pub(crate) fn refuse(&self, errors: impl IntoIterator<Item = SendError>) {
        self.refusals.lock().unwrap().extend(errors);
    }

    /// From now on the chat does not say who anybody is.
    pub(crate) fn fall_silent(&self, silent: bool) {
        *self.silent.lock().unwrap() = silent;
    }

    /// What was sent after the first `count` messages, as it reads now.
    pub(crate) fn sent_since(&self, count: usize) -> Vec<(Target, Message)> {
        self.sent.lock().unwrap().get(count..).unwrap_or_default().to_vec()
    }

    /// Everything that was ever sent, as it reads now.
    pub(crate) fn everything(&self) -> Vec<(Target, Message)> {
        self.sent.lock().unwrap().clone()
    }
}

fn place_of(target: &Target) -> String {
    match target {
        Target::Channel(channel) => channel.clone(),
        Target::Direct(account) => account.to_string(),
    }
}

/// Every command that somebody reads can be typed as it stands there.
pub(super) fn assert_complete(said: &impl std::fmt::Debug) {
    let said = format!("{said:?}");
    assert!(!said.contains("Command(\""), "a command left the house without its root: {said}");
}

impl Messenger for Chat {
    fn send<'a>(&'a self, target: &'a Target, message: &'a Message) -> BoxFuture<'a, Answer<Receipt>> {
        assert_complete(message);
        crate::layouts::message(message);
        if let Some(error) = self.refusals.lock().unwrap().pop_front() {
            return Box::pin(std::future::ready(Err(error)));
        }
        let mut sent = self.sent.lock().unwrap();
        let place = place_of(target);
        self.unheard.lock().unwrap().entry(place.clone()).or_default().push_back(sent.len());
        let receipt = Receipt { platform: "browser".into(), channel: place, message: sent.len().to_string() };
        sent.push((target.clone(), message.clone()));
        Box::pin(std::future::ready(Ok(receipt)))
    }

    fn edit<'a>(&'a self, receipt: &'a Receipt, message: &'a Message) -> BoxFuture<'a, Answer<()>> {
        assert_complete(message);
        crate::layouts::message(message);
        let index: usize = receipt.message.parse().unwrap();
        let gone = || SendError::Closed { code: "message_not_found".into() };
        let found = self.sent.lock().unwrap().get_mut(index).map(|it| it.1 = message.clone());
        Box::pin(std::future::ready(found.ok_or_else(gone)))
    }
}

impl Roster for Chat {
    fn standing<'a>(&'a self, account: &'a Account) -> BoxFuture<'a, Option<Standing>> {
        let silent = *self.silent.lock().unwrap();
        let standing = self.standings.lock().unwrap().get(account).cloned().filter(|_| !silent);
        Box::pin(std::future::ready(standing))
    }

    fn members<'a>(&'a self, group: &'a str) -> BoxFuture<'a, Option<Vec<Account>>> {
        let standings = self.standings.lock().unwrap();
        let inside = standings.iter().filter(|(_, it)| it.groups.iter().any(|it| it == group));
        Box::pin(std::future::ready(Some(inside.map(|(account, _)| account.clone()).collect())))
    }
}
