//! Parameters: their types, and their defaults.
//!
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html>

use crate::diag::Diagnostic;
use crate::facts::nearest;
use crate::val::Data;

use super::document::{Entry, Template};

const TYPES: [&str; 5] = ["CommaDelimitedList", "List<Number>", "List<String>", "Number", "String"];

/// The attributes of a parameter.
const ATTRIBUTES: [&str; 11] = [
    "AllowedPattern",
    "AllowedValues",
    "ConstraintDescription",
    "Default",
    "Description",
    "MaxLength",
    "MaxValue",
    "MinLength",
    "MinValue",
    "NoEcho",
    "Type",
];

/// Reports parameters that CloudFormation rejects, and defaults that their parameters do not allow.
pub fn check(template: &Template, out: &mut Vec<Diagnostic>) {
    // The output of a macro is unknown.
    let entries = template.parameters.iter().filter(|_| !template.transforms.has_macro);
    for entry in entries.filter(|it| !it.id.starts_with("Fn::")) {
        let about = |code, message: String| {
            Diagnostic::error(code, message).construct(template.construct(&entry.id)).at(entry.at)
        };
        let Some(bag) = entry.body.as_map() else {
            out.push(
                about("MS0124", format!("the parameter `{}` is not a map", entry.id)).help("write a map with a `Type`"),
            );
            continue;
        };
        for (name, _) in bag.iter().filter(|(name, _)| !ATTRIBUTES.contains(name) && *name != "Fn::Transform") {
            let near = nearest(name, ATTRIBUTES.into_iter());
            let help = near.map_or_else(
                || format!("use one of the attributes `{}`", ATTRIBUTES.join("`, `")),
                |it| format!("did you mean `{it}`?"),
            );
            out.push(about("MS0124", format!("`{name}` is not an attribute of a parameter")).field(name).help(help));
        }
        match bag.get("Type") {
            None if bag.get("Fn::Transform").is_none() => {
                out.push(
                    about("MS0124", format!("the parameter `{}` has no `Type`", entry.id))
                        .help("set `String`, `Number` or an AWS-specific type"),
                );
            }
            Some(Data::Text(name)) if !is_type(name) => {
                let near = nearest(name, TYPES.into_iter());
                let help = near.map_or_else(
                    || "set `String`, `Number` or an AWS-specific type".to_owned(),
                    |it| format!("did you mean `{it}`?"),
                );
                out.push(about("MS0124", format!("`{name}` is not a parameter type")).field("Type").help(help));
            }
            _ => {}
        }
        if let Some(Data::Text(_) | Data::Int(_) | Data::Float(_) | Data::Bool(_) | Data::Map(_)) =
            bag.get("AllowedValues")
        {
            let diagnostic = about("MS0124", format!("`AllowedValues` of `{}` is not a list", entry.id));
            out.push(diagnostic.field("AllowedValues").help("write a list of values"));
        }
        let values = bag.get("AllowedValues").map(Data::items).unwrap_or_default();
        if let Some(idx) = values.iter().position(|it| matches!(it, Data::Map(_) | Data::List(_) | Data::Null)) {
            let message = format!("an allowed value of `{}` is neither a text nor a number", entry.id);
            out.push(about("MS0124", message).field(format!("AllowedValues[{idx}]")).help("write texts or numbers"));
        }
        for name in ["MaxLength", "MaxValue", "MinLength", "MinValue"] {
            let Some(limit) = bag.get(name).filter(|_| bag.get("Fn::Transform").is_none()) else { continue };
            if limit.to_text().trim().parse::<f64>().is_err() || matches!(limit, Data::Map(_) | Data::List(_)) {
                let diagnostic = about("MS0124", format!("`{name}` of `{}` is not a number", entry.id));
                out.push(diagnostic.field(name).help("write a number"));
            }
        }
        if let Some(problem) = bag.get("Default").and_then(|default| problem(entry, default)) {
            let help = "change the default, or the constraints of the parameter";
            out.push(about("MS0123", format!("the default of `{}` {problem}", entry.id)).field("Default").help(help));
        }
    }
}

fn is_type(name: &str) -> bool {
    TYPES.contains(&name) || name.starts_with("AWS::") || name.starts_with("List<AWS::")
}

/// Returns the error of a default.
fn problem(entry: &Entry, default: &Data) -> Option<String> {
    let type_name = entry.type_name();
    if matches!(default, Data::Map(_) | Data::List(_)) {
        return Some(
            "is a list or a map; it must be a string or a number, or a comma-separated string for a list".to_owned(),
        );
    }
    // The default of an SSM parameter type is the name of the stored parameter.
    if type_name.starts_with("AWS::SSM::Parameter::") {
        return None;
    }
    let text = default.to_text();
    let number = |name: &str| entry.body.at(name).and_then(|it| it.to_text().parse::<f64>().ok());
    let items: Vec<&str> = match type_name == "CommaDelimitedList" || type_name.starts_with("List<") {
        true => text.split(',').map(str::trim).collect(),
        false => vec![text.as_str()],
    };
    if let Some(allowed) = entry.body.at("AllowedValues").map(Data::items).filter(|it| !it.is_empty()) {
        let allowed: Vec<String> = allowed.iter().map(Data::to_text).collect();
        let is_allowed = |text: &str| allowed.iter().any(|it| it == text);
        if let Some(item) = items.iter().find(|item| !is_allowed(item) && !is_allowed(&text)) {
            return Some(format!("is `{item}`; the allowed values are `{}`", allowed.join("`, `")));
        }
    }
    if matches!(type_name, "Number" | "List<Number>") {
        for item in items {
            let Ok(value) = item.parse::<f64>() else { return Some(format!("is `{item}`, which is not a number")) };
            if let Some(least) = number("MinValue").filter(|least| value < *least) {
                return Some(format!("is {value}; the minimum is {least}"));
            }
            if let Some(most) = number("MaxValue").filter(|most| value > *most) {
                return Some(format!("is {value}; the maximum is {most}"));
            }
        }
    } else if type_name == "String" {
        #[allow(clippy::cast_precision_loss)]
        let length = text.chars().count() as f64;
        if let Some(least) = number("MinLength").filter(|least| length < *least) {
            return Some(format!("has {length} characters; the minimum is {least}"));
        }
        if let Some(most) = number("MaxLength").filter(|most| length > *most) {
            return Some(format!("has {length} characters; the maximum is {most}"));
        }
    }
    None
}
