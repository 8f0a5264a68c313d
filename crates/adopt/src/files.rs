//! Files that the program includes.

use std::path::Path;

use crate::tree::{Content, File};

/// The folder of these files below `src`.
const FOLDER: &str = "files";

/// The files with unique paths.
#[derive(Default)]
pub struct Files {
    placed: Vec<File>,
}

impl Files {
    /// Returns the path of a file below `src`. Equal files share a path.
    pub fn place(&mut self, file: &File) -> String {
        let path = Path::new(&file.path);
        let (stem, end) = match path.extension() {
            Some(end) => (path.with_extension("").display().to_string(), format!(".{}", end.display())),
            None => (file.path.clone(), String::new()),
        };
        let mut number = 1;
        loop {
            let path = match number {
                1 => format!("{FOLDER}/{}", file.path),
                _ => format!("{FOLDER}/{stem}-{number}{end}"),
            };
            // Some file systems do not distinguish upper and lower case.
            match self.placed.iter().find(|it| it.path.eq_ignore_ascii_case(&path)) {
                Some(known) if known.content == file.content && known.path == path => return path,
                Some(_) => number += 1,
                None => {
                    self.placed.push(File { path: path.clone(), content: file.content.clone() });
                    return path;
                }
            }
        }
    }

    /// Returns the paths from the project root with the file contents.
    pub fn all(self) -> impl Iterator<Item = (String, Content)> {
        self.placed.into_iter().map(|it| (format!("src/{}", it.path), it.content))
    }
}

/// Returns the path of a file relative to the file of a module. Both are below `src`.
pub fn from_module(path: &str, module: &str) -> String {
    format!("{}{path}", "../".repeat(module.matches('/').count()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, text: &str) -> File {
        File { path: path.to_owned(), content: Content::Text(text.to_owned()) }
    }

    #[test]
    fn equal_files_share_a_path() {
        let mut files = Files::default();
        let places = [
            file("run.sh", "a"),
            file("run.sh", "a"),
            file("run.sh", "b"),
            file("RUN.sh", "a"),
            file("crds/a.b.yaml", "c"),
            file("crds/a.b.yaml", "d"),
        ];
        let places: Vec<String> = places.iter().map(|it| files.place(it)).collect();
        assert_eq!(
            places,
            [
                "files/run.sh",
                "files/run.sh",
                "files/run-2.sh",
                "files/RUN-3.sh",
                "files/crds/a.b.yaml",
                "files/crds/a.b-2.yaml"
            ]
        );
        assert_eq!(files.all().count(), 5);
    }

    #[test]
    fn module_path_to_a_file_is_relative() {
        assert_eq!(from_module("files/a.sh", "network"), "files/a.sh");
        assert_eq!(from_module("files/a.sh", "network/ec2"), "../files/a.sh");
    }
}
