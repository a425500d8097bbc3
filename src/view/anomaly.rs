//! Words about spend that is unusual.

use jiff::civil::Date;

use crate::chat::{Button, ButtonStyle, Message, Text, Tone};
use crate::clock::Moment;
use crate::domain::{Amount, Basis, Scope, Unusual};

/// Spend that is unusual, with all that is said of it.
#[derive(Clone, Debug)]
pub struct Anomaly {
    /// Whose.
    pub scope: Scope,
    /// What that is called.
    pub name: String,
    /// On which day.
    pub date: Date,
    /// True while the day is not over.
    pub is_running: bool,
    /// How much.
    pub unusual: Unusual,
    /// How sure that is,
    pub basis: Basis,
    /// and how fresh.
    pub as_of: Moment,
    /// The key that rose most, with its owner, and by how much.
    pub key: Option<(String, Amount)>,
    /// The model that rose most, and by how much.
    pub model: Option<(String, Amount)>,
    /// The workspace that rose most, where it is not about one.
    pub workspace: Option<(String, Amount)>,
    /// True if there is a limit that can be braked.
    pub can_brake: bool,
}

/// What is told. `names`: keys, and people, are named. `acts`: there are buttons, for those who decide.
#[must_use]
pub fn message(it: &Anomaly, names: bool, acts: bool) -> Message {
    let whose = match it.scope {
        Scope::Organization => "The organization".to_owned(),
        _ => format!("The workspace {}", it.name),
    };
    let so_far = if it.is_running { " so far" } else { "" };
    let head = Text::plain(format!("{whose} has spent ")).strong(it.unusual.spent.to_string()).then(format!(
        " on {}{so_far}: on a {} it is {} usually.",
        it.date.strftime("%A, %-d %B"),
        it.date.strftime("%A"),
        it.unusual.usual
    ));
    let rose = |(name, more): &(String, Amount)| Text::plain(format!("{name}, {more} more than usual"));
    let key = it.key.as_ref().filter(|_| names);
    let parts =
        [("Most by workspace", it.workspace.as_ref()), ("Most by key", key), ("Most by model", it.model.as_ref())];
    let facts = parts.into_iter().filter_map(|(name, part)| Some((name, rose(part?))));
    let mut message = Message::new(head)
        .tone(Tone::Warning)
        .badge("unusual", Tone::Warning)
        .fields(facts)
        .fields([("How sure that is", Text::plain(format!("{}, as of ", it.basis)).time(it.as_of))])
        .fields([("What I do", Text::plain("nothing but tell, once a day."))]);
    if !acts {
        return message;
    }
    let scope = it.scope.to_string();
    let by = if it.scope == Scope::Organization { "workspace" } else { "key" };
    message =
        message.button(Button::new("Details", &["cost", "--of", &scope, "--period", "today", "--by", by])).button(
            Button::new("Expected", &["report", "expected", &scope])
                .describes("Say no more of it until the week is over"),
        );
    if !it.can_brake {
        let named = if it.scope == Scope::Organization { scope } else { format!("{}:{}", it.scope.kind(), it.name) };
        return message.hint(Text::plain("A limit would hold it: ").command(format!("limit set {named} …")).then("."));
    }
    message.button(Button::new("Brake", &["limit", "brake", &scope]).style(ButtonStyle::Danger).confirm(
        "Brake now?",
        "The keys that spend for it are switched off until the period is over, but for those that are kept.",
        "Brake",
    ))
}
