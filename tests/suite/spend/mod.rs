//! What was spent: stored, asked for, read from the reports, attributed, and shown.

mod storing;
