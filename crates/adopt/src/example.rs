//! Examples for generated types: programs with the required properties.

use std::collections::{BTreeMap, BTreeSet};

use meshsynth_facts as facts;
use meshsynth_model::val::{Bag, Data};

use crate::code::Writer;
use crate::names::kebab;
use crate::tree::{Expr, Statement, layout};
use crate::types::{Form, Kind, Listed, Prop, Types};

/// The maximum depth of nested records.
const DEPTH: usize = 8;

/// Properties for examples of types without required properties, by priority.
const MAIN: [&str; 4] = ["spec", "data", "Description", "Tags"];

/// The names of the items that examples use, with the text that uses them.
const ITEMS: [(&str, &str); 9] = [
    ("App", "App::"),
    ("Env", "Env::"),
    ("KubernetesCluster", "KubernetesCluster::"),
    ("Stack", "Stack::"),
    ("cfn", "cfn::"),
    ("intrinsic", "intrinsic::"),
    ("kube", "kube::"),
    ("list", "list!["),
    ("map", "map!["),
];

/// Returns a program that defines a resource or an object with its required properties, or that creates a value of a
/// nested type.
pub fn example(types: &mut Types, listed: &Listed) -> String {
    types.read_module(&listed.path);
    let mut writer = Writer { types, named: BTreeMap::new(), known: BTreeMap::new(), members: BTreeSet::new() };
    let value = writer.typed(&sample_of(writer.types, listed), &Kind::Named(listed.path.clone())).expr;
    let id = Expr::text(kebab(listed.path.rsplit("::").next().unwrap_or_default()));
    let statements = match listed.form {
        Form::Resource => {
            let stack = [Expr::variable("app").borrowed(), Expr::text("data"), region()];
            let mut statements = vec![app(), Statement::define("stack", Expr::call("Stack::new", stack))];
            let scope = Expr::variable("stack").borrowed();
            // A call after a long argument list is hard to read.
            let value = match layout::statement(&Statement::of(value.clone()), 0).ends_with("\n);\n") {
                true => {
                    statements.push(Statement::define("properties", value));
                    Expr::variable("properties")
                }
                false => value,
            };
            statements.push(Statement::define("resource", value.method("define", [scope, id])));
            // A stateful resource without a deletion policy is an error.
            if facts::cloudformation(&listed.vendor).is_some_and(|facts| facts.stateful) {
                statements.push(Statement::of(Expr::variable("resource").method("retain", [])));
            }
            statements
        }
        Form::Kind => {
            let name = || Expr::text("production");
            let cluster = [Expr::variable("app").borrowed(), name(), name(), Expr::text("1.36")];
            let object = value.method("define", [Expr::variable("cluster").borrowed(), id.clone(), id]);
            let object = match listed.is_namespaced {
                true => object.method("in_namespace", [Expr::text("shop")]),
                false => object,
            };
            vec![
                app(),
                Statement::define("cluster", Expr::call("KubernetesCluster::new", cluster)),
                Statement::of(object),
            ]
        }
        Form::Record | Form::Choice => vec![Statement::define("value", value)],
    };
    let body: String = statements.iter().map(|it| layout::statement(it, 0)).collect();
    // Paths of the crate `meshsynth_services` are complete.
    let items = ITEMS.iter().filter(|(_, text)| uses(&body, text)).map(|(name, _)| *name);
    let items: Vec<&str> = items.collect();
    match items.as_slice() {
        [] => body,
        [one] => format!("use meshsynth::{one};\n\n{body}"),
        several => format!("use meshsynth::{{{}}};\n\n{body}", several.join(", ")),
    }
}

/// Whether a text begins with this path, or contains it after a character that is not part of a path.
fn uses(body: &str, path: &str) -> bool {
    body.match_indices(path).any(|(at, _)| {
        let before = body[..at].chars().next_back();
        before.is_none_or(|c| !c.is_alphanumeric() && c != '_' && c != ':')
    })
}

fn app() -> Statement {
    Statement::define("app", Expr::call("App::new", [Expr::text("shop")]))
}

fn region() -> Expr {
    Expr::call("Env::region", [Expr::text("eu-west-1")])
}

/// Returns an example value of a type: its required properties, or the main property if none is required.
fn sample_of(types: &Types, listed: &Listed) -> Data {
    if let Some((_, text)) = types.variants(&listed.path).first() {
        return Data::from(text.clone());
    }
    let mut bag = required(types, &listed.path, 0);
    let Some(record) = types.record(&listed.path) else { return Data::Map(bag) };
    let is_simple = |prop: &&Prop| matches!(prop.kind, Kind::Text | Kind::Int | Kind::Bool);
    let main = MAIN.iter().find_map(|key| record.optional.iter().find(|prop| prop.key == *key));
    let main = main.or_else(|| record.optional.iter().find(is_simple)).or(record.optional.first());
    if let Some(prop) = main.filter(|prop| bag.is_empty() || prop.key == "spec") {
        bag.set(prop.key.clone(), sample(types, &prop.kind, &prop.key, 1));
    }
    Data::Map(bag)
}

fn required(types: &Types, path: &str, depth: usize) -> Bag {
    let mut bag = Bag::default();
    for prop in types.record(path).into_iter().flat_map(|record| &record.required) {
        bag.set(prop.key.clone(), sample(types, &prop.kind, &prop.key, depth + 1));
    }
    bag
}

fn sample(types: &Types, kind: &Kind, key: &str, depth: usize) -> Data {
    match kind {
        Kind::Text | Kind::Id(_) => Data::from(kebab(key)),
        Kind::Bool => Data::Bool(true),
        Kind::Int | Kind::IntOrText => Data::Int(1),
        Kind::Float => Data::Float(1.0),
        Kind::Json => Data::Map(Bag::default().with("Key", "value")),
        Kind::Named(path) => match types.variants(path).first() {
            Some((_, text)) => Data::from(text.clone()),
            None if depth > DEPTH => Data::Map(Bag::default()),
            None => Data::Map(required(types, path, depth)),
        },
        Kind::List(item) => Data::List(vec![sample(types, item, key, depth + 1)]),
        Kind::Map(item) => Data::Map(Bag::default().with("key", sample(types, item, key, depth + 1))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::listed;

    fn of(vendor: &str) -> String {
        let all = listed();
        example(&mut Types::default(), all.iter().find(|it| it.vendor == vendor).unwrap())
    }

    #[test]
    fn defines_resource_with_required_properties() {
        let text = of("AWS::RDS::DBProxy");
        for part in [
            "use meshsynth::{App, Env, Stack, cfn};\n\nlet app = App::new(\"shop\");\n",
            "let properties = cfn::rds::DbProxy::new(\n",
            "    cfn::rds::db_proxy::EngineFamily::Mysql,\n",
            "    cfn::ids::RoleArn::new(\"role-arn\"),\n",
            "let resource = properties.define(&stack, \"db-proxy\");\n",
        ] {
            assert!(text.contains(part), "{part}{text}");
        }
        assert!(of("AWS::DynamoDB::Table").ends_with("resource.retain();\n"));
    }

    #[test]
    fn every_example_uses_only_typed_values() {
        let mut types = Types::default();
        for one in listed() {
            let text = example(&mut types, &one);
            assert!(!text.contains("untyped") && !text.contains(".raw("), "{}:\n{text}", one.path);
            let whole = format!("fn example() {{ {text} }}");
            assert!(syn::parse_file(&whole).is_ok(), "{}:\n{text}", one.path);
        }
    }
}
