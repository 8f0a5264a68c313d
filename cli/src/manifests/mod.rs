//! Folders of manifests that nobody here wrote, read for `meshsynth check`.

mod assembly;
mod baseline;
mod exceptions;
mod files;
mod passed;
mod skipped;

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use anyhow::Result;
use meshsynth::diag::{Diagnostic, Place};
use meshsynth::{At, Contents, Manifest};

pub use baseline::Baseline;
pub use exceptions::Exceptions;
pub use files::{Given, Source};
pub use passed::Passed;
pub use skipped::Skipped;

use crate::yaml::{self, Marked};

/// What folders and files hold.
#[derive(Default)]
pub struct Found {
    /// What goes to each cluster.
    pub clusters: Vec<Contents>,
    /// How many files were read.
    pub n_files: usize,
    /// What was left out, and why.
    pub skipped: Vec<Skipped>,
    /// Files that should hold manifests and cannot be read.
    pub broken: Vec<Diagnostic>,
    /// What comments let pass.
    pub exceptions: Exceptions,
    /// The documents by file, line and column.
    documents: HashMap<Place, (&'static str, Marked)>,
}

/// How manifests are taken.
pub struct Taken<'a> {
    /// The Kubernetes version where nothing says another.
    pub version: &'a str,
    /// The namespace of objects without one.
    pub namespace: &'a str,
    /// Whether each of the given folders is a cluster of its own.
    pub cluster_per_folder: bool,
    /// The namespace of objects that name none, by the folder that their files lie in.
    pub namespaces: Option<&'a BTreeMap<String, String>>,
}

impl Found {
    /// Reads everything that is given.
    pub fn read(given: &[Given], taken: &Taken<'_>) -> Result<Self> {
        let mut found = Self::default();
        let contents = |cluster: &str| Contents {
            cluster: cluster.to_owned(),
            version: taken.version.to_owned(),
            namespace: taken.namespace.to_owned(),
            ..Contents::default()
        };
        let mut together = contents("cluster");
        for given in given {
            if let Some(clusters) = assembly::clusters(given)? {
                for (mut cluster, sources) in clusters {
                    found.take(&sources, &mut cluster, taken);
                    found.clusters.push(cluster);
                }
                continue;
            }
            let sources = files::sources(given, &mut found.skipped)?;
            match taken.cluster_per_folder {
                true => {
                    let mut own = contents(&given.name());
                    found.take(&sources, &mut own, taken);
                    found.clusters.push(own);
                }
                false => found.take(&sources, &mut together, taken),
            }
        }
        if !together.manifests.is_empty() {
            found.clusters.push(together);
        }
        Ok(found)
    }

    /// The number of objects.
    pub fn n_objects(&self) -> usize {
        self.clusters.iter().map(|cluster| cluster.manifests.len()).sum()
    }

    fn take(&mut self, sources: &[Source], into: &mut Contents, taken: &Taken<'_>) {
        for source in sources {
            // A name of a file is kept for the life of the process, once.
            let file: &'static str = source.name.clone().leak();
            let (documents, wrongs) = yaml::documents(&source.text);
            let n_before = into.manifests.len();
            if !wrongs.is_empty()
                && let Some(why) = skipped::no_manifest(&source.text)
            {
                self.skipped.push(Skipped::new(file, why));
                continue;
            }
            if let Some((line, column)) = source.not_utf8 {
                self.broken.push(Manifest::unreadable("a byte is not UTF-8", At::new(file, line, column)));
            }
            for wrong in wrongs {
                self.broken.push(Manifest::unreadable(&wrong.message, At::new(file, wrong.line, wrong.column)));
            }
            let mut lacks = None;
            documents.into_iter().for_each(|document| self.document(file, document, into, &mut lacks));
            if let Some(namespace) = taken.namespaces.and_then(|all| namespace_of(all, &source.name)) {
                into.manifests[n_before..].iter_mut().for_each(|manifest| manifest.or_namespace(namespace));
            }
            self.n_files += 1;
            self.exceptions.read(file, &source.text);
            if let Some(what) = lacks {
                let is_other = into.manifests.len() == n_before;
                let why = if is_other { "not a manifest" } else { "a document of it is not a manifest" };
                self.skipped.push(Skipped::new(file, format!("{why}: it has no `{what}`")));
            }
        }
    }

    /// A document is a manifest, or a list of them.
    fn document(&mut self, file: &'static str, document: Marked, into: &mut Contents, lacks: &mut Option<&str>) {
        let is_list =
            document.text("kind").is_some_and(|kind| kind.ends_with("List")) && document.get("items").is_some();
        if is_list {
            for item in document.items_of("items") {
                self.document(file, item, into, lacks);
            }
            return;
        }
        if let Some(why) = skipped::other_tool(&document) {
            return self.skipped.push(Skipped::new(file, why));
        }
        match Manifest::new(document.data(), At::new(file, document.line, document.column)) {
            Ok(manifest) => {
                into.manifests.push(manifest);
                self.documents.insert(At::new(file, document.line, document.column).into(), (file, document));
            }
            Err(what) => *lacks = Some(what),
        }
    }

    /// Moves a diagnostic from its object to the field at fault.
    pub fn point(&self, mut diagnostic: Diagnostic) -> Diagnostic {
        if let (Some(place), Some(field)) = (&diagnostic.place, &diagnostic.field)
            && let Some((file, document)) = self.documents.get(place)
        {
            let (line, column) = document.place(field);
            diagnostic.place = Some(At::new(file, line, column).into());
        }
        diagnostic
    }
}

impl Given {
    /// What a cluster of this folder is called.
    fn name(&self) -> String {
        match self {
            Given::Stdin => "stdin".to_owned(),
            Given::Path(path) => name_of(path),
        }
    }
}

/// The namespace of the nearest folder above a file that has one.
fn namespace_of<'a>(all: &'a BTreeMap<String, String>, file: &str) -> Option<&'a str> {
    Path::new(file.trim_start_matches("./"))
        .ancestors()
        .skip(1)
        .find_map(|folder| all.get(folder.to_str()?))
        .map(String::as_str)
}

fn name_of(path: &Path) -> String {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
    name.unwrap_or_else(|| "cluster".to_owned())
}
