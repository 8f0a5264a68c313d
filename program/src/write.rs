//! The files of an assembly, on disk.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::{fs, io, thread};

use crate::stop::Stop;

/// In the folder as long as the program runs.
const STARTED: &str = ".started";

/// Files that are written by one thread; a second one pays for itself above.
const FEW_FILES: usize = 500;

/// Leaves a sign that the program runs.
pub fn start(folder: &Path) -> Result<(), Stop> {
    one(&folder.join(STARTED), "")
}

/// Takes the sign away.
pub fn finish(folder: &Path) -> Result<(), Stop> {
    let path = folder.join(STARTED);
    fs::remove_file(&path).map_err(|error| stop("remove", &path, &error))
}

/// Writes one file.
pub fn one(path: &Path, text: &str) -> Result<(), Stop> {
    fs::write(path, text).map_err(|error| stop("write", path, &error))
}

/// Writes all files, by their path below `folder`.
pub fn all(folder: &Path, files: &BTreeMap<String, String>) -> Result<(), Stop> {
    let files: Vec<(PathBuf, &str)> = files.iter().map(|(path, text)| (folder.join(path), text.as_str())).collect();
    let parents: BTreeSet<&Path> = files.iter().filter_map(|(path, _)| path.parent()).collect();
    for parent in parents {
        fs::create_dir_all(parent).map_err(|error| stop("make", parent, &error))?;
    }
    if files.len() <= FEW_FILES {
        return each(&files);
    }
    let (front, back) = files.split_at(files.len() / 2);
    thread::scope(|scope| {
        let front = scope.spawn(|| each(front));
        let back = each(back);
        front.join().expect("writing a file never panics").and(back)
    })
}

fn each(files: &[(PathBuf, &str)]) -> Result<(), Stop> {
    files.iter().try_for_each(|(path, text)| one(path, text))
}

fn stop(verb: &str, path: &Path, error: &io::Error) -> Stop {
    Stop::Write(format!("cannot {verb} `{}`: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_in_the_way_of_a_folder_is_named() {
        let folder = std::env::temp_dir().join(format!("meshsynth-program-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("k8s"), "").unwrap();
        let files = BTreeMap::from([("k8s/shop/00-base/service-web.yaml".to_owned(), String::new())]);
        let Err(Stop::Write(text)) = all(&folder, &files) else { panic!("it must not be written") };
        fs::remove_dir_all(&folder).unwrap();
        let text = text.replace(&*folder.to_string_lossy(), "OUT");
        assert_eq!(text, "cannot make `OUT/k8s/shop/00-base`: Not a directory (os error 20)");
    }
}
