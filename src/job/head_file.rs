//! The file beside the database in which signed heads are kept, one JSON object a line, and next to it the public key.
//!
//! Whoever can write to the database's folder can write here, too: the file helps who looks into a trail, the channel proves.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use crate::domain::{Heads, SignedHead, read_heads};
use crate::seal::PublicKey;

/// The name of the file.
const NAME: &str = "audit-head.jsonl";
/// The name of the public key's, in the form that `openssl` reads.
const KEY_NAME: &str = "audit-head.pub";
/// More than two lines.
const END_BYTES: u64 = 4_096;
/// More than a hundred years of heads.
const MOST_BYTES: u64 = 4 << 30;

/// The file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeadFile(PathBuf);

impl HeadFile {
    /// The file beside a SQLite database, or in the working folder where the database is a server's.
    #[must_use]
    pub fn beside(database: Option<&Path>) -> Self {
        Self(database.and_then(Path::parent).unwrap_or(Path::new("")).join(NAME))
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Everything that it holds; nothing if it is not there.
    ///
    /// # Errors
    ///
    /// If it cannot be read.
    pub fn read(&self) -> io::Result<Heads> {
        let mut text = Vec::new();
        match File::open(&self.0) {
            Ok(file) => file.take(MOST_BYTES).read_to_end(&mut text)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Heads::default()),
            Err(error) => return Err(error),
        };
        Ok(read_heads(&String::from_utf8_lossy(&text)))
    }

    /// The last head in it that can be read.
    ///
    /// # Errors
    ///
    /// If it cannot be read.
    pub fn newest(&self) -> io::Result<Option<SignedHead>> {
        let mut file = match File::open(&self.0) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(END_BYTES)))?;
        let mut end = Vec::new();
        file.take(END_BYTES).read_to_end(&mut end)?;
        Ok(read_heads(&String::from_utf8_lossy(&end)).read.pop())
    }

    /// Adds a head, on the disk before this returns. A line that a crash has cut off is ended first.
    ///
    /// # Errors
    ///
    /// If it cannot be written.
    pub fn append(&self, head: &SignedHead, key: &PublicKey) -> io::Result<()> {
        let mut file = OpenOptions::new().read(true).append(true).create(true).open(&self.0)?;
        let ended = match file.seek(SeekFrom::End(-1)) {
            Ok(_) => {
                let mut last = [0];
                file.read_exact(&mut last)?;
                last == *b"\n"
            }
            // It is empty.
            Err(_) => true,
        };
        let gap = if ended { "" } else { "\n" };
        file.write_all(format!("{gap}{}\n", head.to_line()).as_bytes())?;
        file.sync_data()?;
        self.keep_key(key)
    }

    fn keep_key(&self, key: &PublicKey) -> io::Result<()> {
        let path = self.0.with_file_name(KEY_NAME);
        let pem = key.to_pem();
        if std::fs::read(&path).is_ok_and(|kept| kept == pem.as_bytes()) { Ok(()) } else { std::fs::write(&path, pem) }
    }
}
