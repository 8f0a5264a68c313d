//! Policies in other languages than Rust: files of `[policy]` in `meshsynth.toml`, and admission policies among
//! manifests.

mod admission;
pub mod assembly;
mod document;
mod files;
mod form;
mod passed;
mod subject;
mod template;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context, Result};
use meshsynth::diag::{Diagnostic, Place};
use meshsynth::val::Data;
use meshsynth::{At, Contents, Manifest, World, check, policy_file};
use meshsynth_assembly::read_manifest;
use meshsynth_diff::day::Day;
use meshsynth_diff::gates::Allow;
use meshsynth_model::problem::did_you_mean;

use self::admission::Admission;
pub use self::admission::Role;
use self::assembly::Wanted;
use self::document::Document;
use self::form::Policy;
use self::passed::passed;
pub use self::subject::{Cluster, DEFERRED, Object, Resource, Stack, Subjects};
pub use self::template::resolved;
use crate::expressions::Evaluator;
use crate::settings::{ByCode, Pattern};
use crate::yaml::{self, Marked};

/// The compiled policies of a project.
#[derive(Default)]
pub struct Policies {
    evaluator: Evaluator,
    admission: Admission,
    forms: Vec<Policy>,
    /// The errors in the files. No policy is evaluated until they are fixed.
    wrong: Vec<Diagnostic>,
}

impl Policies {
    /// Reads the files that match the patterns of a configuration in `folder`.
    ///
    /// # Errors
    ///
    /// If a pattern matches no file, or a file cannot be read. Errors in a file are not returned here, but by
    /// [`Self::wrong`].
    pub fn load(folder: &Path, patterns: &[Pattern]) -> Result<Self> {
        let mut policies = Self::default();
        let here = std::env::current_dir().context("cannot determine the current folder")?;
        for path in files::files(folder, patterns)? {
            let shown = path.strip_prefix(&here).unwrap_or(&path).display().to_string();
            let bytes = std::fs::read(&path).with_context(|| format!("cannot read `{shown}`"))?;
            policies.take(&shown, &String::from_utf8_lossy(&bytes));
        }
        Ok(policies)
    }

    /// Adds the documents of a file.
    fn take(&mut self, file: &str, text: &str) {
        let (documents, wrongs) = yaml::documents(text);
        for wrong in wrongs {
            let mut diagnostic = policy_file::invalid(format!("the file is not valid YAML: {}", wrong.message));
            diagnostic.place = Some(Place { file: file.to_owned(), line: wrong.line, column: wrong.column });
            self.wrong.push(diagnostic);
        }
        for document in documents {
            let all = document.into_objects().unwrap_or_else(|document| vec![document]);
            all.into_iter().for_each(|document| self.take_document(file, document));
        }
        self.wrong.sort_by_cached_key(Diagnostic::sort_key);
    }

    fn take_document(&mut self, file: &str, marked: Marked) {
        let document = Document::of_file(file, marked.clone());
        let (api_version, kind) = (document.tree.text("apiVersion"), document.tree.text("kind"));
        match (api_version, kind) {
            (None, _) | (_, None) => {
                let lacks = if api_version.is_none() { "apiVersion" } else { "kind" };
                let help = "a policy file contains a ValidatingAdmissionPolicy, its binding, its parameters, or a \
                     Policy of `meshsynth.dev/v1`";
                self.wrong.push(document.wrong("", format!("`{lacks}` is missing in a document")).help(help));
            }
            (Some(form::API_VERSION), Some("Policy")) => {
                self.forms.extend(Policy::read(&document, &self.evaluator, &mut self.wrong));
            }
            (Some(api_version), Some(kind)) if api_version.starts_with("meshsynth.dev/") => {
                let known = format!("{}, kind Policy", form::API_VERSION);
                let message = format!("`{api_version}`, kind `{kind}`, is not a policy");
                self.wrong.push(
                    document
                        .wrong("kind", message)
                        .help(did_you_mean(&format!("{api_version}, kind {kind}"), &[&known])),
                );
            }
            _ => {
                if Role::of(&document.tree) != Role::Other {
                    self.check_schema(&document, &marked);
                }
                self.admission.take(&document, &self.evaluator, &mut self.wrong);
            }
        }
    }

    /// Validates a policy against its schema, like a manifest.
    fn check_schema(&mut self, document: &Document, marked: &Marked) {
        let Data::Map(mut body) = marked.literal() else { return };
        // Older versions have the same fields.
        body.set("apiVersion", "admissionregistration.k8s.io/v1");
        let file: &'static str = meshsynth::diag::intern(&document.place.file);
        let Ok(manifest) = Manifest::new(Data::Map(body), At::new(file, marked.line, marked.column)) else { return };
        let contents = Contents { cluster: "policies".to_owned(), manifests: vec![manifest], ..Contents::default() };
        for found in check(vec![contents], World::Open).into_iter().filter(|it| it.code == "MS0106") {
            let mut wrong = document.wrong(found.field.as_deref().unwrap_or_default(), found.message);
            wrong.help = found.help;
            self.wrong.push(wrong);
        }
    }

    /// Whether there are neither policies nor invalid files.
    pub fn is_empty(&self) -> bool {
        self.admission.n_policies() == 0 && self.forms.is_empty() && self.wrong.is_empty()
    }

    /// Returns the code, the summary and the manual of each policy with a code.
    pub fn explained(&self) -> Vec<[String; 3]> {
        let of_clusters = self.admission.explained();
        of_clusters.into_iter().chain(self.forms.iter().map(Policy::explained)).collect()
    }

    /// Returns the errors in the files.
    pub fn wrong(&self) -> &[Diagnostic] {
        &self.wrong
    }

    /// Returns the findings of the policies. The list is empty if a file is invalid.
    pub fn judge(&self, subjects: &Subjects, world: World) -> Vec<Diagnostic> {
        let mut found = Vec::new();
        if !self.wrong.is_empty() {
            return found;
        }
        for cluster in &subjects.clusters {
            self.admission.judge(cluster, &self.evaluator, world, &mut found);
        }
        for stack in &subjects.stacks {
            self.forms.iter().for_each(|policy| policy.judge(stack, &self.evaluator, &mut found));
        }
        // Errors in policy files are reported once, not for each cluster.
        let mut known = BTreeSet::new();
        found.retain(|it| known.insert(it.sort_key()));
        found.sort_by_cached_key(Diagnostic::sort_key);
        found
    }

    /// Returns the findings of the policies in an assembly.
    pub fn judge_assembly(&self, folder: &Path) -> Result<Vec<Diagnostic>> {
        let wanted = Wanted { objects: self.admission.n_policies() > 0, resources: !self.forms.is_empty() };
        Ok(self.judge(&assembly::read(folder, wanted)?, World::Open))
    }
}

/// Applies severities and exceptions to any findings in an assembly, including the exceptions of its program. Returns
/// those that count, and those that are suppressed.
pub fn judged(
    found: Vec<Diagnostic>,
    folder: &Path,
    severities: &ByCode,
    allows: &[Allow],
    today: Day,
) -> Result<(Vec<Diagnostic>, Vec<Diagnostic>)> {
    if found.is_empty() {
        return Ok((found, Vec::new()));
    }
    let exceptions = read_manifest(folder)?.exceptions;
    Ok(passed(found, severities, allows, &exceptions, today))
}
