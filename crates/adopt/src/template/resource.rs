//! The statement that defines a resource.

use meshsynth_model::val::{Bag, Data};

use super::context::NestedModule;
use super::entry::Entry;
use super::references::explicit_dependencies;
use crate::Template;
use crate::bare_construct::{BareConstruct, NESTED_STACK, bare_construct};
use crate::code::{Named, Writer};
use crate::constructs::{self, ResourceInput};
use crate::report::Became;
use crate::tree::{Expr, Line, Statement, layout};
use crate::types::shown;

/// Metadata keys that the CDK writes for its own tools.
const CDK: [&str; 2] = ["aws:cdk:", "aws:asset:"];

/// A written resource.
pub struct Defined {
    /// The statement that defines it.
    pub statement: Statement,
    /// The result for the report.
    pub became: Became,
    /// The construct that wraps it, if there is one.
    pub construct: Option<&'static BareConstruct>,
    /// The construct that it belongs to: its logical ID, and the path below it.
    pub within: Option<(String, String)>,
}

/// Writes the statement of a resource. `nested` defines the template of a nested stack. With `is_held`, the resource is not written as a construct.
pub fn define(
    entry: &Entry<'_>,
    template: &Template,
    nested: Option<&NestedModule>,
    is_held: bool,
    writer: &mut Writer<'_>,
) -> Defined {
    let props = match entry.body.get("Properties") {
        Some(Data::Map(props)) => props.clone(),
        _ => Bag::default(),
    };
    let path = writer.types.resource(entry.type_name).map(|record| record.path.clone());
    let input = ResourceInput {
        type_name: entry.type_name,
        props: &props,
        id: &entry.construct,
        logical_id: entry.id,
        is_needed: entry.is_needed,
        template: &template.data,
    };
    let (code, construct) = match nested {
        Some(_) => (constructs::nested_stack(&input, writer), Some(&NESTED_STACK)),
        None if is_held => (None, None),
        None => (constructs::make(&input, writer), bare_construct(entry.type_name)),
    };
    let construct = construct.filter(|_| code.as_ref().is_some_and(|it| it.is_construct));
    let within = code.as_ref().and_then(|it| it.within.clone());
    let place = |it: Expr| it.method("define", [Expr::Scope, Expr::text(&entry.construct)]);
    let (head, became) = match (code, path) {
        (Some(code), _) => (code.expr, Became::Construct(code.path, construct.map_or("", |it| it.adds))),
        (None, Some(path)) => match writer.resource(entry.type_name, &props) {
            Some(code) => (place(code.expr), Became::Typed(shown(&path))),
            None => (
                place(raw(entry.type_name, &props, writer)),
                Became::Raw("a property that its type requires is missing"),
            ),
        },
        (None, None) => {
            (place(raw(entry.type_name, &props, writer)), Became::Raw("the registry schemas do not contain its type"))
        }
    };
    let mut calls: Vec<(&str, Vec<Expr>)> = Vec::new();
    let fate = fate(entry.body);
    calls.extend(fate.clone());
    for (name, value) in entry.body.iter() {
        match (name, value) {
            ("Type" | "Properties" | "DependsOn", _) => {}
            ("DeletionPolicy" | "UpdateReplacePolicy", _) if fate.is_some() => {}
            ("Metadata", Data::Map(bag)) => {
                let mut bag = bag.clone();
                bag.retain(|key, _| !CDK.iter().any(|start| key.starts_with(start)));
                if !bag.is_empty() {
                    calls.push(("attribute", vec![Expr::text(name), writer.bag(&bag)]));
                }
            }
            _ => calls.push(("attribute", vec![Expr::text(name), writer.data(value).expr])),
        }
    }
    calls.extend(waits(entry, writer));
    let is_plain = calls.is_empty();
    let said = |of: Expr| calls.into_iter().fold(of, |of, (name, arguments)| of.method(name, arguments));
    let resource = |of: Expr| if construct.is_some() { of.method("resource", []) } else { of };
    let lines = match entry.is_needed {
        true => {
            // Later statements add subnets to a network, which requires `mut`.
            let is_mut = construct.is_some_and(|it| it.is_mutable);
            let of = Expr::variable(&entry.variable);
            let said = (!is_plain).then(|| Line::Do(said(resource(of))));
            let define = Line::Let { name: entry.variable.clone(), is_mut, value: head };
            let nested = nested.map(|it| Line::Do(it.call(&entry.variable)));
            [define].into_iter().chain(said).chain(nested).collect()
        }
        false if is_plain => vec![Line::Do(head)],
        false => vec![Line::Do(said(resource(head)))],
    };
    let comments = template.comments.get(&format!("Resources.{}", entry.id)).cloned().unwrap_or_default();
    let mut statement = Statement { comments, lines, is_apart: false };
    statement.is_apart = layout::is_long(&statement) || !statement.comments.is_empty();
    Defined { statement, became, construct, within }
}

/// Returns a single call for both the deletion policy and the update-replace policy, or `None` if no call combines
/// them.
fn fate(body: &Bag) -> Option<(&'static str, Vec<Expr>)> {
    let policy = |name| body.get(name).and_then(Data::as_str);
    let on_delete = match (policy("DeletionPolicy")?, policy("UpdateReplacePolicy")?) {
        ("Delete", "Delete") => "Delete",
        ("Retain", "Retain") => "RetainAlways",
        ("Snapshot", "Snapshot") => "Snapshot",
        ("RetainExceptOnCreate", "Retain") => return Some(("retain", Vec::new())),
        _ => return None,
    };
    Some(("on_delete", vec![Expr::Path(format!("OnDelete::{on_delete}").into())]))
}

/// Returns the calls that define the dependencies of a resource.
fn waits(entry: &Entry<'_>, writer: &Writer<'_>) -> Vec<(&'static str, Vec<Expr>)> {
    let needs = explicit_dependencies(entry.body);
    let variables = needs.iter().map(|id| match writer.named.get(id) {
        Some(Named::Resource(variable, _)) => Some(Expr::variable(variable).borrowed()),
        Some(Named::Construct(variable, _)) => {
            let resource = Expr::variable(variable).method("resource", []).borrowed();
            Some(Expr::either(variable, resource, Expr::variable(variable).borrowed()))
        }
        _ => None,
    });
    match variables.collect::<Option<Vec<Expr>>>() {
        Some(variables) => variables.into_iter().map(|it| ("depends_on", vec![it])).collect(),
        None => {
            let ids = needs.iter().map(Expr::text).collect();
            vec![("attribute", vec![Expr::text("DependsOn"), Expr::Array(ids)])]
        }
    }
}

fn raw(type_name: &str, props: &Bag, writer: &mut Writer<'_>) -> Expr {
    let new = Expr::call("cfn::Raw::new", [Expr::text(type_name)]);
    props.iter().fold(new, |raw, (key, value)| raw.method("set", [Expr::text(key), writer.data(value).expr]))
}
