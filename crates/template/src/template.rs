//! A view of a parsed template.

use serde_json::Value;

use crate::parameter::Parameter;

/// A parsed template.
#[derive(Clone, Copy, Debug)]
pub struct Template<'a> {
    document: &'a Value,
}

impl<'a> Template<'a> {
    /// Returns the view of a parsed document.
    pub fn new(document: &'a Value) -> Self {
        Self { document }
    }

    /// Returns the parsed document.
    pub fn document(self) -> &'a Value {
        self.document
    }

    /// Returns a parameter, or `None` if the template does not declare it.
    pub fn parameter(self, name: &str) -> Option<Parameter<'a>> {
        self.document["Parameters"].get(name).map(Parameter::new)
    }

    /// Returns a value of a mapping.
    pub fn mapped(self, map: &str, first: &str, second: &str) -> Option<&'a Value> {
        self.document["Mappings"].get(map)?.get(first)?.get(second)
    }

    /// Returns the first-level keys of a mapping.
    pub fn keys_of(self, map: &'a str) -> impl Iterator<Item = &'a String> {
        self.section("Mappings")
            .filter(move |(name, _)| *name == map)
            .flat_map(|(_, it)| object(it).map(|(key, _)| key))
    }

    /// Returns the expression of a condition.
    pub fn condition(self, name: &str) -> Option<&'a Value> {
        self.document["Conditions"].get(name)
    }

    /// Returns the entries of a section such as `Resources`.
    pub fn section(self, name: &str) -> impl Iterator<Item = (&'a String, &'a Value)> {
        object(&self.document[name])
    }
}

fn object(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}
