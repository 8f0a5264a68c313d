//! Nested stacks whose templates are among the sources.

use meshsynth_model::val::{Bag, Data};

use super::resource::{ConstructCode, ResourceInput};
use crate::bare_construct::NESTED_STACK;
use crate::code::{Writer, function};
use crate::tree::Expr;
use crate::types::Kind;

/// Writes a nested stack with the URL of its template and its parameters. Other properties need the constructor `bare`.
pub fn nested_stack(input: &ResourceInput<'_>, writer: &mut Writer<'_>) -> Option<ConstructCode> {
    let mut props = input.props.clone();
    let url = props.remove("TemplateURL")?;
    let parameters = match props.remove("Parameters") {
        None => Some(Bag::default()),
        Some(Data::Map(bag)) if function(&Data::Map(bag.clone())).is_none() => Some(bag),
        Some(_) => None,
    };
    let expr = match parameters.filter(|_| props.is_empty()) {
        Some(parameters) => {
            let url = writer.typed(&url, &Kind::Text).expr;
            let parameters = parameters.iter().map(|(name, value)| (Expr::text(name), writer.data(value).expr));
            let parameters = Expr::map(parameters.collect::<Vec<_>>());
            Expr::call("cloudformation::NestedStack::new", [Expr::Scope, Expr::text(input.id), url, parameters])
        }
        None => {
            let resource = writer.resource(input.type_name, input.props)?.expr;
            Expr::call("cloudformation::NestedStack::bare", [Expr::Scope, Expr::text(input.id), resource])
        }
    };
    Some(ConstructCode { expr, path: NESTED_STACK.path, is_construct: true, within: None })
}
