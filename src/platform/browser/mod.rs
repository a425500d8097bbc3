//! The sandbox's chat: a room of people, channels and messages in memory, and the page that shows it.
//!
//! The same four files as the other platforms (`listen`, `inbound`, `render`, `messenger`), and the room itself, which
//! elsewhere is the platform's own business.

mod assets;
mod cast;
mod converse;
mod guard;
mod history;
mod inbound;
mod listen;
mod live;
mod messenger;
mod parts;
mod refusal;
mod render;
mod room;
mod saved;
mod stir;

pub use cast::{BOT, Cast, Channel, Person};
pub use guard::{guard, loopback_hosts};
pub use listen::router;
pub use messenger::RoomMessenger;
pub use parts::Parts;
pub use room::Room;
pub use saved::{BadSnapshot, keep_saved};
pub use stir::Touch;
