//! Assumed values of parameters and conditions.

use std::collections::BTreeMap;

use crate::parameter::Parameter;
use crate::template::Template;

/// A value that is assumed for a parameter or a condition.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Assumed {
    /// A value of the parameter.
    Value(String),
    /// Any value that no condition compares with the parameter.
    Other,
    /// The value of the condition.
    Holds(bool),
}

/// The assumed values by the name of the parameter, pseudo parameter or condition.
pub type Values = BTreeMap<String, Assumed>;

/// Returns the assumptions as texts, such as "`Env` is `prod`". Values of hidden parameters are omitted.
pub fn words(values: &Values, template: Template<'_>) -> Vec<String> {
    values.iter().map(|(name, assumed)| word(name, assumed, template)).collect()
}

fn word(name: &str, assumed: &Assumed, template: Template<'_>) -> String {
    match assumed {
        Assumed::Value(_) if template.parameter(name).is_some_and(Parameter::is_secret) => {
            format!("`{name}` has a compared value")
        }
        Assumed::Value(value) => format!("`{name}` is `{value}`"),
        Assumed::Other => format!("`{name}` has another value"),
        Assumed::Holds(true) => format!("the condition `{name}` is true"),
        Assumed::Holds(false) => format!("the condition `{name}` is false"),
    }
}
