//! Output of files, which creates each folder once.

use std::collections::BTreeSet;
use std::path::Path;
use std::{fs, io};

use meshsynth::Assembly;

/// Writes every file of an assembly.
pub fn assembly(assembly: &Assembly, out: &Path) -> io::Result<()> {
    files(assembly.files.iter().map(|(path, text)| (path.as_str(), text.as_bytes())), out)
}

/// Writes files below a folder.
pub fn files<'a>(files: impl Iterator<Item = (&'a str, &'a [u8])>, out: &Path) -> io::Result<()> {
    let mut made = BTreeSet::new();
    for (path, text) in files {
        let path = out.join(path);
        if let Some(folder) = path.parent()
            && made.insert(folder.to_path_buf())
        {
            fs::create_dir_all(folder)?;
        }
        fs::write(path, text)?;
    }
    Ok(())
}
