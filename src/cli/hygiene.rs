//! What was in memory stays there: no core dump, and no other process of the same user that looks in.
//!
//! What is freed is wiped by the allocator (`main.rs`); what a panic or a log line may say is bounded in `logging`.

use rustix::process::{Resource, Rlimit, setrlimit};

/// Closes the process: it writes no core, and cannot be traced or read by others of its user.
///
/// # Errors
///
/// What could not be closed, in a few words; the rest is closed all the same.
pub(super) fn close_memory() -> Result<(), &'static str> {
    let cores = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
    #[cfg(target_os = "linux")]
    rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable)
        .map_err(|_| "other processes of this user may read what this one holds in memory")?;
    cores.map_err(|_| "a crash may leave what this process holds in memory in a core file")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_closed_process_leaves_no_core() {
        close_memory().expect("this machine lets a process close itself");
        let cores = rustix::process::getrlimit(Resource::Core);
        assert_eq!((cores.current, cores.maximum), (Some(0), Some(0)));
        #[cfg(target_os = "linux")]
        assert_eq!(
            rustix::process::dumpable_behavior().expect("a process may ask"),
            rustix::process::DumpableBehavior::NotDumpable
        );
    }
}
