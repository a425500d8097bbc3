//! The program: from the words behind `steward` to the exit status.

use std::ffi::OsString;
use std::io::ErrorKind;
use std::path::Path;
use std::process::ExitCode;

use clap::Parser;
use clap::error::ErrorKind as Unclear;

use super::arguments::{Arguments, AuditCommand, Command, StockCommand, UsageCommand};
use super::configured::load_settings;
use super::exit::Exit;
use super::output::{Unwritable, remark};
use super::setup::Places;
use super::{
    audit, audit_verify, audit_webhook, completions, doctor, exec, federation, hygiene, init, logging, manifest,
    migrate, run, sandbox, stock, usage, verify,
};
use crate::settings::{Environment, Log, LogFormat, Settings};

/// How secrets begin that somebody may have put on the command line.
const SECRET_BEGINNINGS: [&str; 4] = ["sk-ant-", "xoxb-", "xapp-", "xoxe"];

/// Runs the program.
#[must_use]
pub fn main() -> ExitCode {
    logging::hush_panics();
    if let Err(open) = hygiene::close_memory() {
        remark(format_args!("steward: {open}"));
    }
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(unclear) => return not_understood(&unclear).into(),
    };
    // An error says that a provider is installed already, which is as good.
    let _installed = rustls::crypto::ring::default_provider().install_default();
    let Ok(runtime) = tokio::runtime::Builder::new_multi_thread().enable_all().build() else {
        remark("steward: this machine gives no threads to work with");
        return Exit::Failed.into();
    };
    let exit = runtime.block_on(perform(arguments)).unwrap_or_else(|error| told(&error));
    exit.into()
}

/// Does what the arguments ask for.
///
/// # Errors
///
/// What stopped it; [`Exit::of`] says what that comes to.
pub async fn perform(arguments: Arguments) -> anyhow::Result<Exit> {
    let config = arguments.config;
    match arguments.command {
        Command::Completions(args) => completions::completions(args),
        Command::Sandbox(args) => {
            // Whatever is set for the real one stays out of the sandbox.
            logging::start_logging(&Log { filter: "info".to_owned(), format: LogFormat::Text })?;
            Box::pin(sandbox::sandbox(args)).await
        }
        Command::Init(args) => Box::pin(init::init(args, Places::of_process(config))).await,
        Command::Doctor(args) => doctor::doctor(args, config.as_deref()).await,
        command => {
            let settings = load_settings(&Environment::of_process(), config.as_deref())?;
            logging::start_logging(&settings.log)?;
            for name in &settings.exposed_secrets {
                tracing::warn!(name, "a secret comes from a variable; a file in the secrets folder is safer");
            }
            with_settings(command, settings).await
        }
    }
}

async fn with_settings(command: Command, settings: Settings) -> anyhow::Result<Exit> {
    match command {
        Command::Run => Box::pin(run::run(settings)).await,
        Command::Exec(args) => Box::pin(exec::exec(args, settings)).await,
        Command::Stock(StockCommand::Add(args)) => Box::pin(stock::stock_add(args, settings)).await,
        Command::Stock(StockCommand::List(args)) => stock::stock_list(args, &settings).await,
        Command::Federation(command) => Box::pin(federation::federation(command, settings)).await,
        Command::Usage(UsageCommand::Backfill(args)) => Box::pin(usage::usage_backfill(args, settings)).await,
        Command::Audit(AuditCommand::Export(args)) => audit::audit_export(args, &settings).await,
        Command::Audit(AuditCommand::Verify(args)) => audit_verify::audit_verify(args, &settings).await,
        Command::Audit(AuditCommand::Webhook(args)) => audit_webhook::audit_webhook(args, &settings).await,
        Command::Verify(args) => verify::verify(args, &settings).await,
        Command::Migrate => migrate::migrate(&settings).await,
        Command::Manifest(args) => manifest::manifest(args, Path::new("manifest"), &settings.configuration.command),
        Command::Sandbox(_) | Command::Init(_) | Command::Doctor(_) | Command::Completions(_) => {
            unreachable!("these read no settings, and are served above")
        }
    }
}

/// Tells what stopped a command.
fn told(error: &anyhow::Error) -> Exit {
    // Whoever reads the answer has read enough.
    if error.downcast_ref::<Unwritable>().is_some_and(|it| it.0 == ErrorKind::BrokenPipe) {
        return Exit::Failed;
    }
    for line in format!("{error:#}").lines() {
        remark(format_args!("steward: {line}"));
    }
    Exit::of(error)
}

/// Tells what is wrong with the words, or the help that was asked for.
fn not_understood(unclear: &clap::Error) -> Exit {
    let is_secret = |word: OsString| SECRET_BEGINNINGS.iter().any(|it| word.to_string_lossy().contains(it));
    if std::env::args_os().any(is_secret) {
        remark(
            "steward: this is not understood, and there is a secret in it: those do not belong on a command line, where",
        );
        remark("every process can read them. Replace it now; `steward init` asks for it unseen.");
        return Exit::Misused;
    }
    let _unheard = unclear.print();
    match unclear.kind() {
        Unclear::DisplayHelp | Unclear::DisplayVersion => Exit::Done,
        _ => Exit::Misused,
    }
}
