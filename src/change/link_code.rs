//! Codes that join a second account to a person. The account that nobody knows asks for one; it is entered from an account that
//! is known, so that it is the known person who says whose it is.

use super::asker::Asker;
use super::failure::Failure;
use super::linking::{Linked, code_is_over, joins_itself, says};
use super::pipeline::Pipeline;
use crate::chat::{Account, Button, ButtonStyle, Message, Text, Tone};
use crate::clock::moment;
use crate::domain::LinkCode;
use crate::store::Act;

/// How long a code is good.
const GOOD_FOR_MS: i64 = 600_000;
/// So many wrong codes of one account, and it has to pause.
const MOST_WRONG: i64 = 5;
/// The pause, from the first wrong code on.
const PAUSE_MS: i64 = 3_600_000;
/// A code that another account has at this moment is drawn again.
const MOST_DRAWS: u32 = 3;

impl Pipeline {
    /// Shows the asker a code that joins their account to whoever enters it.
    pub(super) async fn show_code(&self, asker: &Asker, why: &str) -> Result<Linked, Failure> {
        let expires_at = moment(self.clock.now().as_millisecond() + GOOD_FOR_MS);
        for _ in 0..MOST_DRAWS {
            let code: LinkCode = self
                .random
                .short(LinkCode::LETTERS)
                .parse()
                .map_err(|_| Failure::internal("a random code was no code"))?;
            let mut tx = self.store.begin().await?;
            if self.store.keep_code(&mut tx, &asker.account, &code, expires_at).await? {
                self.store.commit(tx).await?;
                return Ok(says(shown(&code, why)));
            }
        }
        Err(Failure::internal("no code was free"))
    }

    /// Enters a code: answers which account it would join, and asks whether that is meant.
    pub(super) async fn enter_code(&self, code: &LinkCode, asker: &Asker) -> Result<Message, Failure> {
        let member = self.own_member(asker).await?;
        let Some(account) = self.try_code(code, asker).await? else { return Err(code_is_over()) };
        if account == asker.account {
            return Err(joins_itself());
        }
        let standing = self.standing_of_a_colleague(&account).await?;
        let person = asker.person.as_ref().map(|it| &it.id);
        let taken = match person {
            Some(person) => self.store.links(person).await?,
            None => Vec::new(),
        };
        let platform = account.platform();
        if taken.iter().any(|it| it.account.platform() == platform && it.account != account) {
            return Err(Failure::refused(
                "You have an account on that platform already, and a person has one on each.",
                Text::plain("Nothing was linked. ").command("whoami").then(" shows your accounts."),
            ));
        }
        let words = account.to_string();
        let whose = if standing.name.is_empty() { String::new() } else { format!(", {} there", standing.name) };
        Ok(Message::new(
            Text::plain("The code is right. Is this account yours: ")
                .mention(&account)
                .then(" (")
                .code(words.clone())
                .then(format!("){whose}?")),
        )
        .paragraph(format!(
            "It would be linked to {} ({}) and speak for you: your requests, your keys, your name.",
            member.name, member.email
        ))
        .hint("Go on only if you asked for this code yourself, a moment ago. Nothing is linked yet.")
        .tone(Tone::Warning)
        .button(Button::new("Yes, it is mine", &["link", "--join", &words]).style(ButtonStyle::Primary)))
    }

    /// Counts the try first, so that nobody guesses while it is looked up. None: wrong.
    async fn try_code(&self, code: &LinkCode, asker: &Asker) -> Result<Option<Account>, Failure> {
        let now = self.clock.now();
        let mut tx = self.store.begin().await?;
        let since = moment(now.as_millisecond() - PAUSE_MS);
        let tries = self.store.count_try(&mut tx, &asker.account, (since, now)).await?;
        if tries > MOST_WRONG {
            if tries == MOST_WRONG + 1 {
                let account = asker.account.to_string();
                let detail = serde_json::json!({ "wrong": MOST_WRONG });
                let act = Act { at: now, actor: &account, action: "link.paused", about: &account, detail };
                self.store.append(&mut tx, &act).await?;
            }
            self.store.commit(tx).await?;
            return Err(Failure::refused(
                format!("{MOST_WRONG} wrong codes came from this account, so it has to pause for an hour."),
                "Nothing was linked. An admin can attest whose an account is.",
            ));
        }
        let entered = self.store.enter_code(&mut tx, code, &asker.account, now).await?;
        if entered.is_some() {
            self.store.uncount_try(&mut tx, &asker.account).await?;
        }
        self.store.commit(tx).await?;
        Ok(entered)
    }
}

fn shown(code: &LinkCode, why: &str) -> Message {
    let code = code.shown();
    Message::new(Text::plain("Your code is ").code(code.clone()).then("."))
        .paragraph(why)
        .hint(
            Text::plain("From an account that I know as yours, on another platform, say ")
                .command(format!("link --code {code}"))
                .then(
                    ". It is good for 10 minutes and one entry; show it to nobody. Are you known nowhere? Ask an admin.",
                ),
        )
        .tone(Tone::Neutral)
}
