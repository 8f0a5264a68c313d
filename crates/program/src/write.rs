//! Writes the files of an assembly.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::{fs, io, thread};

use crate::replaced::Replaced;
use crate::stop::Stop;

/// The marker file that exists while the program runs.
const STARTED: &str = ".started";

/// The marker file that replaces all files if none of them changed.
const UNCHANGED: &str = ".unchanged";

/// The number of files up to which one thread writes them. More files justify a second thread.
const FEW_FILES: usize = 500;

/// Creates the marker file of a running program.
pub fn start(folder: &Path) -> Result<(), Stop> {
    one(&folder.join(STARTED), "")
}

/// Removes the marker file.
pub fn finish(folder: &Path) -> Result<(), Stop> {
    let path = folder.join(STARTED);
    fs::remove_file(&path).map_err(|error| stop("remove", &path, &error))
}

pub fn one(path: &Path, text: &str) -> Result<(), Stop> {
    fs::write(path, text).map_err(|error| stop("write", path, &error))
}

struct Item<'a> {
    path: PathBuf,
    text: &'a str,
    /// The existing file with the same text.
    same: Option<PathBuf>,
}

/// Writes all files, by path relative to `folder`. A file that is the same in `replaced` is linked.
pub fn all(folder: &Path, files: &BTreeMap<String, String>, replaced: Option<&Path>) -> Result<(), Stop> {
    let replaced = Replaced::of(replaced, files);
    if replaced.is_whole() {
        return one(&folder.join(UNCHANGED), "");
    }
    let items: Vec<Item<'_>> = files
        .iter()
        .zip(replaced.same())
        .map(|((path, text), same)| Item { path: folder.join(path), text, same })
        .collect();
    let parents: BTreeSet<&Path> = items.iter().filter_map(|item| item.path.parent()).collect();
    for parent in parents {
        fs::create_dir_all(parent).map_err(|error| stop("create", parent, &error))?;
    }
    if items.len() <= FEW_FILES {
        return each(&items);
    }
    let (front, back) = items.split_at(items.len() / 2);
    thread::scope(|scope| {
        let front = scope.spawn(|| each(front));
        let back = each(back);
        front.join().expect("writing a file never panics").and(back)
    })
}

fn each(items: &[Item<'_>]) -> Result<(), Stop> {
    items.iter().try_for_each(|item| match &item.same {
        Some(same) if fs::hard_link(same, &item.path).is_ok() => Ok(()),
        _ => one(&item.path, item.text),
    })
}

fn stop(verb: &str, path: &Path, error: &io::Error) -> Stop {
    Stop::Write(format!("cannot {verb} `{}`: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reports_a_file_that_blocks_a_folder() {
        let folder = std::env::temp_dir().join(format!("meshsynth-program-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("k8s"), "").unwrap();
        let files = BTreeMap::from([("k8s/shop/00-base/service-web.yaml".to_owned(), String::new())]);
        let Err(Stop::Write(text)) = all(&folder, &files, None) else { panic!("it must not be written") };
        fs::remove_dir_all(&folder).unwrap();
        let text = text.replace(&*folder.to_string_lossy(), "OUT");
        assert_eq!(text, "cannot create `OUT/k8s/shop/00-base`: Not a directory (os error 20)");
    }

    #[test]
    fn does_not_rewrite_identical_files() {
        let folder = std::env::temp_dir().join(format!("meshsynth-replaced-{}", std::process::id()));
        let [old, new, other] = ["old", "new", "other"].map(|name| folder.join(name));
        [&old, &new, &other].iter().for_each(|folder| fs::create_dir_all(folder).unwrap());
        let mut files: BTreeMap<String, String> =
            ["manifest.json", "k8s/shop/service-web.yaml"].map(|path| (path.to_owned(), path.to_owned())).into();
        all(&old, &files, None).unwrap();
        fs::write(old.join(".DS_Store"), "of the system").unwrap();
        all(&new, &files, Some(&old)).unwrap();
        let written: Vec<_> = fs::read_dir(&new).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(written, [UNCHANGED]);

        files.insert("manifest.json".to_owned(), "other".to_owned());
        all(&other, &files, Some(&old)).unwrap();
        assert_eq!(fs::read_to_string(other.join("manifest.json")).unwrap(), "other");
        assert_eq!(fs::read_to_string(old.join("manifest.json")).unwrap(), "manifest.json");
        let time = |folder: &Path| fs::metadata(folder.join("k8s/shop/service-web.yaml")).unwrap().modified().unwrap();
        assert_eq!(time(&old), time(&other));
        assert!(!other.join(UNCHANGED).exists());

        // A removed file is a difference.
        files.remove("manifest.json");
        let last = folder.join("last");
        all(&last, &files, Some(&other)).unwrap();
        assert!(!last.join(UNCHANGED).exists() && !last.join("manifest.json").exists());
        fs::remove_dir_all(&folder).unwrap();
    }
}
