//! The images of the services.

use meshsynth::ecr::{Repository, RepositoryProps};
use meshsynth::{App, Stack};

/// The image repositories, in the order of [`NAMES`].
pub struct Images([Repository; 6]);

/// The six services.
pub const NAMES: [&str; 6] = ["customers", "orders", "payments", "products", "recommendations", "saga"];

pub fn define(app: &App) -> Images {
    let stack = Stack::new(app, "images", crate::place());
    stack.describe("Image repositories of the services.");
    Images(NAMES.map(|name| Repository::new(&stack, name, RepositoryProps::default())))
}

impl Images {
    /// The repository of a service.
    pub fn of(&self, name: &str) -> &Repository {
        let idx = NAMES.iter().position(|known| *known == name);
        &self.0[idx.expect("it is one of the six services")]
    }
}
