//! The files beside the program.

use std::path::Path;

use crate::tree::{Content, File};

/// The folder below `src` that has them.
const FOLDER: &str = "files";

/// The files beside the program, each with a path of its own.
#[derive(Default)]
pub struct Files {
    placed: Vec<File>,
}

impl Files {
    /// Gives a file a path below `src`: that of an equal one, or a new one.
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
            // Some systems take two names for one that differ in the case of their letters.
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

    /// The paths from the root of the project, each with what the file holds.
    pub fn all(self) -> impl Iterator<Item = (String, Content)> {
        self.placed.into_iter().map(|it| (format!("src/{}", it.path), it.content))
    }
}

/// The path of a file from the file of a module; both are below `src`.
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
    fn each_text_has_a_file_and_equal_ones_share_it() {
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
    fn a_module_names_a_file_by_the_way_from_its_own() {
        assert_eq!(from_module("files/a.sh", "network"), "files/a.sh");
        assert_eq!(from_module("files/a.sh", "network/ec2"), "../files/a.sh");
    }
}
