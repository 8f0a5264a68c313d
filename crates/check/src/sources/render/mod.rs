//! Implements `--render`: renders kustomizations and charts with their tools, and follows deliveries of Argo CD and
//! Flux.
//!
//! Tools run only with this option, and never download anything.

mod application_set;
mod delivery;
mod parts;
mod substitute;
mod tool;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use meshsynth::diag::{Diagnostic, Severity};
use meshsynth::{At, Manifest};
use serde_json::{Map, Value};

use super::files::{KUSTOMIZATIONS, Unrendered, is_kustomization};
use super::source::{Rendered, Source};
use crate::temporary::Temporary;
use crate::yaml::{self, Marked};
use delivery::Delivery;
use parts::{Parts, absolute};
use tool::Tool;

/// The suffix of folder names whose output is rendered.
const RENDERED: &str = " (rendered)";

/// The comment of helm above each document.
const SOURCE: &str = "# Source: ";

/// The options to render folders.
#[derive(Clone, Copy, Debug)]
pub struct Render<'a> {
    /// Files with values for every chart.
    pub values: &'a [PathBuf],
}

/// The properties of the cluster.
#[derive(Clone, Copy)]
pub struct Cluster<'a> {
    /// Its Kubernetes version.
    pub version: &'a str,
    /// The namespace of objects that specify none, by their folder.
    pub namespace: &'a dyn Fn(&Path) -> String,
}

/// Renders a folder: adds the output to `sources`, and returns errors about folders that cannot be rendered.
pub fn render(
    given: &Path,
    unrendered: &Unrendered,
    sources: &mut Vec<Source>,
    render: Render<'_>,
    cluster: Cluster<'_>,
) -> Result<Vec<Diagnostic>> {
    let root = repository(given);
    let mut rendering = Rendering { given, render, cluster, sources, failed: Vec::new(), done: BTreeSet::new() };
    rendering.follow(&root, 0)?;
    let parts = Parts::of(&unrendered.kustomizations);
    for folder in &unrendered.kustomizations {
        let is_root = folder == given || !parts.is_named(folder) && !is_component(folder);
        if is_root && !rendering.done.contains(&absolute(folder)) {
            rendering.kustomization(folder, None, &Map::new())?;
        }
    }
    // In a cycle, each kustomization refers to another one. The tool reports the error.
    for folder in &unrendered.kustomizations {
        if parts.is_in_circle(folder) && !parts.is_within(&rendering.done, folder) {
            rendering.kustomization(folder, None, &Map::new())?;
        }
    }
    for folder in &unrendered.charts {
        if !rendering.done.contains(&absolute(folder)) {
            rendering.chart(folder, &Delivery::default())?;
        }
    }
    // Rendered objects may deliver further folders.
    let n_known = rendering.sources.iter().filter(|it| it.rendered.is_none()).count();
    rendering.follow(&root, n_known)?;
    Ok(rendering.failed)
}

struct Rendering<'a> {
    given: &'a Path,
    render: Render<'a>,
    cluster: Cluster<'a>,
    sources: &'a mut Vec<Source>,
    failed: Vec<Diagnostic>,
    /// The rendered folders.
    done: BTreeSet<PathBuf>,
}

impl Rendering<'_> {
    /// Renders the deliveries of objects, including rendered objects.
    fn follow(&mut self, root: &Path, mut next: usize) -> Result<()> {
        while next < self.sources.len() {
            let (documents, _) = yaml::documents(&self.sources[next].text);
            let name = self.sources[next].name.clone();
            next += 1;
            for document in &documents {
                let (found, left) = deliveries(document, root);
                for told in left {
                    // Each file name is leaked once, so that positions can refer to it.
                    let at = At::new(name.clone().leak(), document.line, document.column);
                    let help = "only list generators and git directory generators are analyzed";
                    self.failed.push(Manifest::not_rendered(told, at).severity(Severity::Note).help(help));
                }
                for delivery in found {
                    self.deliver(&delivery)?;
                }
            }
        }
        Ok(())
    }

    fn deliver(&mut self, delivery: &Delivery) -> Result<()> {
        let within = absolute(self.given);
        if !delivery.folder.starts_with(&within) || self.done.contains(&delivery.folder) {
            return Ok(());
        }
        // The rendered folder keeps the path prefix that the user specified.
        let folder = match delivery.folder.strip_prefix(&within) {
            Ok(rest) if !rest.as_os_str().is_empty() => self.given.join(rest),
            _ => self.given.to_owned(),
        };
        if folder.join("Chart.yaml").is_file() {
            return self.chart(&folder, delivery);
        }
        if is_kustomization(&folder) {
            self.kustomization(&folder, delivery.namespace.clone(), &delivery.overlay)?;
            if let (Some(substitution), Some(source)) = (&delivery.substitution, self.sources.last_mut())
                && source.rendered.as_ref().is_some_and(|rendered| rendered.folder == folder)
            {
                source.text = substitution.apply(&source.text);
            }
            return Ok(());
        }
        // A plain folder is read without rendering.
        if let Some(substitution) = &delivery.substitution {
            for source in self.sources.iter_mut().filter(|it| Path::new(&it.name).starts_with(&folder)) {
                source.text = substitution.apply(&source.text);
            }
        }
        if let Some(namespace) = &delivery.namespace {
            for source in self.sources.iter_mut().filter(|it| Path::new(&it.name).starts_with(&folder)) {
                source.namespace.get_or_insert_with(|| namespace.clone());
            }
        }
        Ok(())
    }

    fn kustomization(&mut self, folder: &Path, namespace: Option<String>, overlay: &Map<String, Value>) -> Result<()> {
        self.done.insert(absolute(folder));
        let tool = match Tool::for_kustomizations() {
            Ok(tool) => tool,
            Err((message, help)) => {
                self.fail(folder, Tool::Kustomize, message.to_owned(), help);
                return Ok(());
            }
        };
        let mut command = tool.command();
        if overlay.is_empty() {
            command.arg(folder);
            let namespace = namespace.unwrap_or_else(|| (self.cluster.namespace)(folder));
            return self.take(tool, folder, namespace, command);
        }
        // Changes that Argo CD or Flux makes to the folder become a kustomization in a temporary folder, which refers
        // to this folder.
        let temporary = Temporary::new()?;
        let above = fs::canonicalize(&temporary.0).context("cannot find the folder for temporary files")?;
        let mut overlay = overlay.clone();
        overlay.insert("resources".to_owned(), Value::from(vec![relative(&above, &absolute(folder))]));
        if let Some(Value::Array(components)) = overlay.get_mut("components") {
            for component in components {
                let path = component.as_str().map(|it| relative(&above, &absolute(&folder.join(it))));
                *component = path.map_or(Value::Null, Value::from);
            }
        }
        fs::write(above.join(KUSTOMIZATIONS[0]), serde_json::to_string(&overlay)?)
            .context("cannot write a kustomization")?;
        command.arg(&above);
        let namespace = namespace.unwrap_or_else(|| (self.cluster.namespace)(folder));
        self.take(tool, folder, namespace, command)
    }

    fn chart(&mut self, folder: &Path, delivery: &Delivery) -> Result<()> {
        self.done.insert(absolute(folder));
        let missing = missing_dependencies(folder);
        if !missing.is_empty() {
            let message = format!("the chart lacks its dependencies `{}` in the folder `charts`", missing.join("`, `"));
            let help = format!("run `helm dependency build {}`", folder.display());
            self.fail(folder, Tool::Helm, message, &help);
            return Ok(());
        }
        let namespace = delivery.namespace.clone().unwrap_or_else(|| (self.cluster.namespace)(folder));
        let release = delivery.release.clone().unwrap_or_else(|| release_name(folder));
        let tool = match Tool::for_charts() {
            Ok(tool) => tool,
            Err((message, help)) => {
                self.fail(folder, Tool::Helm, message.to_owned(), help);
                return Ok(());
            }
        };
        let mut command = tool.command();
        command.arg(&release).arg(folder).args(["--namespace", &namespace]);
        command.args(["--kube-version", self.cluster.version, "--include-crds"]);
        let temporary = Temporary::new()?;
        let files = delivery.value_files.iter().chain(self.render.values).cloned();
        let mut files: Vec<PathBuf> = files.collect();
        for (idx, values) in delivery.values.iter().enumerate() {
            let file = temporary.0.join(format!("values-{idx}.json"));
            fs::write(&file, serde_json::to_string(values)?).context("cannot write values")?;
            files.push(file);
        }
        for file in files {
            command.arg("--values").arg(file);
        }
        for (name, value, is_text) in &delivery.parameters {
            command.arg(if *is_text { "--set-string" } else { "--set" }).arg(format!("{name}={value}"));
        }
        self.take(tool, folder, namespace, command)
    }

    /// Runs a tool and adds its output.
    fn take(&mut self, tool: Tool, folder: &Path, namespace: String, mut command: Command) -> Result<()> {
        match tool::output(&mut command)? {
            Ok(bytes) => {
                let mut source = Source::new(format!("{}{RENDERED}", folder.display()), bytes);
                source.rendered = Some(Rendered { folder: folder.to_owned(), origins: origins(folder, &source.text) });
                source.namespace = Some(namespace);
                self.sources.push(source);
            }
            Err(why) => {
                let typed = tool::typed(&command);
                let shown = typed.replace(&std::env::temp_dir().display().to_string(), "…");
                let help = match tool {
                    Tool::Helm => "fix the chart, or specify its values with `--values`",
                    Tool::Kustomize | Tool::Kubectl => "fix the kustomization, or the changes that are applied to it",
                };
                self.fail(folder, tool, format!("`{shown}` failed: {why}"), help);
            }
        }
        Ok(())
    }

    fn fail(&mut self, folder: &Path, tool: Tool, message: String, help: &str) {
        let kustomization = KUSTOMIZATIONS.into_iter().find(|name| folder.join(name).is_file()).unwrap_or_default();
        let name = if tool == Tool::Helm { "Chart.yaml" } else { kustomization };
        // Each file name is leaked once, so that positions can refer to it.
        let place: &'static str = folder.join(name).display().to_string().leak();
        self.failed.push(Manifest::not_rendered(message, At::new(place, 1, 1)).help(help));
    }
}

/// Returns the deliveries of an object from the repository at `root`. They are empty for other kinds and other
/// repositories. The texts describe the unsupported parts.
fn deliveries(document: &Marked, root: &Path) -> (Vec<Delivery>, Vec<String>) {
    let api_version = document.text("apiVersion").unwrap_or_default();
    let group = api_version.split('/').next().unwrap_or_default();
    let object = yaml::json(&document.literal());
    match (group, document.text("kind").unwrap_or_default()) {
        ("argoproj.io", "Application") => (delivery::argo(&object, root), Vec::new()),
        ("argoproj.io", "ApplicationSet") => {
            let (found, left) = application_set::deliveries(&object, root);
            let name = object["metadata"]["name"].as_str().unwrap_or_default();
            let told = |generator: &String| {
                format!("ApplicationSet `{name}`: the Applications of its generator `{generator}` are not analyzed")
            };
            (found, left.iter().map(told).collect())
        }
        ("kustomize.toolkit.fluxcd.io", "Kustomization") => {
            (delivery::flux_kustomization(&object, root).into_iter().collect(), Vec::new())
        }
        ("helm.toolkit.fluxcd.io", "HelmRelease") => {
            (delivery::flux_release(&object, root).into_iter().collect(), Vec::new())
        }
        _ => (Vec::new(), Vec::new()),
    }
}

/// Returns the source files of documents that helm reports, by the lines of the comments.
fn origins(folder: &Path, text: &str) -> BTreeMap<u32, String> {
    let mut found = BTreeMap::new();
    for (idx, line) in text.lines().enumerate() {
        let Some(path) = line.strip_prefix(SOURCE) else { continue };
        // The first segment is the name of the chart.
        let file = path.trim().split_once('/').map(|(_, rest)| folder.join(rest)).filter(|file| file.is_file());
        if let Some(file) = file {
            found.insert(u32::try_from(idx + 1).unwrap_or(u32::MAX), file.display().to_string());
        }
    }
    found
}

/// Returns the root of the nearest repository, or the folder itself.
fn repository(given: &Path) -> PathBuf {
    let start = absolute(given);
    let found = start.ancestors().find(|folder| folder.join(".git").exists()).map(Path::to_owned);
    found.unwrap_or(start)
}

/// Whether a kustomization is a component, which is not built separately.
fn is_component(folder: &Path) -> bool {
    let texts = KUSTOMIZATIONS.iter().filter_map(|name| fs::read_to_string(folder.join(name)).ok());
    let documents: Vec<_> = texts.flat_map(|text| yaml::documents(&text).0).collect();
    documents.iter().any(|it| it.text("kind") == Some("Component"))
}

/// Returns the missing dependencies of a chart, without which helm fails.
fn missing_dependencies(folder: &Path) -> Vec<String> {
    let names = |file: &str| -> Vec<String> {
        let text = fs::read_to_string(folder.join(file)).unwrap_or_default();
        let documents = yaml::documents(&text).0;
        let dependencies = documents.iter().flat_map(|it| it.items_of("dependencies"));
        dependencies.filter_map(|it| it.text("name").map(str::to_owned)).collect()
    };
    let entries = fs::read_dir(folder.join("charts")).into_iter().flatten().flatten();
    let there: Vec<String> = entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    let is_there = |name: &str| {
        there.iter().any(|it| {
            it == name || it.strip_prefix(name).is_some_and(|rest| rest.starts_with('-') && rest.ends_with(".tgz"))
        })
    };
    let mut found = names("Chart.yaml");
    found.extend(names("requirements.yaml"));
    found.retain(|name| !is_there(name));
    found
}

/// Returns a release name from the name of the chart, or of its folder if the chart has no name.
fn release_name(folder: &Path) -> String {
    let text = fs::read_to_string(folder.join("Chart.yaml")).unwrap_or_default();
    let documents = yaml::documents(&text).0;
    let own = documents.first().and_then(|it| it.text("name")).map(str::to_owned);
    let of_folder = || absolute(folder).file_name().map(|name| name.to_string_lossy().into_owned());
    let name = own.or_else(of_folder).unwrap_or_default().to_lowercase();
    let plain: String = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).take(50).collect();
    let plain = plain.trim_matches('-').to_owned();
    if plain.is_empty() { "release".to_owned() } else { plain }
}

/// Returns the relative path between two absolute folders.
fn relative(from: &Path, to: &Path) -> String {
    let n_common = from.components().zip(to.components()).take_while(|(one, other)| one == other).count();
    let up = from.components().skip(n_common).map(|_| "..".to_owned());
    let down = to.components().skip(n_common).map(|it| it.as_os_str().to_string_lossy().into_owned());
    up.chain(down).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn returns_relative_path() {
        assert_eq!(relative(Path::new("/srv/render/a"), Path::new("/srv/shop/base")), "../../shop/base");
        assert_eq!(relative(Path::new("/srv/a"), Path::new("/srv/a/b")), "b");
    }

    #[test]
    fn derives_release_name_from_folder() {
        assert_eq!(release_name(Path::new("charts/Shop_v2")), "shop-v2");
        assert_eq!(release_name(Path::new("__")), "release");
    }
}
