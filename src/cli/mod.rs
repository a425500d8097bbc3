//! The command line.
pub mod arguments;
pub mod bench;
pub mod exit;
pub mod house;
pub mod sandbox;
pub mod time;
