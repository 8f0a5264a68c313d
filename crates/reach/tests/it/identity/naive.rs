//! A second evaluator, based on the documentation, for requests without unknown values.

use std::collections::BTreeMap;

use serde_json::Value;

/// A request without unknown values. Its texts contain no parts that a deployment fills in.
#[derive(Clone, Debug)]
pub struct Asked {
    pub role: String,
    pub action: String,
    pub resource: String,
    pub owner: String,
    pub keys: BTreeMap<String, Vec<String>>,
}

/// Policy documents by role in the evaluation.
#[derive(Clone, Debug, Default)]
pub struct Attached {
    pub identity: Vec<Value>,
    pub boundary: Option<Value>,
    pub resource: Vec<Value>,
    pub needs_resource: bool,
}

fn list(value: &Value) -> Vec<String> {
    match value {
        Value::Array(items) => items.iter().map(|it| it.as_str().unwrap().to_owned()).collect(),
        Value::String(text) => vec![text.clone()],
        _ => Vec::new(),
    }
}

fn wild(pattern: &str, text: &str) -> bool {
    match (pattern.chars().next(), text.chars().next()) {
        (None, rest) => rest.is_none(),
        (Some('*'), rest) => wild(&pattern[1..], text) || rest.is_some_and(|c| wild(pattern, &text[c.len_utf8()..])),
        (Some('?'), Some(c)) => wild(&pattern[1..], &text[c.len_utf8()..]),
        (Some(wanted), Some(c)) => wanted == c && wild(&pattern[wanted.len_utf8()..], &text[c.len_utf8()..]),
        (Some(_), None) => false,
    }
}

fn account(arn: &str) -> &str {
    arn.split(':').nth(4).unwrap_or_default()
}

/// The form in which a statement names the role: all principals, its account, or the role itself.
#[derive(Clone, Copy, PartialEq)]
enum Named {
    Everybody,
    Account,
    Itself,
}

fn named(statement: &Value, role: &str) -> Vec<Named> {
    let who = &statement["Principal"];
    if who.is_null() {
        return vec![Named::Itself];
    }
    let names = if who.is_object() { list(&who["AWS"]) } else { list(who) };
    let how = |name: &String| match name.as_str() {
        "*" => Some(Named::Everybody),
        name if name == role => Some(Named::Itself),
        name if name == account(role) || *name == format!("arn:aws:iam::{}:root", account(role)) => {
            Some(Named::Account)
        }
        _ => None,
    };
    names.iter().filter_map(how).collect()
}

fn element(statement: &Value, key: &str, fits: impl Fn(&str) -> bool) -> bool {
    let not = format!("Not{key}");
    match (statement.get(key), statement.get(&not)) {
        (Some(names), _) => list(names).iter().any(|it| fits(it)),
        (None, Some(names)) => !list(names).iter().any(|it| fits(it)),
        (None, None) => true,
    }
}

fn condition(operator: &str, wanted: &[String], values: Option<&Vec<String>>) -> bool {
    if operator == "Null" {
        return wanted.iter().any(|it| (it == "true") == values.is_none());
    }
    let (set, operator) = operator.split_once(':').map_or((None, operator), |(set, rest)| (Some(set), rest));
    let (if_exists, operator) = operator.strip_suffix("IfExists").map_or((false, operator), |it| (true, it));
    let is_negated = operator.contains("Not");
    let one = |value: &String| {
        let fits = |wanted: &String| match operator {
            "StringEquals" | "StringNotEquals" => value == wanted,
            "StringLike" | "StringNotLike" => wild(wanted, value),
            "NumericLessThan" => value.parse::<f64>().is_ok_and(|it| it < wanted.parse().unwrap()),
            other => panic!("{other}"),
        };
        wanted.iter().any(fits) != is_negated
    };
    match (set, values) {
        (Some("ForAllValues"), None) => true,
        (Some("ForAllValues"), Some(values)) => values.iter().all(one),
        (Some(_), None) => if_exists,
        (Some(_), Some(values)) => values.iter().any(one),
        (None, None) => is_negated || if_exists,
        (None, Some(values)) => {
            if is_negated {
                values.iter().all(one)
            } else {
                values.iter().any(one)
            }
        }
    }
}

fn fits(statement: &Value, asked: &Asked) -> bool {
    let holds = |(operator, keys): (&String, &Value)| {
        keys.as_object().unwrap().iter().all(|(key, wanted)| condition(operator, &list(wanted), asked.keys.get(key)))
    };
    element(statement, "Action", |it| wild(&it.to_lowercase(), &asked.action.to_lowercase()))
        && element(statement, "Resource", |it| wild(it, &asked.resource))
        && statement["Condition"].as_object().is_none_or(|all| all.iter().all(holds))
}

fn statements<'a>(documents: impl IntoIterator<Item = &'a Value>, effect: &str) -> Vec<&'a Value> {
    let all = documents.into_iter().flat_map(|it| it["Statement"].as_array().unwrap());
    all.filter(|it| it["Effect"] == effect).collect()
}

/// Whether the request is allowed.
pub fn allows(asked: &Asked, attached: &Attached) -> bool {
    let every = attached.identity.iter().chain(&attached.boundary).chain(&attached.resource);
    let about = |it: &Value| fits(it, asked) && !named(it, &asked.role).is_empty();
    if statements(every, "Deny").into_iter().any(about) {
        return false;
    }
    let by_identity = statements(&attached.identity, "Allow").into_iter().any(|it| fits(it, asked));
    let by_boundary =
        attached.boundary.as_ref().is_none_or(|it| statements([it], "Allow").into_iter().any(|it| fits(it, asked)));
    let by_resource = |wanted: &[Named]| {
        let all = statements(&attached.resource, "Allow");
        all.into_iter().any(|it| fits(it, asked) && named(it, &asked.role).iter().any(|it| wanted.contains(it)))
    };
    if account(&asked.role) != asked.owner {
        return by_identity && by_boundary && by_resource(&[Named::Everybody, Named::Account, Named::Itself]);
    }
    by_resource(&[Named::Everybody])
        || (by_resource(&[Named::Itself]) && by_boundary)
        || (by_identity
            && by_boundary
            && (!attached.needs_resource || by_resource(&[Named::Account, Named::Everybody])))
}
