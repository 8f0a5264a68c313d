//! New projects: their files, and their creation in a folder.

mod app_name;
pub mod ci;
mod library;
mod place;

use anyhow::{Context, Result};
use clap::ValueEnum;
use handlebars::Handlebars;
use meshsynth_templates::{Skeleton, init};
use serde_json::{Value, json};

pub use app_name::app_name;
pub use library::Library;
pub use place::place;

/// The template of a new project.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Template {
    /// A network, a cluster and one service.
    Minimal,
    /// Three services with a database, a cache and a public entry point, for staging and production.
    Microservices,
    /// Two services in an Istio mesh, with an ingress gateway and a canary.
    Mesh,
    /// One Istio mesh over two regions.
    CrossRegion,
    /// Rules for the platforms of a company: a crate without a platform.
    Policy,
}

/// The values that fill a skeleton.
pub struct Facts<'a> {
    /// The name of the app: lower-case letters, digits and `-`.
    pub name: &'a str,
    /// The AWS region.
    pub region: &'a str,
    /// The source of the library.
    pub library: &'a Library,
}

/// Returns the files of a new project with paths and contents, in display order.
pub fn files(template: Template, facts: &Facts<'_>) -> Result<Vec<(&'static str, String)>> {
    let skeleton = match template {
        Template::Minimal => init::MINIMAL,
        Template::Microservices => init::MICROSERVICES,
        Template::Mesh => init::MESH,
        Template::CrossRegion => init::CROSS_REGION,
        Template::Policy => init::POLICY,
    };
    fill(skeleton, &facts.view())
}

impl Facts<'_> {
    fn view(&self) -> Value {
        json!({
            "name": self.name,
            "crate": self.name.replace('-', "_"),
            "prefix": prefix(self.name),
            "region": self.region,
            "other_region": if self.region == "eu-central-1" { "eu-west-1" } else { "eu-central-1" },
            "library": self.library.entry("meshsynth", ""),
            "program": self.library.entry("meshsynth-program", "crates/program"),
            "rust": env!("CARGO_PKG_RUST_VERSION"),
        })
    }
}

/// Renders the files of a skeleton with the given values.
fn fill(skeleton: Skeleton, view: &Value) -> Result<Vec<(&'static str, String)>> {
    let mut handlebars = Handlebars::new();
    handlebars.set_strict_mode(true);
    handlebars.register_escape_fn(handlebars::no_escape);
    let fill = |(path, text): &(&'static str, &'static str)| {
        let filled = handlebars.render_template(text, view);
        Ok((*path, filled.with_context(|| format!("the skeleton of `{path}` is broken"))?))
    };
    skeleton.iter().map(fill).collect()
}

/// Returns the files of an adopted project without its program, with the required features of `meshsynth-services`.
pub fn adopted<'a>(
    name: &str,
    library: &Library,
    services: impl Iterator<Item = &'a str>,
) -> Result<Vec<(String, String)>> {
    let view = Facts { name, region: "", library }.view();
    let features: Vec<String> = services.map(|name| format!("\"{name}\"")).collect();
    let mut files = Vec::new();
    for (path, text) in fill(init::ADOPTED, &view)? {
        let program = library.entry("meshsynth-program", "crates/program");
        let text = match path {
            "Cargo.toml" if !features.is_empty() => {
                let services = library.entry_with("meshsynth-services", "crates/services", &features);
                text.replace(&program, &format!("{program}\n{services}"))
            }
            _ => text,
        };
        files.push((path.to_owned(), text));
    }
    Ok(files)
}

/// Returns the code prefix of a policy pack: the letters of the first word of its name in upper case.
fn prefix(name: &str) -> String {
    let word = name.split('-').next().unwrap_or_default();
    let letters: String = word.chars().filter(char::is_ascii_lowercase).take(12).collect();
    if letters.len() < 2 || letters == "ms" { "POLICY".to_owned() } else { letters.to_ascii_uppercase() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_prefix_is_first_word_of_pack_name() {
        for (name, letters) in [("acme-policy", "ACME"), ("ms-rules", "POLICY"), ("a-b", "POLICY"), ("shop2", "SHOP")] {
            assert_eq!(prefix(name), letters);
        }
    }

    fn all() -> Vec<(Template, Vec<(&'static str, String)>)> {
        let facts =
            Facts { name: "my-shop", region: "eu-west-1", library: &Library::Version(env!("CARGO_PKG_VERSION")) };
        Template::value_variants().iter().map(|&it| (it, files(it, &facts).unwrap())).collect()
    }

    #[test]
    fn programs_fit_on_one_screen() {
        for (template, files) in all() {
            let program = files.iter().filter(|(path, _)| path.starts_with("src/"));
            let n_lines: usize = program.map(|(_, text)| text.lines().count()).sum();
            assert!(n_lines <= 60, "{template:?} has {n_lines} lines");
        }
    }

    #[test]
    fn projects_depend_on_library_version_and_are_workspaces() {
        for (template, files) in all() {
            let (_, manifest) = files.iter().find(|(path, _)| *path == "Cargo.toml").unwrap();
            let version = env!("CARGO_PKG_VERSION");
            assert!(manifest.contains(&format!("\nmeshsynth = \"{version}\"\n")), "{template:?}: {manifest}");
            let has_program = manifest.contains(&format!("\nmeshsynth-program = \"{version}\"\n"));
            assert_eq!(has_program, template != Template::Policy, "{template:?}: {manifest}");
            assert!(manifest.contains("\n[workspace]\n"), "{template:?}: {manifest}");
        }
    }
}
