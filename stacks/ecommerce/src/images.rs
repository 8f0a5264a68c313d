//! The image repositories of the services.

use meshsynth::Stack;
use meshsynth::ecr::{Repository, RepositoryProps};

/// The image repositories, in the order of [`NAMES`].
pub struct Images([Repository; 6]);

/// The six services.
pub const NAMES: [&str; 6] = ["customers", "orders", "payments", "products", "recommendations", "saga"];

pub fn define(stack: &Stack) -> Images {
    Images(NAMES.map(|name| Repository::new(stack, &format!("{name}-images"), RepositoryProps::default())))
}

impl Images {
    /// Returns the repository of a service.
    pub fn of(&self, name: &str) -> &Repository {
        let idx = NAMES.iter().position(|known| *known == name);
        &self.0[idx.expect("it is one of the six services")]
    }
}
