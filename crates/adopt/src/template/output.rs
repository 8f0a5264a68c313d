//! The statement of a template output.

use meshsynth_model::val::{Bag, Data};

use crate::code::Writer;
use crate::tree::Expr;

/// Writes an output, or returns `None` if it has attributes that no method sets.
pub(super) fn write(id: &str, body: &Data, writer: &mut Writer<'_>) -> Option<Expr> {
    let body = body.as_map()?;
    let value = writer.data(body.get("Value")?).expr;
    if body.len() == 1 {
        return Some(Expr::variable("stack").method("output", [Expr::text(id), value]));
    }
    let new = Expr::call("Output::new", [Expr::text(id), value]);
    let output = body.iter().filter(|(name, _)| *name != "Value").try_fold(new, |of, (name, value)| {
        Some(match (name, value) {
            ("Description", Data::Text(text)) => of.method("describe", [Expr::text(text.to_string())]),
            ("Condition", Data::Text(condition)) => of.method("condition", [Expr::text(condition.to_string())]),
            ("Export", Data::Map(export)) => of.method("export", [export_name(export, writer)?]),
            _ => return None,
        })
    })?;
    Some(output.method("define", [Expr::Scope]))
}

fn export_name(export: &Bag, writer: &mut Writer<'_>) -> Option<Expr> {
    let name = export.get("Name").filter(|_| export.len() == 1)?;
    Some(writer.data(name).expr)
}
