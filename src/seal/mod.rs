//! Sealing and opening what must not lie readable at rest, and the MACs that show whether a row was touched.
//!
//! Everything hangs on one root, the [`MasterKey`]. From it come, by HKDF-SHA256 with a label each, the key-encryption
//! key of the [`Seal`] and the keys of the three [`Mac`]s, so that no two uses share a key. Nothing here reads a clock,
//! a file or the environment; randomness is handed in.

mod envelope;
mod error;
mod key_id;
mod mac;
mod master;
mod sealed;

pub use envelope::{Context, Seal};
pub use error::Error;
pub use key_id::KeyId;
pub use mac::Mac;
pub use master::MasterKey;
pub use sealed::Sealed;
