//! Limits: set and raised in chat, told once a threshold, and what is done at a hard one.

pub(crate) mod bills;
mod braking;
mod calendar;
mod flowing;
mod setting;
mod watching;
