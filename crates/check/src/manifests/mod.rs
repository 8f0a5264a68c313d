//! Reads folders of existing manifests for `meshsynth check`.

mod alternatives;
mod assembly;
mod baseline;
#[cfg(test)]
mod corpus;
mod documents;
mod examples;
mod exceptions;
mod judged;
mod misspelled;
mod mutations;
mod passed;
mod subjects;
mod templates;
mod validations;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};

use anyhow::Result;
use meshsynth::diag::{Diagnostic, Place};
use meshsynth::{At, Contents, Manifest, Template};

pub use baseline::Baseline;
use documents::Documents;
pub use exceptions::{Exception, Exceptions};
pub use judged::judge;
use mutations::Mutations;
pub use passed::Passed;
use validations::{Object, Validations};

use crate::sources::files::{Files, Unread};
use crate::sources::part::{self, Part, parts};
use crate::sources::render::{self, Cluster, Render};
use crate::sources::{Given, Rendered, Skipped, Source, StackOf, files, serverless, skipped, unread};
use crate::yaml::{self, Marked};

/// The content of folders and files.
#[derive(Default)]
pub struct Found {
    /// The content of each cluster.
    pub clusters: Vec<Contents>,
    /// CloudFormation templates.
    pub templates: Vec<Template>,
    /// The files of the templates.
    template_files: HashSet<&'static str>,
    /// The positions of the templates in the same order, with stacks if they are known.
    template_places: Vec<(Place, Option<StackOf>)>,
    /// The folders of assemblies, and the indices of their clusters.
    assemblies: Vec<PathBuf>,
    of_assemblies: BTreeSet<usize>,
    /// The number of files that were read.
    pub n_files: usize,
    /// Skipped files with reasons.
    pub skipped: Vec<Skipped>,
    /// Errors in manifest files that cannot be parsed.
    pub broken: Vec<Diagnostic>,
    /// The exceptions in comments.
    pub exceptions: Exceptions,
    /// Whether the content of the only cluster comes from files, so that some of them may be alternatives.
    is_together: bool,
    /// The documents by file, line and column.
    documents: Documents,
    /// The objects that break validation rules of schemas.
    validations: Validations,
    /// Policies that mutate objects.
    mutations: Mutations,
    /// Whether there is an admission policy.
    has_admission_policy: bool,
    /// The rendered texts with their sources.
    rendered: HashMap<String, Rendered>,
}

/// The options to read manifests.
pub struct Taken<'a> {
    /// The default Kubernetes version.
    pub version: &'a str,
    /// The namespace of objects without one.
    pub namespace: &'a str,
    /// Whether each of the given folders is a separate cluster.
    pub cluster_per_folder: bool,
    /// Additional clusters by name, each with its folder.
    pub clusters: &'a [(String, PathBuf)],
    /// The namespace of objects that specify none, by the folder of their files.
    pub namespaces: Option<&'a BTreeMap<String, String>>,
    /// The options to render kustomizations and charts.
    pub render: Option<Render<'a>>,
}

impl Taken<'_> {
    /// Returns the namespace of the nearest configured folder above a file.
    fn namespace_of(&self, file: &Path) -> Option<&str> {
        let file = file.strip_prefix("./").unwrap_or(file);
        let all = self.namespaces?;
        file.ancestors().skip(1).find_map(|folder| all.get(folder.to_str()?)).map(String::as_str)
    }
}

impl Found {
    /// Reads all given folders and files.
    pub fn read(given: &[Given], taken: &Taken<'_>) -> Result<Self> {
        let mut found = Self::default();
        let contents = |cluster: &str| Contents {
            cluster: cluster.to_owned(),
            version: taken.version.to_owned(),
            namespace: taken.namespace.to_owned(),
            ..Contents::default()
        };
        let mut together = contents("cluster");
        let mut is_part = false;
        let named = taken.clusters.iter().map(|(name, folder)| (Some(name), Given::Path(folder.clone())));
        for (name, given) in given.iter().map(|given| (None, given.clone())).chain(named) {
            let given = &given;
            let assemblies = assembly::folders(given);
            if !assemblies.is_empty() {
                for folder in assemblies {
                    for (mut cluster, sources) in assembly::clusters(&folder)? {
                        found.take(sources, &mut cluster, taken);
                        found.of_assemblies.insert(found.clusters.len());
                        found.clusters.push(cluster);
                    }
                    found.assemblies.push(folder);
                }
                continue;
            }
            let Files { mut sources, unrendered, unread, mut skipped } = files::sources(given)?;
            found.skipped.append(&mut skipped);
            for Unread { path, why } in &unread {
                let file: &'static str = path.display().to_string().leak();
                found.broken.push(Manifest::not_opened(why, At::new(file, 1, 1)));
            }
            match (taken.render, given) {
                (Some(render), Given::Path(folder)) => {
                    let namespace =
                        |folder: &Path| taken.namespace_of(&folder.join("*")).unwrap_or(taken.namespace).to_owned();
                    let cluster = Cluster { version: taken.version, namespace: &namespace };
                    found.broken.extend(render::render(folder, &unrendered, &mut sources, render, cluster)?);
                }
                _ => found.skipped.extend(unrendered.skipped(given)),
            }
            match name.cloned().or_else(|| taken.cluster_per_folder.then(|| given.name())) {
                Some(name) => {
                    let mut own = contents(&name);
                    found.take(sources, &mut own, taken);
                    if !unread.is_empty() {
                        know_in_part(&mut own);
                    }
                    found.clusters.push(own);
                }
                None => {
                    found.take(sources, &mut together, taken);
                    is_part |= !unread.is_empty();
                }
            }
        }
        if is_part {
            know_in_part(&mut together);
        }
        if !together.manifests.is_empty() {
            found.is_together = found.clusters.is_empty();
            found.clusters.push(together);
        }
        Ok(found)
    }

    /// Reads files as the content of one cluster.
    #[cfg(test)]
    fn of(sources: Vec<Source>, taken: &Taken<'_>) -> Self {
        let mut found = Self { is_together: true, ..Self::default() };
        let version = taken.version.to_owned();
        let mut into = Contents { version, namespace: taken.namespace.to_owned(), ..Contents::default() };
        found.take(sources, &mut into, taken);
        found.clusters.push(into);
        found
    }

    /// Whether a finding is in a CloudFormation template.
    pub fn is_of_template(&self, diagnostic: &Diagnostic) -> bool {
        diagnostic.place.as_ref().is_some_and(|place| self.template_files.contains(place.file.as_str()))
    }

    /// Returns the number of objects.
    pub fn n_objects(&self) -> usize {
        self.clusters.iter().map(|cluster| cluster.manifests.len()).sum()
    }

    /// Returns the number of resources in templates.
    pub fn n_resources(&self) -> usize {
        self.templates.iter().map(Template::n_resources).sum()
    }

    fn take(&mut self, sources: Vec<Source>, into: &mut Contents, taken: &Taken<'_>) {
        for source in sources {
            // Each file name is leaked once, so that positions can refer to it.
            let file: &'static str = source.name.clone().leak();
            let (documents, wrongs) = yaml::documents(&source.text);
            let n_templates = self.templates.len();
            let n_before = into.manifests.len();
            let namespace = source.namespace.as_deref().or_else(|| taken.namespace_of(Path::new(&source.name)));
            let default = namespace.unwrap_or(&into.namespace).to_owned();
            if !wrongs.is_empty()
                && let Some(why) = skipped::no_manifest(&source.text)
            {
                self.skipped.push(Skipped::new(file, why));
                let documents = unread::beginnings(&source.text);
                into.known_in_part.extend(unread::namespaces(&source.text, documents, &default));
                continue;
            }
            let lines = wrongs.iter().map(|wrong| wrong.line);
            into.known_in_part.extend(unread::namespaces(&source.text, lines, &default));
            if let Some((line, column)) = source.not_utf8 {
                self.broken.push(Manifest::unreadable("it is not valid UTF-8", At::new(file, line, column)));
            }
            for wrong in wrongs {
                self.broken.push(Manifest::unreadable(&wrong.message, At::new(file, wrong.line, wrong.column)));
            }
            let mut lacks = None;
            for part in documents.into_iter().flat_map(|it| parts(it, &source)) {
                match part {
                    Part::Template(document) if serverless::is_fragment(&source, &document) => {
                        let why = "a fragment of the Serverless Framework: check the output of `serverless package`";
                        Skipped::new(file, why).add_to(&mut self.skipped);
                    }
                    Part::Template(document) => {
                        let Some(template) = templates::read(file, &source, &document) else { continue };
                        let place = At::new(file, document.line, document.column).into();
                        self.template_files.insert(file);
                        self.templates.push(template);
                        self.template_places.push((place, source.stack.clone()));
                    }
                    Part::Object(document) => self.object(file, document, into, &mut lacks),
                    Part::Skipped(why) => Skipped::new(file, why).add_to(&mut self.skipped),
                }
            }
            if let Some(namespace) = namespace {
                into.manifests[n_before..].iter_mut().for_each(|manifest| manifest.or_namespace(namespace));
            }
            self.n_files += 1;
            if let Some(rendered) = &source.rendered {
                self.rendered.insert(source.name.clone(), rendered.clone());
            }
            self.exceptions.read(file, &source.text);
            if let Some(what) = lacks {
                let is_other = into.manifests.len() == n_before && self.templates.len() == n_templates;
                let why = if is_other { "not a manifest" } else { "one of its documents is not a manifest" };
                self.skipped.push(Skipped::new(file, format!("{why}: it has no `{what}`")));
            }
            if into.manifests.len() > n_before || self.templates.len() > n_templates {
                self.documents.add(source);
            }
        }
    }

    /// Adds a document that may be a manifest.
    fn object(&mut self, file: &'static str, document: Marked, into: &mut Contents, lacks: &mut Option<&str>) {
        let at = At::new(file, document.line, document.column);
        let object = Object::of(&document);
        if let Some(finding) = part::lacks(&document).and_then(|what| misspelled::find(file, &document, what)) {
            self.broken.push(finding);
        }
        let data = document.into_data();
        let broken = self.validations.broken(&object, &data);
        match Manifest::new(data, at) {
            Ok(manifest) => {
                // References to other objects may point to it.
                if manifest.has_open_name() {
                    let [.., namespace, _] = manifest.identity();
                    let namespace = if namespace.is_empty() { &into.namespace } else { namespace };
                    into.known_in_part.push(namespace.to_owned());
                }
                into.manifests.push(manifest);
                self.validations.take(at.into(), object.definitions, broken);
                self.mutations.extend(object.mutation);
                self.has_admission_policy |= object.kind.as_deref() == Some("ValidatingAdmissionPolicy");
            }
            Err(what) => *lacks = Some(what),
        }
    }

    /// Moves diagnostics from their objects to the responsible fields.
    pub fn point(&self, diagnostics: Vec<Diagnostic>) -> Vec<Diagnostic> {
        let mut diagnostics: Vec<(usize, Diagnostic)> = diagnostics.into_iter().enumerate().collect();
        // Sorted by file, so that each file is parsed once.
        let file = |diagnostic: &Diagnostic| diagnostic.place.as_ref().map(|place| place.file.clone());
        diagnostics.sort_by_cached_key(|(_, diagnostic)| file(diagnostic));
        let mut diagnostics: Vec<(usize, Diagnostic)> =
            diagnostics.into_iter().map(|(number, diagnostic)| (number, self.pointed(diagnostic))).collect();
        diagnostics.sort_by_key(|(number, _)| *number);
        diagnostics.into_iter().map(|(_, diagnostic)| diagnostic).collect()
    }

    fn pointed(&self, mut diagnostic: Diagnostic) -> Diagnostic {
        if let (Some(place), Some(field)) = (&mut diagnostic.place, &diagnostic.field)
            && let Some((line, column)) = self.documents.with(place, |document| document.find(field)).flatten()
        {
            (place.line, place.column) = (line, column);
        }
        match self.origin(&diagnostic) {
            Some(from) => diagnostic.note(format!("rendered from `{from}`")),
            None => diagnostic,
        }
    }

    /// Returns the source file of a finding in a rendered text.
    fn origin(&self, diagnostic: &Diagnostic) -> Option<&String> {
        let place = diagnostic.place.as_ref()?;
        self.rendered.get(&place.file)?.origins.range(..=place.line).next_back().map(|(_, from)| from)
    }
}

impl Given {
    /// Returns the name of a cluster for this folder.
    fn name(&self) -> String {
        match self {
            Given::Stdin => "stdin".to_owned(),
            Given::Path(path) => name_of(path),
        }
    }
}

/// Marks all namespaces as incomplete, because an unreadable file may define any object.
fn know_in_part(contents: &mut Contents) {
    let named = contents.manifests.iter().map(|it| it.identity()[2].to_owned()).filter(|it| !it.is_empty());
    let all: BTreeSet<String> = named.chain([contents.namespace.clone()]).collect();
    contents.known_in_part.extend(all);
}

fn name_of(path: &Path) -> String {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
    name.unwrap_or_else(|| "cluster".to_owned())
}
