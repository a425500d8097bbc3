//! The conversation, without a platform: what people say, what they are told, and the four traits through which the
//! house reaches a chat.

mod account;
mod card;
mod chart;
mod file;
mod form;
mod invocation;
mod message;
mod number;
mod reply;
mod rooted;
mod target;
mod text;
mod traits;

pub use account::{Account, BadAccount, Kind, Platform, Standing};
pub use card::{Badge, Tone};
pub use chart::{Chart, ChartKind, Series, compact};
pub use file::{Content, File};
pub use form::{Field, FieldKind, Form};
pub use invocation::{Invocation, InvocationId, Place, Said};
pub use message::{Acknowledgement, Block, Button, ButtonStyle, Confirm, Details, Message, SecretHandle, Table, Token};
pub use number::grouped;
pub use reply::{Audience, Greeting, Home, Reply, Says};
pub use target::{Receipt, Target};
pub use text::{Span, Text};
pub use traits::{Answer, LeaseAnswer, Memory, Messenger, Revealed, Roster, SendError, Vault, VaultError};
