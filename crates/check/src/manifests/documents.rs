//! The documents of all files, with the positions of their parts.
//!
//! Only the text of a file is kept in memory, because positions need several times as much. A file is parsed again for
//! its first finding.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use meshsynth::diag::Place;

use crate::sources::Source;
use crate::sources::part::{Part, parts};
use crate::yaml::{self, Marked};

/// The maximum size of parsed files in memory.
const MOST_BYTES: usize = 8 << 20;
/// The minimum number of parsed files in memory, because findings compare objects of several files.
const FEWEST_FILES: usize = 4;

/// The template sections whose entries have separate positions.
pub const SECTIONS: [&str; 6] = ["Conditions", "Mappings", "Outputs", "Parameters", "Resources", "Rules"];

/// The documents by file, line and column.
#[derive(Default)]
pub struct Documents {
    /// The sources by name. A file that the user specifies twice has two.
    sources: HashMap<String, Vec<Source>>,
    /// The parsed files, last used at the end.
    files: RefCell<Vec<Rc<File>>>,
}

/// A parsed file.
struct File {
    name: String,
    n_bytes: usize,
    documents: Vec<Marked>,
    parts: HashMap<(u32, u32), Address>,
}

/// The address of a part: its document, and the section and name of a template entry.
type Address = (usize, Option<(&'static str, String)>);

impl Documents {
    /// Adds a file.
    pub fn add(&mut self, source: Source) {
        self.sources.entry(source.name.clone()).or_default().push(source);
    }

    /// Parses the object, template or template entry at a position.
    pub fn with<T>(&self, place: &Place, read: impl FnOnce(&Marked) -> T) -> Option<T> {
        self.file(&place.file)?.part(place.line, place.column).map(read)
    }

    fn file(&self, name: &str) -> Option<Rc<File>> {
        let sources = self.sources.get(name)?;
        let mut files = self.files.borrow_mut();
        match files.iter().rposition(|file| file.name == name) {
            Some(known) => {
                let file = files.remove(known);
                files.push(file);
            }
            None => files.push(Rc::new(File::read(name, sources))),
        }
        while files.len() > FEWEST_FILES && files.iter().map(|file| file.n_bytes).sum::<usize>() > MOST_BYTES {
            files.remove(0);
        }
        files.last().cloned()
    }
}

impl File {
    fn read(name: &str, sources: &[Source]) -> Self {
        let n_bytes = sources.iter().map(|source| source.text.len()).sum();
        let mut file = Self { name: name.to_owned(), n_bytes, documents: Vec::new(), parts: HashMap::new() };
        for source in sources {
            let documents = yaml::documents(&source.text).0;
            for part in documents.into_iter().flat_map(|document| parts(document, source)) {
                match part {
                    Part::Object(document) => file.add(document),
                    Part::Template(document) => {
                        file.add_entries(&document);
                        file.add(document);
                    }
                    Part::Skipped(_) => {}
                }
            }
        }
        file
    }

    fn add(&mut self, document: Marked) {
        self.parts.insert((document.line, document.column), (self.documents.len(), None));
        self.documents.push(document);
    }

    fn add_entries(&mut self, document: &Marked) {
        for section in SECTIONS {
            for (id, _) in document.get(section).into_iter().flat_map(Marked::entries) {
                let place = document.place(&format!("{section}.{id}"));
                self.parts.insert(place, (self.documents.len(), Some((section, id.to_owned()))));
            }
        }
    }

    fn part(&self, line: u32, column: u32) -> Option<&Marked> {
        let (document, entry) = self.parts.get(&(line, column))?;
        let document = &self.documents[*document];
        match entry {
            Some((section, id)) => document.get(section)?.get(id),
            None => Some(document),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(file: &str, line: u32) -> Place {
        Place { file: file.to_owned(), line, column: 1 }
    }

    #[test]
    fn parses_document_again() {
        let mut documents = Documents::default();
        for number in 0..20 {
            let text = format!("apiVersion: v1\nkind: A\n---\napiVersion: v1\nkind: B{number}\n");
            documents.add(Source::new(format!("{number}.yaml"), text.into_bytes()));
        }
        let kind = |it: &Marked| it.text("kind").map(str::to_owned);
        for number in (0..20).chain([3]) {
            let found = documents.with(&place(&format!("{number}.yaml"), 4), kind);
            assert_eq!(found, Some(Some(format!("B{number}"))));
        }
        assert_eq!(documents.with(&place("1.yaml", 2), kind), None);
        assert_eq!(documents.with(&place("other.yaml", 1), kind), None);
    }

    #[test]
    fn parses_template_entry_again() {
        let text = "Resources:\n  Topic:\n    Type: AWS::SNS::Topic\n";
        let mut documents = Documents::default();
        documents.add(Source::new("a.yaml".to_owned(), text.as_bytes().to_vec()));
        let entry = Place { file: "a.yaml".to_owned(), line: 2, column: 3 };
        assert_eq!(documents.with(&entry, |it| it.find("Type")), Some(Some((3, 5))));
        assert_eq!(documents.with(&place("a.yaml", 1), |it| it.find("Resources.Topic")), Some(Some((2, 3))));
    }
}
