//! Links strangers whose invitation was accepted: the address they asked with is a member's now.

use std::sync::Arc;

use crate::change::{Failure, Pipeline};

/// Settles proposed links.
#[derive(Clone)]
pub struct Arrivals {
    pipeline: Arc<Pipeline>,
}

impl Arrivals {
    /// Arrivals that `pipeline` links.
    #[must_use]
    pub fn new(pipeline: Arc<Pipeline>) -> Self {
        Self { pipeline }
    }

    /// Links everybody who arrived, and greets them. Answers how many.
    ///
    /// # Errors
    ///
    /// Any [`Failure`] of the database.
    pub async fn settle(&self) -> Result<usize, Failure> {
        self.pipeline.settle_arrivals().await
    }
}
