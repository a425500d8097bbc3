//! What every change of the organization is made with.

use crate::clock::Moment;
use crate::random::Random;

/// What a change is made with.
pub(super) struct Tools<'a> {
    pub(super) now: Moment,
    pub(super) random: &'a Random,
}
