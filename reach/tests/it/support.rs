//! Worlds to ask.

use std::path::{Path, PathBuf};

use meshsynth_reach::World;
use meshsynth_reach::world::Files;

/// The folder of a reference platform's output.
pub fn platform(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../snapshots").join(name)
}

/// A reference platform.
pub fn read(name: &str) -> World {
    World::read(&platform(name)).unwrap_or_else(|error| panic!("{name}: {error:#}"))
}

/// A world of documents, each a file by its name.
pub fn world(files: &[(&str, &str)]) -> World {
    let mut all = Files::default();
    for (name, text) in files {
        all.add_text(name, text);
    }
    let world = World::of(&all);
    assert!(world.unread.is_empty(), "{:?}", world.unread);
    world
}
