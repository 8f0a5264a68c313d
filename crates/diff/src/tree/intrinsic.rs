//! Evaluation of intrinsic functions, as far as the templates determine their values.

use meshsynth_assembly::Stack;
use serde_json::Value;

use super::keys::scalar;
use crate::side::{Side, StackOutput};

/// The templates that give a value its context.
#[derive(Clone, Copy)]
pub struct Scope<'a> {
    pub side: &'a Side,
    pub stack: &'a Stack,
}

/// A part of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Literal text.
    Text(String),
    /// A stack by account, region and name; a logical ID or pseudo parameter; and an attribute.
    Of(String, String, String),
    /// The arguments for reading from another stack, except its identity. An example is the role that reads.
    Through(String),
}

/// Whether two values are equal after evaluation, independent of the functions in them.
pub fn is_same(a: &Value, b: &Value, base: Option<Scope>, head: Option<Scope>) -> bool {
    if !a.is_object() && !b.is_object() {
        return false;
    }
    matches!((parts(a, base, 0), parts(b, head, 0)), (Some(a), Some(b)) if a == b) || are_alike(a, b, base, head)
}

/// Whether two functions have equal arguments in the same order. A number equals its text, and evaluated values are
/// compared.
fn are_alike(a: &Value, b: &Value, base: Option<Scope>, head: Option<Scope>) -> bool {
    match (a, b) {
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| are_alike(a, b, base, head))
        }
        (Value::Object(own), Value::Object(its)) => {
            let has_same =
                |(key, value): (&String, &Value)| its.get(key).is_some_and(|other| are_alike(value, other, base, head));
            own.len() == its.len() && own.iter().all(has_same)
                || matches!((parts(a, base, 0), parts(b, head, 0)), (Some(a), Some(b)) if a == b)
        }
        _ => a == b || scalar(a).is_some_and(|text| scalar(b) == Some(text)),
    }
}

/// Returns a property of the resource that a value refers to, or `None` if the templates do not determine it.
pub fn property_of(value: &Value, scope: Scope, property: &str) -> Option<Vec<Part>> {
    let named = parts(value, Some(scope), 0)?;
    let [Part::Of(stack, id, _)] = named.as_slice() else { return None };
    let stack = scope.side.manifest.stacks.iter().find(|known| identity(known) == *stack)?;
    parts(&scope.side.template(stack)["Resources"][id]["Properties"][property], Some(Scope { stack, ..scope }), 0)
}

/// Returns the parts of a text, or `None` if it is known only at deployment.
fn parts(value: &Value, scope: Option<Scope>, depth: usize) -> Option<Vec<Part>> {
    // Exports that import each other in a circle have no value.
    if depth > 8 {
        return None;
    }
    let own = scope.map_or(String::new(), |scope| identity(scope.stack));
    match value {
        Value::String(_) | Value::Number(_) | Value::Bool(_) => Some(vec![Part::Text(scalar(value)?)]),
        Value::Object(map) if map.len() == 1 => {
            let (key, inner) = map.iter().next()?;
            match key.as_str() {
                "Ref" => Some(vec![variable(inner.as_str()?, &own)]),
                "Fn::GetAtt" => {
                    let path = match inner {
                        Value::String(text) => text.clone(),
                        parts => format!("{}.{}", parts[0].as_str()?, parts[1].as_str()?),
                    };
                    Some(vec![variable(&path, &own)])
                }
                "Fn::ImportValue" => {
                    let scope = scope?;
                    let (stack, _, value) = scope.side.export(scope.stack, inner.as_str()?)?;
                    parts(value, Some(Scope { stack, ..scope }), depth + 1)
                }
                "Fn::GetStackOutput" => {
                    let scope = scope?;
                    let output = StackOutput::of(inner)?;
                    let stack = scope.side.read_by(scope.stack, &output)?;
                    let value = &scope.side.template(stack)["Outputs"][&output.output]["Value"];
                    let mut all = parts(value, Some(Scope { stack, ..scope }), depth + 1)?;
                    let mut others = inner.as_object()?.clone();
                    others.retain(|key, _| !["StackName", "OutputName", "Region"].contains(&key.as_str()));
                    if !others.is_empty() {
                        all.push(Part::Through(Value::Object(others).to_string()));
                    }
                    Some(all)
                }
                "Fn::Join" => {
                    let between = inner[0].as_str()?;
                    let mut all = Vec::new();
                    for (idx, item) in inner[1].as_array()?.iter().enumerate() {
                        if idx > 0 {
                            all.push(Part::Text(between.to_owned()));
                        }
                        all.extend(parts(item, scope, depth)?);
                    }
                    Some(joined(all))
                }
                "Fn::Sub" => {
                    let text = inner.as_str().or_else(|| inner[0].as_str())?;
                    let mut all = Vec::new();
                    let mut rest = text;
                    while let Some(at) = rest.find("${") {
                        all.push(Part::Text(rest[..at].to_owned()));
                        let end = at + rest[at..].find('}')?;
                        let name = &rest[at + 2..end];
                        match (name.strip_prefix('!'), inner[1].get(name)) {
                            (Some(literal), _) => all.push(Part::Text(format!("${{{literal}}}"))),
                            (None, Some(value)) => all.extend(parts(value, scope, depth)?),
                            (None, None) => all.push(variable(name, &own)),
                        }
                        rest = &rest[end + 1..];
                    }
                    all.push(Part::Text(rest.to_owned()));
                    Some(joined(all))
                }
                _ => None,
            }
        }
        _ => None,
    }
}

fn identity(stack: &Stack) -> String {
    format!("{}/{}/{}", stack.account.as_deref().unwrap_or_default(), stack.region, stack.name)
}

fn variable(path: &str, stack: &str) -> Part {
    let (id, attribute) = path.split_once('.').unwrap_or((path, ""));
    Part::Of(stack.to_owned(), id.to_owned(), attribute.to_owned())
}

/// Joins adjacent texts and removes empty ones.
fn joined(parts: Vec<Part>) -> Vec<Part> {
    let mut out: Vec<Part> = Vec::new();
    for part in parts {
        match (out.last_mut(), part) {
            (Some(Part::Text(text)), Part::Text(more)) => text.push_str(&more),
            (_, Part::Text(text)) if text.is_empty() => {}
            (_, part) => out.push(part),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    fn is_same(a: Value, b: Value) -> bool {
        super::is_same(&a, &b, None, None)
    }

    #[test]
    fn equal_values_in_different_notations_are_the_same() {
        assert!(is_same(json!({"Fn::GetAtt": "A.Arn"}), json!({"Fn::GetAtt": ["A", "Arn"]})));
        assert!(is_same(json!({"Fn::Sub": "${A.Arn}"}), json!({"Fn::GetAtt": ["A", "Arn"]})));
        assert!(is_same(json!({"Fn::Sub": "x-${A}-y"}), json!({"Fn::Join": ["-", ["x", {"Ref": "A"}, "y"]]})));
        assert!(is_same(json!({"Fn::Sub": ["x-${B}", {"B": {"Ref": "A"}}]}), json!({"Fn::Sub": "x-${A}"})));
        assert!(is_same(json!({"Fn::Sub": "plain"}), json!("plain")));
        assert!(is_same(json!({"Fn::Sub": "${!A}"}), json!("${A}")));
        let zone = |index: Value| json!({"Fn::Select": [index, {"Fn::GetAZs": ""}]});
        assert!(is_same(zone(json!(0)), zone(json!("0"))));
        assert!(is_same(json!({"Fn::Join": ["", ["a", 80]]}), json!({"Fn::Sub": "a80"})));
        let either = |value: Value| json!({"Fn::If": ["C", {"Port": value}, {"Ref": "AWS::NoValue"}]});
        assert!(is_same(either(json!({"Fn::Sub": "${A}"})), either(json!({"Ref": "A"}))));
    }

    #[test]
    fn different_values_differ() {
        assert!(!is_same(json!({"Ref": "A"}), json!({"Fn::GetAtt": ["A", "Arn"]})));
        assert!(!is_same(json!({"Fn::Sub": "${!A}"}), json!({"Ref": "A"})));
        assert!(!is_same(json!({"Fn::Join": ["", ["x", {"Ref": "A"}]]}), json!({"Fn::Sub": "y${A}"})));
        assert!(!is_same(json!({"Fn::If": ["C", "x", "y"]}), json!({"Fn::If": ["C", "y", "x"]})));
        assert!(!is_same(json!({"Ref": "x"}), json!({"Condition": "x"})));
        assert!(!is_same(json!({"Fn::ImportValue": "x"}), json!({"Fn::ImportValue": "y"})));
    }
}
