//! Why an API key does not work: switched off, by whom and why; ended; not revealed yet.

use super::Tools;
use super::key::is_own;
use crate::change::{Asker, Failure};
use crate::chat::{Message, Text, Tone};
use crate::domain::{Kind, spoken_name};
use crate::store::{ListedKey, StockState};

/// What is wrong with the asker's own keys, and the next step.
///
/// # Errors
///
/// [`Failure::Internal`] if the database could not be asked.
pub(super) async fn run(tools: &Tools, asker: &Asker) -> Result<Message, Failure> {
    let Some(person) = asker.person.as_ref().filter(|_| asker.linked) else { return Err(Failure::Stranger) };
    let keys: Vec<ListedKey> =
        tools.store.listed_keys(true, tools.clock.now()).await?.into_iter().filter(|it| is_own(asker, it)).collect();
    let mut offered = tools.store.offered_to(&person.id).await?;
    offered.retain(|it| it.state == StockState::Offered);
    let mut findings = Vec::new();
    for row in &offered {
        let Some(id) = row.change else { continue };
        let Some(change) = tools.store.change_numbered(id).await? else { continue };
        let step = Text::plain("waits for you: it begins to work when you reveal it, with ")
            .command(format!("key reveal {}", change.id))
            .then(".");
        findings.push((change.asked.plan.summary.clone(), step));
    }
    let waits = |it: &ListedKey| offered.iter().any(|row| row.key_id == it.key.id);
    for it in keys.iter().filter(|it| it.key.status != "active" && !waits(it)) {
        findings.push((spoken_name(&it.key.name).to_owned(), why(tools, it).await?));
    }
    let works = keys.iter().filter(|it| it.key.status == "active").count();
    let text = match (works, keys.is_empty() && offered.is_empty()) {
        (_, true) => "You have no API key.".to_owned(),
        (0, _) => "None of your API keys works at the moment.".to_owned(),
        (1, _) => "One of your API keys works.".to_owned(),
        (count, _) => format!("{count} of your API keys work."),
    };
    let tone = if findings.is_empty() { Tone::Good } else { Tone::Warning };
    Ok(Message::plain(text).tone(tone).fields(findings).hint(
        Text::plain("A key that works and is refused is used in the wrong place: it reaches its own workspace alone, and a spent limit answers 429. Another one: ")
            .command("key request")
            .then("."),
    ))
}

async fn why(tools: &Tools, it: &ListedKey) -> Result<Text, Failure> {
    let key = &it.key;
    if key.status == "expired" {
        let at = key.expires_at.map_or_else(Text::new, |at| Text::plain(" on ").time(at));
        return Ok(Text::plain("expired").join(at).then(". Nothing brings it back; ask for another one."));
    }
    let state = if key.status == "archived" { "revoked" } else { "switched off" };
    let asked = tools.store.last_made(Kind::KeyStatus, &key.id).await?;
    let text = match asked {
        Some(change) => {
            let reason = change.asked.reason.as_deref().map(|it| format!(", because {it}")).unwrap_or_default();
            let by = Text::plain(format!("{state} by ")).mention(&change.asked.asker_account).then(" on ");
            by.time(change.asked.asked_at).then(reason)
        }
        None => match tools.store.who_did([&key.id, &key.name], tools.clock.now()).await? {
            Some(who) => Text::plain(format!("{state} in the Claude Console, by {who}")),
            None => Text::plain(format!("{state} past me, in the Claude Console or by its own request's end")),
        },
    };
    Ok(match key.status.as_str() {
        "inactive" => text.then(". To have it switched on again: ").command(format!("key enable {}", key.id)).then("."),
        _ => text.then(". Nothing brings it back; ask for another one."),
    })
}
