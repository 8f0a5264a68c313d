//! Files that are written whole or not at all.

use std::path::Path;
use std::{fs, io};

/// Writes a file under a name of its own in the same folder, and renames it then: what was there stays until all is written.
///
/// A link is followed, and the permissions of a file that is there are kept. What is not a file, such as `/dev/stdout` or a pipe, is written to as it is.
///
/// # Errors
///
/// Those of the system; then the old file is as it was.
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
        // The error is what counts.
        let _ = fs::remove_file(&beside);
    })
}

#[cfg(test)]
mod tests {
    use crate::temporary::Temporary;

    use super::*;

    #[test]
    fn a_file_is_replaced_and_nothing_is_left_beside_it() {
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
    fn a_link_stays_a_link_and_permissions_stay() {
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
    fn what_is_no_file_is_written_to() {
        write(Path::new("/dev/null"), "nothing").unwrap();
        assert!(!fs::metadata("/dev/null").unwrap().is_file());
    }

    #[test]
    fn a_folder_that_is_missing_is_an_error() {
        let folder = Temporary::new().unwrap();
        assert!(write(&folder.0.join("missing/file"), "").is_err());
        assert_eq!(fs::read_dir(&folder.0).unwrap().count(), 0);
    }
}
