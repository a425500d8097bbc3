//! Runs the built program in a folder of its own, with no variable but those that a test sets, and an organization to ask.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use steward::clock::Clock;
use steward::sandbox::Organization;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use crate::bench::Folder;

/// A master key that nobody generated, to be looked for in everything.
pub(crate) const MASTER_CANARY: &str = "CANARYCANARYCANARYCANARYCANARYCANARYCANARYA=";

pub(crate) struct Shell {
    folder: Folder,
    variables: Vec<(String, String)>,
}

/// What a command said, and how it ended.
pub(crate) struct Said {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Said {
    pub(crate) fn all(&self) -> String {
        format!("exit {}\n{}\n{}", self.code, self.out, self.err)
    }
}

impl Shell {
    pub(crate) fn new() -> Self {
        let own = [
            ("STEWARD_LISTEN", "127.0.0.1:0"),
            ("STEWARD_OPS_LISTEN", "127.0.0.1:0"),
            // No test speaks to the real ones.
            ("SLACK_API_URL", "http://127.0.0.1:1/api"),
            ("DISCORD_API_URL", "http://127.0.0.1:1"),
        ];
        let variables = own.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        Self { folder: Folder::new(), variables }
    }

    /// With a variable more.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.variables.retain(|(it, _)| it != name);
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// With a database to look at, and the master key that it is bound by.
    pub(crate) fn with_master_key(self) -> Self {
        self.with("STEWARD_MASTER_KEY", MASTER_CANARY)
    }

    /// With the key of an [`organization`] at `url`, and a migrated database.
    pub(crate) async fn beside(organization: &Organization, url: &str) -> Self {
        let key = organization.admin_key();
        let shell = Self::new().with_master_key().with("ANTHROPIC_BASE_URL", url).with("ANTHROPIC_ADMIN_KEY", &key);
        assert_eq!(shell.run(&["migrate"], "").await.code, 0);
        shell
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The address of `steward.db` in this folder.
    pub(crate) fn database(&self) -> String {
        format!("sqlite://{}", self.path("steward.db").display())
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    /// The names in the folder, in order.
    pub(crate) fn names(&self) -> Vec<String> {
        let entries = self.folder.path().read_dir().unwrap();
        let mut names: Vec<String> = entries.map(|it| it.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.names().is_empty()
    }

    /// Runs `steward` with these words, and these lines to read.
    pub(crate) async fn run(&self, words: &[&str], input: &str) -> Said {
        let mut child = Command::new(env!("CARGO_BIN_EXE_steward"))
            .args(words)
            .current_dir(self.folder.path())
            .env_clear()
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        // A program that refuses does not read on.
        let _unread = stdin.write_all(input.as_bytes()).await;
        drop(stdin);
        let ended = tokio::time::timeout(Duration::from_mins(1), child.wait_with_output()).await;
        let ended = ended.expect("it ends within a minute").unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Said { code: ended.status.code().unwrap(), out: text(ended.stdout), err: text(ended.stderr) }
    }
}

/// A simulated organization on a port of its own: itself, and the address that `ANTHROPIC_BASE_URL` takes.
pub(crate) async fn organization() -> (Organization, String) {
    let organization = Organization::seeded(7, Clock::system());
    let router = axum::Router::new().nest("/anthropic", organization.admin_api());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/anthropic", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    (organization, url)
}

/// An address where nobody answers.
pub(crate) fn nowhere() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}/anthropic", listener.local_addr().unwrap())
}

/// The permissions of a file, as `chmod` takes them.
pub(crate) fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    path.metadata().unwrap().permissions().mode() & 0o777
}
