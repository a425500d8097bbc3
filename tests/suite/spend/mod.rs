//! What was spent: stored, asked for, read from the reports, attributed, and shown.

mod adding_up;
mod asking;
mod judge;
mod million;
mod storing;
