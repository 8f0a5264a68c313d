//! The assembly to replace, and the files that did not change.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::thread;

/// The number of files up to which one thread compares them. More files justify a second thread.
const FEW_FILES: usize = 500;

/// A comparison of an assembly with the folder that it replaces.
pub struct Replaced {
    /// The existing file with the same text for each file, in path order.
    same: Vec<Option<PathBuf>>,
    is_whole: bool,
}

impl Replaced {
    /// Compares the files with the files in a folder.
    pub fn of(folder: Option<&Path>, files: &BTreeMap<String, String>) -> Self {
        let Some(folder) = folder.filter(|folder| folder.is_dir()) else {
            return Self { same: vec![None; files.len()], is_whole: false };
        };
        let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
        let same = if files.len() <= FEW_FILES {
            same_in(folder, &files)
        } else {
            let (front, back) = files.split_at(files.len() / 2);
            thread::scope(|scope| {
                let front = scope.spawn(|| same_in(folder, front));
                let back = same_in(folder, back);
                let mut same = front.join().expect("comparing a file never panics");
                same.extend(back);
                same
            })
        };
        let is_whole = same.iter().all(Option::is_some) && count(folder).is_ok_and(|count| count == files.len());
        Self { same, is_whole }
    }

    /// Whether the folder contains every file of the assembly, and no other file.
    pub fn is_whole(&self) -> bool {
        self.is_whole
    }

    /// Returns the existing file with the same text for each file, in path order.
    pub fn same(self) -> Vec<Option<PathBuf>> {
        self.same
    }
}

fn same_in(folder: &Path, files: &[(&str, &str)]) -> Vec<Option<PathBuf>> {
    let mut bytes = Vec::new();
    let same = files.iter().map(|(path, text)| {
        let path = folder.join(path);
        is_same(&path, text, &mut bytes).unwrap_or(false).then_some(path)
    });
    same.collect()
}

/// Whether `path` is a file with this text. Returns `false` for links and pipes, because opening a pipe can block.
fn is_same(path: &Path, text: &str, bytes: &mut Vec<u8>) -> io::Result<bool> {
    let metadata = fs::symlink_metadata(path)?;
    if !metadata.is_file() || metadata.len() != text.len() as u64 {
        return Ok(false);
    }
    bytes.clear();
    File::open(path)?.take(metadata.len() + 1).read_to_end(bytes)?;
    Ok(bytes == text.as_bytes())
}

/// Counts the files below a folder. Ignores names with a leading dot, which belong to the system or an editor.
fn count(folder: &Path) -> io::Result<usize> {
    let mut count = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with('.') {
            continue;
        }
        count += if entry.file_type()?.is_dir() { self::count(&entry.path())? } else { 1 };
    }
    Ok(count)
}
