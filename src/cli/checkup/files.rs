//! Who may read what lies on the disk.

use std::fs::Metadata;
use std::path::Path;

use secrecy::ExposeSecret;

use super::finding::Finding;
use crate::cli::database::sqlite_file;
use crate::settings::Settings;

/// Others: read, write or enter.
const OTHERS: u32 = 0o007;
const OTHERS_WRITE: u32 = 0o002;
const GROUP: u32 = 0o070;

pub(in crate::cli) fn files(settings: &Settings, secrets: Option<&Path>) -> Vec<Finding> {
    let mut findings = match secrets {
        Some(folder) => secrets_folder(folder),
        None => vec![Finding::warning(
            "secrets",
            "STEWARD_SECRETS_DIR is not set, so there is no secrets folder",
            "Run `steward init`, then set STEWARD_SECRETS_DIR to the folder that it makes.",
        )],
    };
    if let Some(file) = sqlite_file(settings.database_url.expose_secret())
        && let Ok(found) = file.metadata()
        && mode(&found) & OTHERS != 0
    {
        let told = format!("every user of this machine may open {}, which holds names and addresses", file.display());
        findings.push(Finding::warning("files", told, format!("`chmod o= {}*`", file.display())));
    }
    findings
}

fn secrets_folder(folder: &Path) -> Vec<Finding> {
    let shown = folder.display();
    let Ok(found) = folder.metadata() else {
        return vec![Finding::failure("secrets", format!("{shown} cannot be looked at"), "Check who owns it.")];
    };
    let mut findings = Vec::new();
    if mode(&found) & OTHERS_WRITE != 0 {
        let told = format!("every user of this machine may put files into {shown}");
        findings.push(Finding::failure("secrets", told, format!("`chmod 700 {shown}`, and look at what is in it.")));
    } else if mode(&found) & (OTHERS | GROUP) != 0 {
        let told = format!("others may enter {shown}");
        findings.push(Finding::warning("secrets", told, format!("`chmod 700 {shown}`")));
    }
    // A file that is open to every user is a mistake already, found when the settings were read.
    let open_to_group = |it: &std::fs::DirEntry| it.metadata().is_ok_and(|it| it.is_file() && mode(&it) & GROUP != 0);
    for file in folder.read_dir().into_iter().flatten().flatten().filter(open_to_group) {
        let told = format!("the group of {} may open it", file.path().display());
        findings.push(Finding::warning("secrets", told, format!("`chmod 600 {}`", file.path().display())));
    }
    if findings.is_empty() {
        findings.push(Finding::ok("secrets", format!("{shown} is open to its owner alone")));
    }
    findings
}

#[cfg(unix)]
fn mode(found: &Metadata) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    found.permissions().mode()
}

#[cfg(not(unix))]
fn mode(_: &Metadata) -> u32 {
    0
}
