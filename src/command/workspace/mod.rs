//! `/claude workspace …`: where keys live, who works there, and how much they may use; and how all that is changed.

mod archive;
mod create;
mod group;
mod limit_setting;
mod limits;
mod list;
mod look;
mod offers;
mod rename;
mod seat;
mod show;
mod throttle;
mod words;

pub use archive::Archive;
pub use create::Create;
pub use group::Workspace;
pub use limit_setting::{LimitName, LimitValue};
pub use limits::Limits;
pub use list::List;
pub use rename::Rename;
pub use seat::{Add, Remove, Role};
pub use show::Show;
