//! The command line: one file per subcommand. It wires everything, opens the doors, and closes them in reverse order.
//!
//! What a command answers goes to standard output, everything else to standard error. How it ended is an [`Exit`].

mod alone;
mod arguments;
mod audit;
mod audit_verify;
mod audit_webhook;
mod bench;
mod checkup;
mod completions;
mod configured;
mod database;
mod directory_jobs;
mod discord;
mod doctor;
mod exec;
mod exit;
mod federation;
mod federation_apply;
mod federation_plan;
mod folder;
pub mod house;
mod hygiene;
mod init;
mod key_jobs;
mod logging;
mod manifest;
mod migrate;
mod output;
mod outside;
mod program;
pub mod reload;
mod roster;
mod run;
mod running;
mod sandbox;
mod seats;
mod setup;
mod sides;
mod slack;
mod stock;
mod stock_load;
mod stock_words;
mod time;
mod upstream;
mod usage;
mod verify;

pub use arguments::{
    Arguments, AuditCommand, AuditExportArgs, AuditFormat, AuditVerifyArgs, AuditWebhookArgs, Bound, Command,
    CompletionsArgs, DoctorArgs, ExecArgs, FederationCommand, FederationRecordArgs, FederationRevokeArgs,
    FederationSetupArgs, InitArgs, JsonArgs, ManifestArgs, SandboxArgs, StockAddArgs, StockCommand, UsageBackfillArgs,
    UsageCommand,
};
pub use audit::audit_export;
pub use audit_verify::audit_verify;
pub use audit_webhook::audit_webhook;
pub use completions::completions;
pub use configured::load_settings;
pub use doctor::doctor;
pub use exec::exec;
pub use exit::{Exit, Misuse, Refusal};
pub use federation::federation;
pub use federation_apply::{Federated, Federating};
pub use federation_plan::{Prepared, PreparedPlace};
pub use init::init;
pub use logging::{hush_panics, start_logging};
pub use manifest::manifest;
pub use migrate::migrate;
pub use program::{main, perform};
pub use run::run;
pub use running::Running;
pub use sandbox::{Sandbox, sandbox};
pub use setup::Places;
pub use stock::{stock_add, stock_list};
pub use stock_load::{Loader, Report};
pub use time::ClockTime;
pub use upstream::ClientTime;
pub use usage::usage_backfill;
pub use verify::verify;
