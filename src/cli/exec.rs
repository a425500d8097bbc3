//! `steward exec -- <command>`: any chat command from the command line, through the same pipeline.
//!
//! The actor is the operator, who may ask for everything an admin may and decide nothing. What needs an approval waits for a
//! person in chat; messages that it causes lie in the outbox until a running bot delivers them.

use super::alone::{house_alone, os_user};
use super::arguments::ExecArgs;
use super::database;
use super::exit::{Exit, Misuse, Refusal};
use super::output::{remark, say, write};
use crate::change::Failure;
use crate::chat::{
    Account, Block, Content, File, Greeting, Invocation, InvocationId, Message, Place, Said, Says, Standing, Text, Tone,
};
use crate::clock::Clock;
use crate::command::{self, Command};
use crate::random::Random;
use crate::settings::Settings;
use crate::view;

/// Runs one chat command.
///
/// # Errors
///
/// [`Misuse`] for a command that cannot be understood, [`Refusal`] for one that only a person in chat may give.
pub async fn exec(args: ExecArgs, settings: Settings) -> anyhow::Result<Exit> {
    let words = words(&args)?;
    let changes_nothing = command::parse(&words).is_ok_and(|it| it.only_looks());
    let clock = Clock::system();
    let store = database::open(&settings).await?;
    let house = house_alone(store, &settings, &clock).await?;
    let invocation = Invocation {
        id: InvocationId::single(Random::system().id("exec")),
        who: Account::operator(&os_user()),
        standing: Standing::default(),
        place: Place { channel: "operator:terminal".into(), direct: true },
        said: Said::Command(words),
        at: clock.now(),
    };
    let root = house.dispatch.root();
    if !changes_nothing && let Err(failure) = house.check_organization().await {
        house.finish().await;
        return Ok(failed(failure, &root));
    }
    let answer = match house.dispatch.greet(&invocation) {
        Greeting::Answer(message) => Ok(Says::Message(message)),
        Greeting::Wait(_) | Greeting::Open(_) => house.dispatch.try_serve(&invocation).await,
    };
    house.finish().await;
    match answer {
        Ok(says) => told(says, args.json),
        Err(failure) => Ok(failed(failure, &root)),
    }
}

/// Says what went wrong, and gives the exit status of its kind. `root` is the root command: what somebody is to type next is
/// typed in chat.
fn failed(failure: Failure, root: &str) -> Exit {
    let exit = match failure {
        Failure::Refused { .. } | Failure::Stranger => Exit::Refused,
        Failure::Mistake { .. } => Exit::Misused,
        Failure::Upstream(_) | Failure::Internal(_) => Exit::Failed,
    };
    let incident = Random::system().short(8);
    tracing::error!(%incident, trouble = %failure.logged(), "the command failed");
    remark(view::plain(&failure.told(&incident).rooted(root)));
    exit
}

/// The chat command's words, as the operator may give them.
fn words(args: &ExecArgs) -> anyhow::Result<Vec<String>> {
    let mut words = args.words.clone();
    if args.dry_run {
        words.push("--dry-run".into());
    }
    if args.json {
        words.push("--json".into());
    }
    let understood = |words: &[String]| {
        // A command that would pass here is one that is typed here.
        let said = |text: Text| text.rooted("steward exec --").to_plain();
        command::parse(words)
            .map_err(|mistake| Misuse(format!("{} {}", said(mistake.text().clone()), said(mistake.hint()))))
    };
    let command = understood(&words)?;
    if is_for_people_only(&command) {
        let verb = command.verb();
        return Err(
            Refusal(format!("`{verb}` is for people in chat only: the command line may ask, never decide.")).into()
        );
    }
    if let Some(person) = &args.r#for {
        words = on_behalf_of(person, words);
        understood(&words).map_err(|_| {
            Misuse(format!("`{}` asks for nothing, so it cannot be on somebody's behalf.", command.verb()))
        })?;
    }
    Ok(words)
}

/// Says on whose behalf something is asked for, before any other reason.
fn on_behalf_of(person: &str, words: Vec<String>) -> Vec<String> {
    let mut rest = Vec::new();
    let mut reason = format!("on behalf of {person}");
    let mut words = words.into_iter();
    while let Some(word) = words.next() {
        let given = word
            .strip_prefix("--reason=")
            .map(ToOwned::to_owned)
            .or_else(|| (word == "--reason").then(|| words.next()).flatten());
        match given {
            Some(given) => reason = format!("{reason}: {given}"),
            None => rest.push(word),
        }
    }
    rest.push(format!("--reason={reason}"));
    rest
}

/// Approving, denying, linking, and whatever is about others' rights always need a person whose platform vouches for them.
fn is_for_people_only(command: &Command) -> bool {
    use command::request::Request;
    matches!(
        command,
        Command::Link(_)
            | Command::Grant(_)
            | Command::Policy(_)
            | Command::Key(command::key::Key::Reveal(_) | command::key::Key::Token(_))
            | Command::Request(Request::Approve(_) | Request::Deny(_))
    )
}

fn told(says: Says, json: bool) -> anyhow::Result<Exit> {
    let message = match says {
        Says::Message(message) => message,
        Says::Home(home) => {
            for section in &home.sections {
                say(view::plain(section))?;
            }
            return Ok(Exit::Done);
        }
        Says::Form(form) => {
            let names: Vec<&str> = form.fields.iter().map(|it| it.label.as_str()).collect();
            let option = form.fields.first().map_or("", |it| it.name.as_str());
            remark(format!("{} {}: add {option} to the command.", form.intro.to_plain(), names.join(", ")));
            return Ok(Exit::Misused);
        }
        Says::Suggestions(_) | Says::Secret(..) | Says::Nothing => return Ok(Exit::Done),
    };
    match message.blocks.iter().find_map(|it| if let Block::Code(text) = it { Some(text) } else { None }) {
        Some(text) if json => say(text)?,
        _ if json => say(
            serde_json::json!({ "text": message.text.to_plain(), "hint": message.hint.as_ref().map(Text::to_plain) }),
        )?,
        _ => said(&message)?,
    }
    Ok(if message.tone == Tone::Bad { Exit::Failed } else { Exit::Done })
}

/// The answer. Where a table goes along, the table is the answer, ready to be put into a file, and the words are remarks.
fn said(message: &Message) -> anyhow::Result<()> {
    let mut tables = message.blocks.iter().filter_map(|it| match it {
        Block::File(File { content: Content::Csv(text), .. }) => Some(text),
        _ => None,
    });
    match tables.next() {
        Some(text) => {
            remark(view::plain(message));
            write(text.as_bytes())?;
        }
        None => say(view::plain(message))?,
    }
    Ok(())
}
