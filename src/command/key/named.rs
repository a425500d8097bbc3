//! Which API key is meant, by whoever may know of it: their own, or any for whoever looks after them all.

use crate::change::{Asker, Failure};
use crate::chat::Text;
use crate::command::Tools;
use crate::command::ask::short_text;
use crate::domain::{Permission, Right, Toward, spoken_name};
use crate::store::ListedKey;

/// How many of several are named.
const MOST_NAMED: usize = 5;
/// How every key of Anthropic's begins.
const KEY_BEGINNING: &str = "sk-ant-";
/// The longest name that is taken, in characters.
const LONGEST_NAME: usize = 80;

/// A name, an `apikey_…` id, or a hint such as `sk-ant-api03-R2D...igAA`.
pub(in crate::command) fn key_named(text: &str) -> Result<String, String> {
    let text = text.trim();
    // Longer than any hint: somebody has pasted the key itself. It is not repeated.
    if text.contains(KEY_BEGINNING) && !text.contains("...") {
        return Err("a key itself is never typed here: name it, or report it as leaked".to_owned());
    }
    short_text(text, 500)
}

/// A new name for a key.
pub(super) fn new_name(text: &str) -> Result<String, String> {
    let text = plain_words(text, LONGEST_NAME)?;
    if text.trim().is_empty() || text.chars().any(char::is_control) {
        return Err("a name of 1 to 80 characters is expected".to_owned());
    }
    Ok(text.trim().to_owned())
}

/// Words that may hold anything but a key.
pub(super) fn plain_words(text: &str, most: usize) -> Result<String, String> {
    if text.contains(KEY_BEGINNING) {
        return Err("a key itself is never typed here; if it is one, revoke it".to_owned());
    }
    short_text(text, most)
}

/// True for whoever may know of every key.
pub(super) fn sees_all(asker: &Asker) -> bool {
    asker.right(Permission::KeyManage, Toward::Other) == Right::Do
}

/// True if the key is the asker's.
pub(in crate::command) fn is_own(asker: &Asker, it: &ListedKey) -> bool {
    let Some(person) = &asker.person else { return false };
    match &it.record {
        Some(record) => record.owner == person.id,
        None => it.key.kind == "personal" && it.key.owner_id.is_some() && it.key.owner_id == person.member_id,
    }
}

/// True if the asker made the key by hand, and nobody looks after it: they may ask to.
fn is_made_by(asker: &Asker, it: &ListedKey) -> bool {
    let member = asker.person.as_ref().filter(|_| asker.linked).and_then(|it| it.member_id.as_ref());
    it.record.is_none() && !it.in_stock && it.key.created_by.is_some() && it.key.created_by.as_ref() == member
}

/// The one key that `said` means; none if none goes by that.
///
/// # Errors
///
/// [`Failure::Mistake`] if several do.
pub(super) async fn found(tools: &Tools, asker: &Asker, said: &str) -> Result<Option<ListedKey>, Failure> {
    let all = sees_all(asker);
    let may_know = |it: &ListedKey| all || is_own(asker, it) || is_made_by(asker, it);
    let known = tools.store.listed_keys(true, tools.clock.now()).await?.into_iter().filter(may_know);
    let plain = said.to_lowercase();
    let mut found: Vec<ListedKey> = known.filter(|it| goes_by(it, said, &plain)).collect();
    if found.len() > 1 && found.iter().any(|it| it.key.status != "archived") {
        found.retain(|it| it.key.status != "archived");
    }
    if found.len() > 1 {
        // One that was replaced has its successor's name: the successor is meant.
        let lives = tools.store.key_lives().await?;
        let is_replaced = |it: &ListedKey| lives.get(&it.key.id).is_some_and(|it| it.next.is_some());
        if found.iter().any(|it| !is_replaced(it)) {
            found.retain(|it| !is_replaced(it));
        }
    }
    match found.len() {
        0 => Ok(None),
        1 => Ok(Some(found.remove(0))),
        _ => {
            let ids: Vec<&str> = found.iter().take(MOST_NAMED).map(|it| it.key.id.as_str()).collect();
            let more = if found.len() > MOST_NAMED { " and more" } else { "" };
            Err(Failure::mistake(
                format!("Several API keys are called that: {}{more}.", ids.join(", ")),
                "Nothing was changed. Name the one you mean by its id.",
            ))
        }
    }
}

/// The one key that `said` means. What somebody may not know of is as if it were not there.
pub(in crate::command) async fn find(tools: &Tools, asker: &Asker, said: &str) -> Result<ListedKey, Failure> {
    found(tools, asker, said).await?.ok_or_else(|| {
        Failure::mistake(
            format!("No API key of yours goes by {said}."),
            Text::plain("Nothing was changed. See ").command("key list").then("."),
        )
    })
}

fn goes_by(it: &ListedKey, said: &str, plain: &str) -> bool {
    let name = it.key.name.to_lowercase();
    it.key.id == said || it.key.hint.as_deref() == Some(said) || name == plain || spoken_name(&name) == plain
}
