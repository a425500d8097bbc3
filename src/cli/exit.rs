//! Placeholder.
/// Exit.
pub enum Exit {
    /// Done.
    Done,
}
