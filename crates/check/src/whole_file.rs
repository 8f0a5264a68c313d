//! Writes files atomically.

use std::path::Path;
use std::{fs, io};

/// Writes a temporary file in the same folder and then renames it. The old file stays until the new one is complete.
///
/// A link is followed, and the permissions of an existing file are kept. A path that is not a regular file, such as
/// `/dev/stdout` or a pipe, is written to directly.
///
/// # Errors
///
/// Errors of the operating system. The old file is then unchanged.
pub fn write(path: &Path, content: impl AsRef<[u8]>) -> io::Result<()> {
    let found = fs::metadata(path).ok();
    if found.as_ref().is_some_and(|it| !it.is_file()) {
        return fs::write(path, content);
    }
    let path = if found.is_some() { path.canonicalize()? } else { path.to_owned() };
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let beside = path.with_file_name(format!(".{name}.{}.new", std::process::id()));
    let put = || {
        fs::write(&beside, content)?;
        if let Some(old) = &found {
            fs::set_permissions(&beside, old.permissions())?;
        }
        fs::rename(&beside, &path)
    };
    put().inspect_err(|_| {
        // The original error is returned.
        let _ = fs::remove_file(&beside);
    })
}

#[cfg(test)]
mod tests {
    use crate::temporary::Temporary;

    use super::*;

    #[test]
    fn replaces_file_without_leftovers() {
        let folder = Temporary::new().unwrap();
        let file = folder.0.join("plan.json");
        for text in ["one", "two"] {
            write(&file, text).unwrap();
            assert_eq!(fs::read_to_string(&file).unwrap(), text);
        }
        assert_eq!(fs::read_dir(&folder.0).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn keeps_links_and_permissions() {
        use std::os::unix::fs::{PermissionsExt as _, symlink};

        let folder = Temporary::new().unwrap();
        let (file, link) = (folder.0.join("file"), folder.0.join("link"));
        write(&file, "one").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
        symlink(&file, &link).unwrap();
        write(&link, "two").unwrap();
        assert!(link.symlink_metadata().unwrap().is_symlink());
        assert_eq!(fs::read_to_string(&file).unwrap(), "two");
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[cfg(unix)]
    #[test]
    fn writes_to_special_files() {
        write(Path::new("/dev/null"), "nothing").unwrap();
        assert!(!fs::metadata("/dev/null").unwrap().is_file());
    }

    #[test]
    fn reports_missing_folder() {
        let folder = Temporary::new().unwrap();
        assert!(write(&folder.0.join("missing/file"), "").is_err());
        assert_eq!(fs::read_dir(&folder.0).unwrap().count(), 0);
    }
}
