//! Reads files of folders that another user can have written. Symbolic links, pipes, devices and very large files are
//! rejected before their contents are read.

use std::fs::{self, File, OpenOptions};
use std::io::Read;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, Result, bail};

/// The maximum size of one file in bytes. The largest file of an assembly is its manifest.
pub const LARGEST_FILE: u64 = 64 << 20;

/// Reads a text file below a folder.
///
/// # Errors
///
/// If the path leaves the folder, if it or a folder on its path is a symbolic link, if it is not a regular file, or if
/// it is larger than [`LARGEST_FILE`].
pub fn read_text(folder: &Path, path: &str) -> Result<String> {
    let mut file = open(folder, path)?;
    let mut text = String::new();
    // The file can grow while it is read.
    let mut limited = (&mut file).take(LARGEST_FILE + 1);
    limited.read_to_string(&mut text).with_context(|| format!("cannot read `{path}`"))?;
    check_size(path, text.len() as u64)?;
    Ok(text)
}

/// Opens a regular file below a folder for reading, without following links.
fn open(folder: &Path, path: &str) -> Result<File> {
    let full = inside(folder, path)?;
    let metadata = fs::symlink_metadata(&full).with_context(|| format!("cannot read `{path}`"))?;
    if metadata.is_symlink() {
        bail!("`{path}` is a symbolic link, which is not followed");
    }
    if !metadata.is_file() {
        bail!("`{path}` is not a file");
    }
    check_size(path, metadata.len())?;
    let mut options = OpenOptions::new();
    options.read(true);
    no_follow(&mut options);
    let file = options.open(&full).with_context(|| format!("cannot read `{path}`"))?;
    // The path can name another file since the check.
    let metadata = file.metadata().with_context(|| format!("cannot read `{path}`"))?;
    if !metadata.is_file() {
        bail!("`{path}` is not a file");
    }
    check_size(path, metadata.len())?;
    Ok(file)
}

/// Returns the path of a file below a folder. Rejects paths that leave the folder, and links on the path.
fn inside(folder: &Path, path: &str) -> Result<PathBuf> {
    crate::check_inside(path)?;
    let mut full = folder.to_owned();
    let parts: Vec<Component<'_>> = Path::new(path).components().collect();
    for (idx, part) in parts.iter().enumerate() {
        full.push(part);
        let is_last = idx + 1 == parts.len();
        if !is_last && fs::symlink_metadata(&full).is_ok_and(|it| it.is_symlink()) {
            bail!("`{path}` is in a linked folder, which is not followed");
        }
    }
    Ok(full)
}

/// Lets the system reject a symbolic link at the end of a path, and return at once for a pipe.
pub fn no_follow(options: &mut OpenOptions) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        let flags = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK;
        options.custom_flags(flags.bits().cast_signed());
    }
    #[cfg(not(unix))]
    let _ = options;
}

fn check_size(path: &str, bytes: u64) -> Result<()> {
    if bytes > LARGEST_FILE {
        bail!("`{path}` has {bytes} bytes, but the limit for a file is {LARGEST_FILE}");
    }
    Ok(())
}
