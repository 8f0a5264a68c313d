//! The check of the bootstrap version, which the AWS CDK adds to each stack. Stacks with the same check share a function.

use std::collections::{BTreeMap, BTreeSet};

use meshsynth_model::val::Data;

use super::sections;
use crate::Template;
use crate::code::{Named, Writer};
use crate::module::Module;
use crate::order;
use crate::passes::settle;
use crate::tree::{Expr, Function, Param, Statement};
use crate::types::Types;

/// The name of the module.
pub const MODULE: &str = "cdk_bootstrap";

/// The parameter with the version.
const PARAMETER: &str = "BootstrapVersion";

/// The rule that checks the version.
const RULE: &str = "CheckBootstrapVersion";

/// The parameter and the rule of a template.
#[derive(Clone, Copy, PartialEq)]
struct Check<'a> {
    parameter: &'a Data,
    rule: &'a Data,
}

impl<'a> Check<'a> {
    /// Returns the check of a template, unless another entry refers to its parameter.
    fn of(template: &'a Template) -> Option<Self> {
        let entry = |section: &str, id: &str| template.data.at(section)?.as_map()?.get(id);
        let (parameter, rule) = (entry("Parameters", PARAMETER)?, entry("Rules", RULE)?);
        let mut used = BTreeSet::new();
        for (section, body) in template.data.as_map().into_iter().flat_map(meshsynth_model::val::Bag::iter) {
            match section {
                "Rules" => {
                    let others = sections::entries_of(&template.data, "Rules").filter(|(id, _)| *id != RULE);
                    others.for_each(|(_, body)| order::references(body, &mut used));
                }
                _ => order::references(body, &mut used),
            }
        }
        (!used.contains(PARAMETER)).then_some(Self { parameter, rule })
    }
}

/// Whether an entry of a section belongs to the shared check.
pub(super) fn is_entry(section: &str, id: &str) -> bool {
    (section, id) == ("Parameters", PARAMETER) || (section, id) == ("Rules", RULE)
}

/// Writes the call of the shared check.
pub(super) fn call() -> Statement {
    Statement::of(Expr::call(format!("crate::{MODULE}::check"), [Expr::Scope]))
}

/// Returns the files of the templates that share a check, and the module with the check. At least two templates must
/// have the same check.
pub fn shared<'a>(templates: &[&'a Template], types: &mut Types) -> Option<(BTreeSet<&'a str>, Module)> {
    let checks: Vec<(&Template, Check<'_>)> =
        templates.iter().filter_map(|template| Some((*template, Check::of(template)?))).collect();
    let (first, check) = checks.first()?;
    let files: BTreeSet<&str> =
        checks.iter().filter(|(_, it)| it == check).map(|(template, _)| template.file.as_str()).collect();
    (files.len() > 1).then(|| (files, module(first, types)))
}

fn module(template: &Template, types: &mut Types) -> Module {
    let named = [(PARAMETER.to_owned(), Named::Parameter("bootstrap_version".to_owned()))].into();
    let mut writer = Writer { types, named, known: BTreeMap::new(), members: BTreeSet::new() };
    let is_other = |section: &str, id: &str| !is_entry(section, id);
    let mut statements = sections::parameters(template, &is_other, &mut writer);
    statements.extend(sections::mappings_and_conditions(template, &is_other, &mut writer));
    settle::settle(&mut statements, &Expr::variable("stack"), &|_| true);
    let check = Function {
        doc: "Requires a recent version of the bootstrap stack.".to_owned(),
        visible: "pub",
        name: "check".to_owned(),
        params: vec![Param::reference("stack", "Stack")],
        statements,
        returns: Vec::new(),
    };
    let doc = "The check of the bootstrap stack, which the AWS CDK adds to each stack.".to_owned();
    Module { doc, functions: vec![check], ..Module::default() }
}
