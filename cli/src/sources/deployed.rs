//! What is deployed, in a folder with `deployed.json`: whoever reaches AWS and clusters wrote it.

use std::path::{Path, PathBuf};

use meshsynth::Env;
use meshsynth_assembly::deployed::{Deployed, INDEX};

use super::cdk::Found;
use super::source::{Source, StackOf, source};

/// What a file of such a folder is called: where the folder lies says nothing. None of another folder.
pub fn called(folder: &Path, file: &str) -> Option<String> {
    let below = Path::new(file).strip_prefix(folder).ok().filter(|_| folder.join(INDEX).is_file())?;
    Some(Path::new("deployed").join(below).display().to_string())
}

/// The files of such a folder: templates with the names of their stacks, and objects; none where the folder is another one.
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
