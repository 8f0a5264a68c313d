//! The program: its modules, and the function that calls them.

use std::collections::{BTreeMap, BTreeSet};

use meshsynth_model::val::Data;

use crate::files::Files;
use crate::module::{self, Module};
use crate::names::{self, Given};
use crate::template::{NestedModule, NestedModules, StackContext, cdk_bootstrap};
use crate::tree::{Content, Expr, Function, Param, Statement};
use crate::types::Types;
use crate::{Estate, Exclusions, Origin, Refusal, Report, Template, objects, template};

/// The maximum depth of nested stacks.
const DEEPEST: usize = 20;

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
    /// The path of each nested stack in the program, with the file of its template.
    pub nested: Vec<(String, String)>,
    /// The source of each construct path and of each module file below `src`.
    pub origins: BTreeMap<String, Origin>,
}

/// Writes the program of an estate, without omitted stacks and objects, and without constructs for excluded resources.
pub fn project(estate: &Estate, exclusions: &Exclusions) -> Project {
    let (mut types, mut project) = (Types::default(), Project::default());
    let mut modules: Vec<(String, Module)> = Vec::new();
    let (mut given, mut calls) = (Given::default(), Vec::new());
    for name in ["main", "lib", "meshsynth", cdk_bootstrap::MODULE] {
        given.take(name, "_");
    }
    let stacks = adoptable(estate, exclusions, &mut given, &mut project.report);
    let templates: Vec<&Template> = stacks.iter().map(|(_, template)| *template).collect();
    let (sharing, check) = cdk_bootstrap::shared(&templates, &mut types).unzip();
    let sharing = sharing.unwrap_or_default();
    modules.extend(check.map(|module| (cdk_bootstrap::MODULE.to_owned(), module)));
    let mut constructs: BTreeMap<&str, Vec<(String, String)>> = BTreeMap::new();
    for (name, template) in &stacks {
        let shares_bootstrap_check = sharing.contains(template.file.as_str());
        let context = StackContext { nested: nested_modules(template, &stacks), shares_bootstrap_check };
        let written = template::write(template, name, &context, exclusions, &mut types);
        let origin = || Origin::Stack(template.stack.clone());
        project.origins.extend(written.modules.iter().map(|(path, _)| (format!("src/{path}.rs"), origin())));
        constructs.insert(&template.file, written.constructs);
        modules.extend(written.modules);
        project.report.rows.extend(written.rows);
        project.report.notes.extend(written.notes);
        if !template.is_nested {
            calls.push(name.clone());
        }
    }
    let stacks = Stacks { stacks: &stacks, constructs: &constructs };
    for (name, template) in stacks.stacks.iter().filter(|(_, template)| !template.is_nested) {
        stacks.add_origins(&name.replace('_', "-"), template, &mut project);
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
    let mut below: Vec<String> = stacks.stacks.iter().map(|(name, _)| name.clone()).chain(calls.clone()).collect();
    below.extend((!sharing.is_empty()).then(|| cdk_bootstrap::MODULE.to_owned()));
    below.sort();
    below.dedup();
    project.files.push(("src/lib.rs".to_owned(), root(&estate.app, &calls, below)));
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

/// Returns the templates to adopt with the names of their modules. The report lists the other parts.
fn adoptable<'a>(
    estate: &'a Estate,
    exclusions: &Exclusions,
    given: &mut Given,
    report: &mut Report,
) -> Vec<(String, &'a Template)> {
    let mut stacks = Vec::new();
    for template in &estate.templates {
        if let Some(why) = exclusions.stacks.get(&template.stack) {
            let (file, why) = (template.file.clone(), why.clone());
            report.refusals.push(Refusal { file, line: 0, why });
            continue;
        }
        let refusals = template::refusals(template);
        if refusals.is_empty() {
            stacks.push((given.take(&names::snake(&names::kebab(&template.stack)), "_"), template));
        }
        report.refusals.extend(refusals);
    }
    let deployed = deployed_files(&stacks);
    let why = "it is the template of a nested stack, but no adopted stack deploys it";
    let lost = stacks.iter().filter(|(_, template)| !deployed.contains(template.file.as_str()));
    let refusal = |template: &Template| Refusal { file: template.file.clone(), line: 0, why: why.to_owned() };
    report.refusals.extend(lost.map(|(_, template)| refusal(template)));
    stacks.retain(|(_, template)| deployed.contains(template.file.as_str()));
    stacks
}

/// Returns the files of the stacks, and of the nested templates that they deploy.
fn deployed_files<'a>(stacks: &[(String, &'a Template)]) -> BTreeSet<&'a str> {
    let mut deployed: BTreeSet<&str> = BTreeSet::new();
    let mut open: Vec<&Template> = stacks.iter().map(|(_, it)| *it).filter(|it| !it.is_nested).collect();
    while let Some(template) = open.pop() {
        if deployed.insert(&template.file) {
            let find = |file: &String| stacks.iter().map(|(_, it)| *it).find(|it| it.file == *file);
            open.extend(template.nested.values().filter_map(find));
        }
    }
    deployed
}

/// Returns the modules of the templates that the nested stacks of a template deploy.
fn nested_modules(template: &Template, stacks: &[(String, &Template)]) -> NestedModules {
    let module = |file: &String| stacks.iter().find(|(_, it)| it.file == *file).map(|(name, _)| name.clone());
    let nested = template.nested.iter().filter_map(|(id, file)| Some((id.clone(), NestedModule(module(file)?))));
    nested.collect()
}

/// The adopted stacks with the IDs of their constructs and the logical IDs of their resources, by file.
struct Stacks<'a> {
    stacks: &'a [(String, &'a Template)],
    constructs: &'a BTreeMap<&'a str, Vec<(String, String)>>,
}

impl Stacks<'_> {
    /// Adds the origins of a stack and of its nested stacks. `path` is the path of the stack in the program.
    fn add_origins(&self, path: &str, template: &Template, project: &mut Project) {
        project.origins.insert(path.to_owned(), Origin::Stack(template.stack.clone()));
        for (construct, id) in self.constructs.get(template.file.as_str()).into_iter().flatten() {
            let below = format!("{path}/{construct}");
            project.origins.insert(below.clone(), Origin::Resource(template.stack.clone(), id.clone()));
            let file = template.nested.get(id);
            let nested = file.and_then(|file| self.stacks.iter().find(|(_, it)| it.file == *file));
            // A template cannot contain itself, but a hostile source may claim it.
            if let Some((_, nested)) = nested.filter(|_| path.matches('/').count() < 2 * DEEPEST) {
                let below = format!("{below}/template");
                project.nested.push((below.clone(), nested.file.clone()));
                self.add_origins(&below, nested, project);
            }
        }
    }
}

fn root(app: &str, calls: &[String], modules: Vec<String>) -> String {
    let app_of = Expr::variable("app");
    let statements = calls.iter().map(|name| Statement::of(module::call(name, app_of.clone()))).collect();
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
