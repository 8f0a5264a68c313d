//! The program: its modules, and the function that calls them.

use std::collections::BTreeSet;
use std::fmt::Write;

use crate::module::Module;
use crate::names::{self, Given};
use crate::types::Types;
use crate::{Estate, Held, Refusal, Report, objects, template};

/// A program, and what became what.
#[derive(Clone, Debug, Default)]
pub struct Project {
    /// The files by their paths, such as `src/lib.rs`.
    pub files: Vec<(String, String)>,
    /// The features of `meshsynth-services` that it needs.
    pub features: BTreeSet<String>,
    /// What became what.
    pub report: Report,
}

/// Writes the program of an estate, less what is set aside, and without constructs for what is held.
pub fn project(estate: &Estate, held: &Held) -> Project {
    let (mut types, mut project) = (Types::default(), Project::default());
    let mut modules: Vec<(String, Module)> = Vec::new();
    let (mut given, mut calls) = (Given::default(), Vec::new());
    for name in ["main", "lib", "platform", "meshsynth"] {
        given.take(name, "_");
    }
    for exists in &estate.templates {
        if let Some(why) = held.stacks.get(&exists.stack) {
            let (file, why) = (exists.file.clone(), why.clone());
            project.report.refusals.push(Refusal { file, line: 0, why });
            continue;
        }
        let name = given.take(&names::snake(&names::kebab(&exists.stack)), "_");
        match template::write(exists, &name, held, &mut types) {
            Ok(written) => {
                modules.extend(written.modules);
                project.report.rows.extend(written.rows);
                project.report.notes.extend(written.notes);
                calls.push(name);
            }
            Err(refusals) => project.report.refusals.extend(refusals),
        }
    }
    if !estate.objects.is_empty() {
        let name = given.take(&names::snake(&estate.cluster), "_");
        let written = objects::write(estate, &name, &mut types);
        if !written.modules.is_empty() {
            calls.push(name);
        }
        modules.extend(written.modules);
        project.report.rows.extend(written.rows);
        project.report.refusals.extend(written.refusals);
    }
    project.files.push(("src/lib.rs".to_owned(), root(&estate.app, &calls)));
    for (path, module) in modules {
        let text = module.text();
        for piece in text.split("meshsynth_services::").skip(1) {
            project.features.insert(piece.split("::").next().unwrap_or_default().to_owned());
        }
        project.files.push((format!("src/{path}.rs"), text));
    }
    project
}

fn root(app: &str, calls: &[String]) -> String {
    let mut text = format!("//! The platform `{app}`, adopted from what existed.\n\n");
    let mut modules = calls.to_vec();
    modules.sort();
    for name in &modules {
        let _ = writeln!(text, "mod {name};");
    }
    text.push_str("\nuse meshsynth::App;\n\n/// Defines the platform.\npub fn platform(app: &App) {\n");
    for name in calls {
        let _ = writeln!(text, "    {name}::define(app);");
    }
    text.push_str("}\n");
    text
}
