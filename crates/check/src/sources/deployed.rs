//! Reads the deployed state from a folder with `deployed.json`, which the deployer wrote.

use std::path::{Path, PathBuf};

use meshsynth::Env;
use meshsynth_assembly::deployed::{Deployed, INDEX};

use super::cdk::Found;
use super::source::{Source, StackOf, source};

/// Returns the name of a file in such a folder, independent of the folder's location. Returns `None` for other files.
pub fn called(folder: &Path, file: &str) -> Option<String> {
    let below = Path::new(file).strip_prefix(folder).ok().filter(|_| folder.join(INDEX).is_file())?;
    Some(Path::new("deployed").join(below).display().to_string())
}

/// Returns the files of such a folder: templates with their stack names, and objects. Returns `None` for other folders.
pub fn sources(folder: &Path) -> Option<Vec<Found>> {
    let index = match Deployed::read(folder) {
        Ok(index) => index?,
        Err(error) => return Some(vec![Err((folder.join(INDEX), error))]),
    };
    let read = |file: &str| -> Found {
        let path: PathBuf = folder.join(file);
        source(&path).map_err(|error| (path, error))
    };
    let stacks = index.stacks.iter().map(|stack| {
        let env = Env { account: stack.account.clone(), region: stack.region.clone() };
        let stack_of = StackOf { name: stack.name.clone(), env, path: String::new(), is_region_known: true };
        read(&stack.template).map(|source| Source { stack: Some(stack_of), ..source })
    });
    let by_name = |source| Source { is_by_name: true, ..source };
    let clusters = index.clusters.iter().map(|cluster| read(&cluster.objects).map(by_name));
    Some(stacks.chain(clusters).collect())
}
