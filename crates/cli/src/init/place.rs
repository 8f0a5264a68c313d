//! Writes new files into a folder: either all or none, and never over an existing file.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use meshsynth_model::problem::Problem;

use crate::os;

/// A folder that is removed with its content on drop.
struct Temporary(PathBuf);

impl Drop for Temporary {
    fn drop(&mut self) {
        // The folder does not exist if it was renamed.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Writes files below `folder`, through a temporary folder beside them.
pub fn place<P: AsRef<str>>(folder: &Path, files: &[(P, String)]) -> Result<()> {
    let in_the_way: Vec<&str> = files
        .iter()
        .map(|(path, _)| path.as_ref())
        .filter(|path| folder.join(path).symlink_metadata().is_ok())
        .collect();
    if !in_the_way.is_empty() {
        return Err(occupied(folder, &in_the_way).into());
    }
    let is_new = !folder.exists();
    let beside = if is_new { existing(folder) } else { folder.to_owned() };
    let temporary = Temporary(beside.join(format!(".meshsynth-init-{}", std::process::id())));
    let cannot = || format!("cannot write to `{}`", beside.display());
    fs::create_dir(&temporary.0).with_context(cannot)?;
    for (path, text) in files {
        let path = temporary.0.join(path.as_ref());
        fs::create_dir_all(path.parent().unwrap_or(&temporary.0)).with_context(cannot)?;
        fs::write(&path, text).with_context(cannot)?;
    }
    if is_new {
        fs::create_dir_all(folder.parent().unwrap_or(folder)).with_context(cannot)?;
        return os::rename_new(&temporary.0, folder)
            .with_context(|| format!("cannot create the folder `{}`", folder.display()));
    }
    let mut placed = Placed::default();
    for path in files.iter().map(|(path, _)| path.as_ref()) {
        placed.place(&temporary.0.join(path), &folder.join(path), folder)?;
    }
    placed.keep();
    Ok(())
}

fn occupied(folder: &Path, names: &[&str]) -> Problem {
    let (files, are, them) = if names.len() == 1 { ("file", "is", "it") } else { ("files", "are", "them") };
    let text = format!(
        "{files} {} {are} already in `{}`; nothing is created",
        meshsynth_model::problem::list(names),
        folder.display()
    );
    Problem::setting(text).help(format!("move {them} away, or specify another folder: `meshsynth init DIR`"))
}

/// Returns the nearest existing ancestor.
fn existing(folder: &Path) -> PathBuf {
    folder.ancestors().skip(1).find(|it| it.is_dir()).unwrap_or(Path::new(".")).to_owned()
}

/// The files and folders that were already created. They are removed on drop, unless all files were created.
#[derive(Default)]
struct Placed {
    files: Vec<PathBuf>,
    folders: Vec<PathBuf>,
}

impl Placed {
    fn place(&mut self, from: &Path, to: &Path, root: &Path) -> Result<()> {
        let missing: Vec<&Path> = to.ancestors().skip(1).take_while(|it| *it != root && !it.exists()).collect();
        for folder in missing.into_iter().rev() {
            fs::create_dir(folder).with_context(|| format!("cannot create the folder `{}`", folder.display()))?;
            self.folders.push(folder.to_owned());
        }
        match os::rename_new(from, to) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                let name = to.strip_prefix(root).unwrap_or(to).display().to_string();
                return Err(occupied(root, &[name.as_str()]).into());
            }
            result => result.with_context(|| format!("cannot write `{}`", to.display()))?,
        }
        self.files.push(to.to_owned());
        Ok(())
    }

    fn keep(mut self) {
        self.files.clear();
        self.folders.clear();
    }
}

impl Drop for Placed {
    fn drop(&mut self) {
        // Errors are ignored. A folder is removed only if it is empty.
        self.files.iter().for_each(|file| drop(fs::remove_file(file)));
        self.folders.iter().rev().for_each(|folder| drop(fs::remove_dir(folder)));
    }
}
