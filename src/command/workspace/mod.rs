//! `/claude workspace list/show/limits`: where keys live, who works there, and how much they may use.

mod group;
mod limits;
mod list;
mod look;
mod show;
mod words;

pub use group::Workspace;
pub use limits::Limits;
pub use list::List;
pub use show::Show;
