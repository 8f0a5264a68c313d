//! A single file with all files of a folder, so that `floor` reads once and then only writes.

use std::path::Path;
use std::{fs, io};

use crate::write;

/// Packs a folder: for each file a line `<length> <path>`, then its bytes.
pub fn make(folder: &Path, pack: &Path) -> io::Result<()> {
    let mut paths = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() { folders.push(path) } else { paths.push(path) }
        }
    }
    paths.sort();
    let mut out = Vec::new();
    for path in paths {
        let text = fs::read(&path)?;
        let name = path.strip_prefix(folder).unwrap_or(&path);
        out.extend(format!("{} {}\n", text.len(), name.display()).bytes());
        out.extend(text);
    }
    fs::write(pack, out)
}

/// Writes every file of a pack.
pub fn unpack(pack: &Path, out: &Path) -> io::Result<()> {
    let bytes = fs::read(pack)?;
    let mut files = Vec::new();
    let mut rest = bytes.as_slice();
    while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
        let head = std::str::from_utf8(&rest[..end]).map_err(io::Error::other)?;
        let (length, path) = head.split_once(' ').ok_or_else(|| io::Error::other("the pack is broken"))?;
        let length: usize = length.parse().map_err(io::Error::other)?;
        let (text, next) = rest[end + 1..].split_at(length);
        files.push((path, text));
        rest = next;
    }
    write::files(files.into_iter(), out)
}
