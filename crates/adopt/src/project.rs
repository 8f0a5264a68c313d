//! The program: its modules, and the function that calls them.

use std::collections::{BTreeMap, BTreeSet};

use meshsynth_model::val::Data;

use crate::files::Files;
use crate::module::{self, Module};
use crate::names::{self, Given};
use crate::tree::{Content, Expr, Function, Param, Statement};
use crate::types::Types;
use crate::{Estate, Exclusions, Origin, Refusal, Report, objects, template};

/// A program with its report.
#[derive(Clone, Debug, Default)]
pub struct Project {
    /// The files by path, such as `src/lib.rs`.
    pub files: Vec<(String, String)>,
    /// The YAML files by path, each with its document.
    pub documents: Vec<(String, Data)>,
    /// The required features of `meshsynth-services`.
    pub features: BTreeSet<String>,
    /// The result for each resource and object.
    pub report: Report,
    /// The source of each construct path and of each module file below `src`.
    pub origins: BTreeMap<String, Origin>,
}

/// Writes the program of an estate, without omitted stacks and objects, and without constructs for excluded resources.
pub fn project(estate: &Estate, exclusions: &Exclusions) -> Project {
    let (mut types, mut project) = (Types::default(), Project::default());
    let mut modules: Vec<(String, Module)> = Vec::new();
    let (mut given, mut calls) = (Given::default(), Vec::new());
    for name in ["main", "lib", "meshsynth"] {
        given.take(name, "_");
    }
    for exists in &estate.templates {
        if let Some(why) = exclusions.stacks.get(&exists.stack) {
            let (file, why) = (exists.file.clone(), why.clone());
            project.report.refusals.push(Refusal { file, line: 0, why });
            continue;
        }
        let name = given.take(&names::snake(&names::kebab(&exists.stack)), "_");
        match template::write(exists, &name, exclusions, &mut types) {
            Ok(written) => {
                let stack = || Origin::Stack(exists.stack.clone());
                project.origins.insert(name.replace('_', "-"), stack());
                project.origins.extend(written.modules.iter().map(|(path, _)| (format!("src/{path}.rs"), stack())));
                let resource = |(construct, id)| {
                    (format!("{}/{construct}", name.replace('_', "-")), Origin::Resource(exists.stack.clone(), id))
                };
                project.origins.extend(written.constructs.into_iter().map(resource));
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
        let written = objects::write(estate, &name, exclusions, &mut types);
        if !written.modules.is_empty() {
            calls.push(name);
        }
        modules.extend(written.modules);
        project.origins.extend(written.origins);
        project.report.rows.extend(written.rows);
        project.report.refusals.extend(written.refusals);
        let same = written.same.iter().map(|it| format!("{}:{}: {}: it is adopted once", it.file, it.line, it.why));
        project.report.notes.extend(same);
        project.report.same.extend(written.same);
    }
    project.files.push(("src/lib.rs".to_owned(), root(&estate.app, &calls)));
    let mut files = Files::default();
    for (path, module) in modules {
        let printed = module.print(&path, &mut files);
        project.features.extend(printed.services);
        project.files.push((format!("src/{path}.rs"), printed.text));
    }
    for (path, content) in files.all() {
        match content {
            Content::Text(text) => project.files.push((path, text)),
            Content::Document(data) => project.documents.push((path, data)),
        }
    }
    project
}

fn root(app: &str, calls: &[String]) -> String {
    let app_of = Expr::variable("app");
    let statements = calls.iter().map(|name| Statement::of(module::call(name, app_of.clone()))).collect();
    let mut modules = calls.to_vec();
    modules.sort();
    let define = Function {
        doc: "Defines the platform.".to_owned(),
        visible: "pub",
        name: "platform".to_owned(),
        params: vec![Param::reference("app", "App")],
        statements,
        returns: Vec::new(),
    };
    let doc = format!("The platform `{app}`, adopted from existing resources.");
    Module { doc, functions: vec![define], modules, ..Module::default() }.print("lib", &mut Files::default()).text
}
