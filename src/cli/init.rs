//! `steward init`: asks, checks each answer where it will be used, and writes `steward.toml` and a secrets folder.
//!
//! All or nothing: files are written beside their place and moved there at the end. Nothing is overwritten, nothing secret
//! is shown.

use anyhow::{anyhow, bail};
use jiff::tz::TimeZone;
use secrecy::{ExposeSecret, SecretString};

use super::arguments::InitArgs;
use super::configured::load_settings;
use super::database::{sentence, sqlite_file};
use super::exit::{Exit, Misuse, Refusal};
use super::output::{remark, say};
use super::setup::{Answers, Interview, Places, Question, Staging, discord, private_file, slack};
use super::upstream;
use crate::claude::{OFFICIAL_BASE_URL, Organization};
use crate::clock::Clock;
use crate::job::recall_organization;
use crate::random::Random;
use crate::seal::MasterKey;
use crate::settings::{Environment, Settings};
use crate::store::{Lock, Store, StoreMemory};

const ADMIN_KEY: &str = "Anthropic admin key (from the Claude Console, Settings, Admin keys; not shown):";
const DATABASE: &str = "Database address, or Enter for a file of its own, steward.db (not shown):";
const MASTER_KEY: &str = "Master key, 32 bytes in base64, or Enter to make a new one (not shown):";
const DOMAINS: &str = "Your mail domains, whose people may link by themselves, such as example.com, or Enter for none:";
const FIRST_ADMIN: &str =
    "First admin, such as slack:T01/U01ADA or discord:80351110224678912, or Enter for nobody yet:";

/// Asks and writes.
///
/// # Errors
///
/// [`Refusal`] if something would be overwritten, [`Misuse`] for an answer that cannot be, else what a service said to an
/// answer. Nothing was written then.
pub async fn init(args: InitArgs, places: Places) -> anyhow::Result<Exit> {
    places.must_be_free()?;
    let clock = Clock::system();
    let mut interview = Interview::on_stdin(args.yes);
    let (admin_key, organization) = admin_key(&mut interview, &places, &clock).await?;
    let mut answers = Answers {
        admin_key,
        master_key: MasterKey::generate(&Random::system()),
        database_url: None,
        base_url: places.base_url.clone().filter(|it| it.trim_end_matches('/') != OFFICIAL_BASE_URL),
        verified_domains: Vec::new(),
        first_admins: Vec::new(),
        time_zone: "UTC".to_owned(),
        slack: None,
        discord: None,
    };
    database(&mut interview, &mut answers).await?;
    if let Some(given) = master_key(&mut interview).await? {
        answers.master_key = given;
    }
    configuration(&mut interview, &mut answers, &places).await?;
    answers.slack = slack(&mut interview, places.slack_api_url.as_deref()).await?;
    answers.discord = discord(&mut interview, places.discord_api_url.as_deref()).await?;
    if answers.first_admins.is_empty() {
        remark(
            "Nobody is an admin yet, so nobody can approve anything: set `first_admins` in steward.toml before you run it.",
        );
    }
    let staging = Staging::write(&places, &answers.configuration(), &answers.secrets())?;
    let settings = staged(&staging)?;
    prepare(&settings, &clock, &organization).await?;
    staging.commit()?;
    farewell(&places)?;
    Ok(Exit::Done)
}

/// The admin key, and whose it is: the organization itself says so, and the operator agrees.
async fn admin_key(
    interview: &mut Interview,
    places: &Places,
    clock: &Clock,
) -> anyhow::Result<(SecretString, Organization)> {
    let base_url = places.base_url.as_deref().unwrap_or(OFFICIAL_BASE_URL);
    let question = Question { text: ADMIN_KEY, default: None, is_secret: true };
    let accept = async |key: SecretString| {
        if !key.expose_secret().starts_with("sk-ant-") {
            bail!(Misuse("An admin key begins with `sk-ant-`.".to_owned()));
        }
        let told = |trouble: upstream::Trouble| anyhow!("{} {}", trouble.what, trouble.todo);
        let reader = upstream::reader(base_url, &key, clock).map_err(told)?;
        let organization = upstream::organization(&reader).await.map_err(told)?;
        Ok((key, organization))
    };
    let (key, organization) = interview.ask(&question, accept).await?;
    remark(format_args!("This key runs the organization {:?}, {:?}.", organization.name, organization.id));
    if !interview.confirm("Is that the one?").await? {
        bail!(Refusal("Then it is another key that is needed. Nothing was written.".to_owned()));
    }
    Ok((key, organization))
}

async fn master_key(interview: &mut Interview) -> anyhow::Result<Option<MasterKey>> {
    let question = Question { text: MASTER_KEY, default: Some(""), is_secret: true };
    let accept = async |text: SecretString| {
        if text.expose_secret().is_empty() {
            return Ok(None);
        }
        match MasterKey::parse(&text) {
            Ok(key) => Ok(Some(key)),
            Err(error) => bail!(Misuse(format!("{error}."))),
        }
    };
    interview.ask(&question, accept).await
}

/// The database, which must answer. Nothing is made in it yet, so that any master key will do.
async fn database(interview: &mut Interview, answers: &mut Answers) -> anyhow::Result<()> {
    let question = Question { text: DATABASE, default: Some(""), is_secret: true };
    let master_key = &answers.master_key;
    let accept = async |url: SecretString| {
        let text = url.expose_secret();
        match sqlite_file(text) {
            _ if text.is_empty() => return Ok(None),
            Some(file) if !file.exists() => {
                let folder = file.parent().filter(|it| !it.as_os_str().is_empty());
                if folder.is_some_and(|it| !it.is_dir()) {
                    bail!(Misuse("The folder of that file is not there.".to_owned()));
                }
            }
            _ => Store::open(text, master_key).await.map_err(|error| anyhow!(sentence(&error)))?.close().await,
        }
        Ok(Some(url))
    };
    answers.database_url = interview.ask(&question, accept).await?;
    Ok(())
}

/// What goes into `steward.toml`. Each answer is judged by the settings themselves.
async fn configuration(interview: &mut Interview, answers: &mut Answers, places: &Places) -> anyhow::Result<()> {
    let question = Question { text: DOMAINS, default: Some(""), is_secret: false };
    let accept = async |text: SecretString| {
        answers.verified_domains = items(&text);
        judged(answers, places)
    };
    interview.ask(&question, accept).await?;
    let question = Question { text: FIRST_ADMIN, default: Some(""), is_secret: false };
    let accept = async |text: SecretString| {
        answers.first_admins = items(&text);
        judged(answers, places)
    };
    interview.ask(&question, accept).await?;
    let here = TimeZone::system();
    let usual = here.iana_name().unwrap_or("UTC");
    let text = format!("Time zone of its calendar [{usual}]:");
    let question = Question { text: &text, default: Some(usual), is_secret: false };
    let accept = async |text: SecretString| {
        text.expose_secret().clone_into(&mut answers.time_zone);
        judged(answers, places)
    };
    interview.ask(&question, accept).await
}

/// What lies between commas or spaces.
fn items(text: &SecretString) -> Vec<String> {
    let parts = text.expose_secret().split([',', ' ']).map(str::trim);
    parts.filter(|it| !it.is_empty()).map(str::to_owned).collect()
}

/// Whether the settings take these answers.
fn judged(answers: &Answers, places: &Places) -> anyhow::Result<()> {
    let staging = Staging::write(places, &answers.configuration(), &[])?;
    staged(&staging).map(drop)
}

/// The settings as they will be, with no variable of this process among them.
fn staged(staging: &Staging<'_>) -> anyhow::Result<Settings> {
    let environment: Environment = [("STEWARD_SECRETS_DIR", staging.secrets())].into_iter().collect();
    Ok(load_settings(&environment, Some(staging.config()))?)
}

/// Makes the database ready, and sees that neither its trail nor its organization is somebody else's.
async fn prepare(settings: &Settings, clock: &Clock, organization: &Organization) -> anyhow::Result<()> {
    let failed = |error: crate::store::Error| anyhow!(sentence(&error));
    let url = settings.database_url.expose_secret();
    let _lock = Lock::take(url).map_err(failed)?;
    if let Some(file) = sqlite_file(url) {
        private_file(&file).map_err(|error| anyhow!("The database cannot be made: {}.", error.kind()))?;
    }
    let store = Store::open(url, settings.master_key()?).await.map_err(failed)?;
    store.migrate().await.map_err(failed)?;
    store.check().await.map_err(failed)?;
    let trail = store.verify_audit().await.map_err(failed)?;
    let known = recall_organization(&StoreMemory::new(store.clone(), clock.clone())).await;
    store.close().await;
    if trail.broken.is_some() {
        bail!(Refusal(
            "This database was used with another master key: give that one. Nothing was written.".to_owned()
        ));
    }
    if known.is_some_and(|it| it != organization.id) {
        bail!(Refusal(
            "This database belongs to another organization: choose another. Nothing was written.".to_owned()
        ));
    }
    Ok(())
}

fn farewell(places: &Places) -> anyhow::Result<()> {
    let secrets = places.secrets.canonicalize().unwrap_or_else(|_| places.secrets.clone());
    let secrets = secrets.to_string_lossy();
    let quoted = |text: &str| shlex::try_quote(text).map_or_else(|_| text.to_owned(), std::borrow::Cow::into_owned);
    let config = if places.config.as_os_str() == "steward.toml" {
        String::new()
    } else {
        format!(" --config {}", quoted(&places.config.to_string_lossy()))
    };
    say(format_args!("{} and {} are written.", places.config.display(), places.secrets.display()))?;
    say(
        "Keep a copy of steward_master_key in a safe place: without it nothing that the database seals can be opened.",
    )?;
    say("\nNext:")?;
    say(format_args!("  export STEWARD_SECRETS_DIR={}", quoted(&secrets)))?;
    say(format_args!("  steward doctor{config}"))?;
    say(format_args!("  steward run{config}"))?;
    Ok(())
}
