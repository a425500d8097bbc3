//! What "limit exceeded" means: which limit, whose, until when, and who may raise it.

use super::Tools;
use super::key::is_own;
use super::limit::{Sees, Stand, sees, stands};
use crate::change::{Asker, Failure};
use crate::chat::{Button, Message, Text, Tone};
use crate::domain::{Brake, SLOW_AT, reaches, scope_words, spoken_name};

/// Which limits the asker has run into, and the next step.
///
/// # Errors
///
/// [`Failure::Internal`] if the database could not be asked.
pub(super) async fn run(tools: &Tools, asker: &Asker) -> Result<Message, Failure> {
    if asker.person.is_none() || !asker.linked {
        return Err(Failure::Stranger);
    }
    let mut near = Vec::new();
    for stand in stands(tools).await? {
        let is_near = reaches(stand.spent.amount, SLOW_AT, stand.amount);
        if is_near && sees(tools, asker, &stand.limit).await? != Sees::Nothing {
            near.push(stand);
        }
    }
    let held = held_keys(tools, asker).await?;
    let reached = near.iter().filter(|it| reaches(it.spent.amount, 100, it.amount)).count();
    let text = match (reached, held.is_empty()) {
        (0, true) => "No limit that I know of is reached.",
        (0, false) => "Keys of yours are switched off because of a limit.",
        (1, _) => "A limit is reached.",
        _ => "Several limits are reached.",
    };
    let tone = if reached == 0 && held.is_empty() { Tone::Good } else { Tone::Warning };
    let mut message = Message::plain(text).tone(tone).fields(near.iter().map(field).collect::<Vec<_>>());
    if !held.is_empty() {
        let said = format!("{}: switched on again when the limit begins anew.", held.join(", "));
        message = message.fields([("Switched off by it", Text::plain(said))]);
    }
    for it in near.iter().take(3) {
        let scope = it.limit.terms.scope.to_string();
        let label = format!("Raise it for {}", scope_words(&it.limit.terms.scope, &it.limit.name));
        let words = ["limit", "raise", &scope, "--per", it.limit.terms.per.as_str()];
        message = message.button(Button::new(&label, &words));
    }
    Ok(message.hint(
        Text::plain("An admin, or whoever looks after billing, decides whether one is raised. An answer 429 without a limit here is Anthropic's own: too many requests in a minute (see ")
            .command("workspace limits …")
            .then("), or a spend limit of the Claude Console, which only an admin sees there."),
    ))
}

fn field(it: &Stand) -> (String, Text) {
    let words = it.limit.words();
    let whose = words.strip_prefix("the ").map_or_else(|| words.clone(), |rest| format!("The {rest}"));
    let does = match (it.limit.terms.brake, reaches(it.spent.amount, 100, it.amount)) {
        (Brake::Soft, _) => "it only warns",
        (Brake::Hard, false) => "rate limits are lowered",
        (Brake::Hard, true) => "rate limits are lowered, and keys are switched off",
    };
    let text = Text::plain(format!("{} of {}; {does}; begins anew ", it.spent.amount, it.amount)).time(it.period.to);
    (whose, text)
}

/// The asker's own keys that a brake has switched off.
async fn held_keys(tools: &Tools, asker: &Asker) -> Result<Vec<String>, Failure> {
    let mut held = Vec::new();
    for it in tools.store.listed_keys(false, tools.clock.now()).await? {
        let is_off = is_own(asker, &it) && it.key.status == "inactive";
        if is_off && !tools.store.brakes_of_key(&it.key.id).await?.is_empty() {
            held.push(spoken_name(&it.key.name).to_owned());
        }
    }
    Ok(held)
}
