//! `--render`: kustomizations and charts as their own tools make them, and what Argo CD and Flux deliver.
//!
//! Nothing here runs unless it is asked for. No tool is asked to fetch anything.

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

/// What is added to the name of a folder whose output is meant.
const RENDERED: &str = " (rendered)";

/// The comment of helm above each document.
const SOURCE: &str = "# Source: ";

/// How folders are rendered.
#[derive(Clone, Copy, Debug)]
pub struct Render<'a> {
    /// Files with values for every chart.
    pub values: &'a [PathBuf],
}

/// What is known about the cluster.
#[derive(Clone, Copy)]
pub struct Cluster<'a> {
    /// Its Kubernetes version.
    pub version: &'a str,
    /// The namespace of objects that name none, by the folder that they lie in.
    pub namespace: &'a dyn Fn(&Path) -> String,
}

/// Renders what a folder holds: adds the output to `sources`, and says what cannot be rendered.
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
    // In a circle each is named by another: the tool says what is wrong with it.
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
    // What was rendered may deliver more.
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
    /// The folders that are rendered.
    done: BTreeSet<PathBuf>,
}

impl Rendering<'_> {
    /// Renders what objects deliver, and what the rendered ones deliver in turn.
    fn follow(&mut self, root: &Path, mut next: usize) -> Result<()> {
        while next < self.sources.len() {
            let (documents, _) = yaml::documents(&self.sources[next].text);
            let name = self.sources[next].name.clone();
            next += 1;
            for document in &documents {
                let (found, left) = deliveries(document, root);
                for told in left {
                    // A name of a file is kept for the life of the process, once.
                    let at = At::new(name.clone().leak(), document.line, document.column);
                    let help = "generators of lists and of directories in git are followed";
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
        // As the command line began it.
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
        // A plain folder is read as it is.
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
        let tool = Tool::for_kustomizations()?;
        let mut command = tool.command();
        if overlay.is_empty() {
            command.arg(folder);
            let namespace = namespace.unwrap_or_else(|| (self.cluster.namespace)(folder));
            return self.take(tool, folder, namespace, command);
        }
        // What Argo CD and Flux change is a kustomization on top, in a folder of our own.
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
            let message = format!("the dependencies `{}` of the chart are not below `charts`", missing.join("`, `"));
            let help = format!("fetch them: `helm dependency build {}`", folder.display());
            self.fail(folder, Tool::Helm, message, &help);
            return Ok(());
        }
        let namespace = delivery.namespace.clone().unwrap_or_else(|| (self.cluster.namespace)(folder));
        let release = delivery.release.clone().unwrap_or_else(|| release_name(folder));
        let tool = Tool::for_charts()?;
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

    /// Runs a tool and takes what it writes.
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
                    Tool::Helm => "fix the chart, or give its values with `--values`",
                    Tool::Kustomize | Tool::Kubectl => "fix the kustomization, or what is changed on top of it",
                };
                self.fail(folder, tool, format!("`{shown}` failed: {why}"), help);
            }
        }
        Ok(())
    }

    fn fail(&mut self, folder: &Path, tool: Tool, message: String, help: &str) {
        let kustomization = KUSTOMIZATIONS.into_iter().find(|name| folder.join(name).is_file()).unwrap_or_default();
        let name = if tool == Tool::Helm { "Chart.yaml" } else { kustomization };
        // A name of a file is kept for the life of the process, once.
        let place: &'static str = folder.join(name).display().to_string().leak();
        self.failed.push(Manifest::not_rendered(message, At::new(place, 1, 1)).help(help));
    }
}

/// What an object delivers from the repository at `root`; nothing where it is of another kind or from elsewhere. The
/// texts say what of it is not followed.
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
                format!("ApplicationSet `{name}`: what its generator `{generator}` makes is not followed")
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

/// Where helm says that documents come from: the line of the comment, and the file.
fn origins(folder: &Path, text: &str) -> BTreeMap<u32, String> {
    let mut found = BTreeMap::new();
    for (idx, line) in text.lines().enumerate() {
        let Some(path) = line.strip_prefix(SOURCE) else { continue };
        // The first part is the name of the chart.
        let file = path.trim().split_once('/').map(|(_, rest)| folder.join(rest)).filter(|file| file.is_file());
        if let Some(file) = file {
            found.insert(u32::try_from(idx + 1).unwrap_or(u32::MAX), file.display().to_string());
        }
    }
    found
}

/// The nearest folder above that is a repository, or the folder itself.
fn repository(given: &Path) -> PathBuf {
    let start = absolute(given);
    let found = start.ancestors().find(|folder| folder.join(".git").exists()).map(Path::to_owned);
    found.unwrap_or(start)
}

/// Whether a kustomization is a part for others, which is not built by itself.
fn is_component(folder: &Path) -> bool {
    let texts = KUSTOMIZATIONS.iter().filter_map(|name| fs::read_to_string(folder.join(name)).ok());
    let documents: Vec<_> = texts.flat_map(|text| yaml::documents(&text).0).collect();
    documents.iter().any(|it| it.text("kind") == Some("Component"))
}

/// The dependencies of a chart that are not there; helm would refuse to render it.
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

/// The name of a chart as that of a release, wherever its folder lies; that of the folder where it has none.
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

/// A path from one folder to another; both are absolute.
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
    fn a_path_leads_from_one_folder_to_another() {
        assert_eq!(relative(Path::new("/srv/render/a"), Path::new("/srv/shop/base")), "../../shop/base");
        assert_eq!(relative(Path::new("/srv/a"), Path::new("/srv/a/b")), "b");
    }

    #[test]
    fn a_release_is_called_after_its_folder() {
        assert_eq!(release_name(Path::new("charts/Shop_v2")), "shop-v2");
        assert_eq!(release_name(Path::new("__")), "release");
    }
}
