//! The migrations, as they stand in `migrations/`: parts of the program.
//!
//! Named here and not by `sqlx::migrate!`: that macro brings the drivers of both databases into every build a second time, SQLite
//! among them, for the compiler's own use.

use std::sync::LazyLock;

use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::{SqlSafeStr, SqlStr};

/// The files by their names, with what is in them.
macro_rules! files {
    ($($name:literal,)*) => {
        &[$(($name, include_str!(concat!("../../migrations/", $name, ".sql")))),*]
    };
}

/// Version, and what it does. A new file needs its name here.
const FILES: &[(&str, &str)] = files![
    "20261201090000_create_person",
    "20261201090100_create_directory",
    "20261201090200_create_invocation",
    "20261201090300_create_change",
    "20261201090400_create_audit",
    "20261201090500_create_outbox",
    "20261201090600_create_lease",
    "20261202090000_add_approvals",
    "20261202090100_create_question",
    "20261202100000_membership_since",
    "20261215090000_create_audit_outlet",
    "20261215090100_create_activity",
    "20261216090000_create_standing",
    "20261220090000_create_grant",
    "20261221090000_bind_link",
    "20261221090100_create_link_code",
    "20261223090000_create_drift",
    "20261223090100_create_leaver",
    "20261224090000_create_stock",
    "20261228090000_create_key_usage",
    "20261228090100_create_key_life",
    "20261228090200_create_key_claim",
    "20261230090000_create_token",
    "20261231090000_add_key_team",
    "20270102090000_create_spend",
    "20270103090000_create_report",
    "20270105090000_create_limit",
    "20270110090000_create_anomaly",
    "20270112090000_create_claude_code",
];

pub(super) static MIGRATOR: LazyLock<Migrator> =
    LazyLock::new(|| Migrator::with_migrations(FILES.iter().map(|(name, sql)| migration(name, sql)).collect()));

fn migration(name: &str, sql: &'static str) -> Migration {
    let (version, what) = name.split_once('_').expect("a version and what it does");
    let version = version.parse().expect("a version is a number");
    let sql: SqlStr = sql.into_sql_str();
    Migration::new(version, what.replace('_', " ").into(), MigrationType::Simple, sql, false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_in_the_program() {
        let folder = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations")).unwrap();
        let mut found: Vec<String> = folder.map(|it| it.unwrap().file_name().into_string().unwrap()).collect();
        found.sort();
        let named: Vec<String> = FILES.iter().map(|(name, _)| format!("{name}.sql")).collect();
        assert_eq!(named, found);
        assert_eq!(MIGRATOR.iter().count(), found.len());
    }
}
