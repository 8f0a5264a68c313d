//! Reads what is asked about.

use std::fs;
use std::path::Path;

use anyhow::Result;
use meshsynth_reach::World;
use meshsynth_reach::world::Files;

use crate::yaml;

/// An assembly, or all templates and manifests below a folder. Short tags of templates, such as `!Ref`, are functions.
pub fn world(path: &Path) -> Result<World> {
    let mut files = Files::read(path)?;
    if files.manifest.is_null() {
        let root = if path.is_file() { path.parent().unwrap_or(path) } else { path };
        for (name, documents) in &mut files.documents {
            let is_yaml = !name.ends_with(".json") && documents.iter().any(|(_, it)| it["Resources"].is_object());
            let Some(text) = is_yaml.then(|| fs::read_to_string(root.join(name)).ok()).flatten() else { continue };
            if let Ok(read) = yaml::read(&text) {
                let line = |line: u32| usize::try_from(line).unwrap_or(1);
                *documents = read.iter().map(|it| (line(it.line), yaml::json(&it.literal()))).collect();
            }
        }
    }
    Ok(World::of(&files))
}
