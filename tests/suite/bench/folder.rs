//! A new, empty folder that only this user can read and that goes away with its owner.

use std::fs::{self, DirBuilder};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use steward::random::Random;

/// Removed on drop, with all that it holds.
pub(crate) struct Folder(PathBuf);

impl Folder {
    /// A folder below the system's place for temporary files.
    pub(crate) fn new() -> Self {
        let path = std::env::temp_dir().join(Random::system().id("steward-test"));
        DirBuilder::new().mode(0o700).create(&path).expect("a test needs a folder of its own");
        Self(path)
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // A process that was just killed may still be writing its last file.
        for _ in 0..200 {
            if fs::remove_dir_all(&self.0).is_ok() || !self.0.exists() {
                return;
            }
            thread::sleep(Duration::from_millis(10));
        }
    }
}

#[test]
fn a_folder_goes_away_with_what_it_holds() {
    let folder = Folder::new();
    let path = folder.path().to_owned();
    fs::write(path.join("a"), "b").unwrap();
    drop(folder);
    assert!(!path.exists());
}
