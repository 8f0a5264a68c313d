//! The statement of a template parameter.

use meshsynth_model::val::{Bag, Data};

use crate::code::Writer;
use crate::tree::Expr;

/// Attributes with a method that takes a text.
const TEXTS: [(&str, &str); 3] =
    [("AllowedPattern", "pattern"), ("ConstraintDescription", "explain"), ("Description", "describe")];

/// Pairs of attributes with a common method.
const PAIRS: [(&str, &str, &str); 2] = [("MinLength", "MaxLength", "length"), ("MinValue", "MaxValue", "range")];

/// Writes a parameter with its type and constraints, or returns `None` if its type is not a text.
pub(super) fn write(id: &str, body: &Data, writer: &mut Writer<'_>) -> Option<Expr> {
    let body = body.as_map()?;
    let new = match body.get("Type")?.as_str()? {
        "String" => Expr::call("Parameter::text", [Expr::text(id)]),
        "Number" => Expr::call("Parameter::number", [Expr::text(id)]),
        other => Expr::call("Parameter::new", [Expr::text(id), Expr::text(other)]),
    };
    let attributes = body.iter().filter(|(name, _)| *name != "Type");
    let parameter = attributes.fold(new, |of, (name, value)| attribute(of, name, value, body, writer));
    Some(parameter.method("define", [Expr::Scope]))
}

fn attribute(of: Expr, name: &str, value: &Data, body: &Bag, writer: &mut Writer<'_>) -> Expr {
    if let Some((_, method)) = TEXTS.iter().find(|(known, _)| *known == name)
        && let Some(text) = value.as_str()
    {
        return of.method(method, [Expr::text(text)]);
    }
    if let Some((min, _, method)) = PAIRS.iter().find(|(min, max, _)| *min == name || *max == name)
        && let Some((least, most)) = both(name, body)
    {
        let arguments = [writer.data(least).expr, writer.data(most).expr];
        return if *min == name { of.method(method, arguments) } else { of };
    }
    let code = writer.data(value).expr;
    match (name, value) {
        ("Default", _) => of.method("default", [code]),
        ("NoEcho", Data::Bool(true)) => of.method("no_echo", []),
        ("AllowedValues", Data::List(_)) if matches!(code, Expr::Array(_)) => of.method("allowed", [code]),
        _ => of.method("with", [Expr::text(name), code]),
    }
}

/// Returns the minimum and the maximum that an attribute belongs to, if the parameter has both.
fn both<'a>(name: &str, body: &'a Bag) -> Option<(&'a Data, &'a Data)> {
    let (min, max, _) = PAIRS.iter().find(|(min, max, _)| *min == name || *max == name)?;
    Some((body.get(min)?, body.get(max)?))
}
