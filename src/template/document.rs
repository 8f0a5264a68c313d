//! A template as data: its sections, and the locations of their entries.

use crate::node::Env;
use crate::tree::At;
use crate::val::{Bag, Data, Key};
use meshsynth_model::ordered::{Keyed, OrderedMap};

/// An existing CloudFormation template, with the location of each entry.
///
/// [`check_templates`](crate::check_templates) checks it.
pub struct Template {
    pub(super) name: String,
    pub(super) env: Env,
    /// Whether the region is known. Otherwise, the region of `env` is a placeholder.
    pub(super) is_region_known: bool,
    pub(super) n_bytes: usize,
    pub(super) at: At,
    pub(super) transforms: Transforms,
    pub(super) has_resources: bool,
    /// The names of all sections.
    pub(super) sections: Vec<(String, At)>,
    pub(super) parameters: OrderedMap<Entry>,
    pub(super) mappings: OrderedMap<Entry>,
    pub(super) conditions: OrderedMap<Entry>,
    pub(super) rules: OrderedMap<Entry>,
    pub(super) resources: OrderedMap<Entry>,
    pub(super) outputs: OrderedMap<Entry>,
}

/// An entry of a section, such as a resource.
pub(super) struct Entry {
    /// Its logical id.
    pub id: String,
    /// The location of the entry.
    pub at: At,
    /// The content of the entry.
    pub body: Data,
}

/// The transforms that CloudFormation applies to a template.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Transforms {
    /// The serverless application model, which adds resources.
    pub is_serverless: bool,
    /// The language extensions, with loops and functions in additional places.
    pub has_extensions: bool,
    /// A transform with unknown output: a macro, or parts of other files.
    pub has_macro: bool,
}

impl Template {
    /// Returns the template of a file, as its reader returns it. Short tags such as `!Ref` are converted to functions,
    /// and `at` returns the location of a path such as `Resources.Vpc`. Returns `None` if the data is not a template:
    /// it has neither `AWSTemplateFormatVersion` nor a resource of a type such as `AWS::EC2::VPC`.
    pub fn new(name: impl Into<String>, data: Data, at: &dyn Fn(&str) -> At) -> Option<Self> {
        if !is_template(&data) {
            return None;
        }
        let sections = data.as_map().into_iter().flat_map(Bag::iter).map(|(name, _)| (name.to_owned(), at(name)));
        let sections = sections.collect();
        let transforms = Transforms::of(&data);
        let has_resources = data.at("Resources").is_some_and(|it| matches!(it, Data::Map(_)));
        let Data::Map(mut bag) = data else { return None };
        let mut entries = |section: &str| -> OrderedMap<Entry> {
            let Some(Data::Map(bag)) = bag.remove(section) else { return OrderedMap::default() };
            let entry =
                |(id, body): (Key, Data)| Entry { at: at(&format!("{section}.{id}")), id: id.into_owned(), body };
            bag.into_iter().map(entry).collect()
        };
        Some(Self {
            name: name.into(),
            env: Env::region(crate::name::ANY_REGION),
            is_region_known: false,
            n_bytes: 0,
            at: at(""),
            transforms,
            has_resources,
            sections,
            parameters: entries("Parameters"),
            mappings: entries("Mappings"),
            conditions: entries("Conditions"),
            rules: entries("Rules"),
            resources: entries("Resources"),
            outputs: entries("Outputs"),
        })
    }

    /// Sets the environment of the deployment. Otherwise, the account and the region are unknown.
    #[must_use]
    pub fn in_env(mut self, env: Env) -> Self {
        self.env = env;
        self.is_region_known = true;
        self
    }

    /// Sets the account of the deployment, if its region is unknown.
    #[must_use]
    pub fn in_account(mut self, account: &str) -> Self {
        self.env.account = Some(account.to_owned());
        self
    }

    /// Sets the text size in bytes, which CloudFormation limits.
    #[must_use]
    pub fn of_bytes(mut self, n_bytes: usize) -> Self {
        self.n_bytes = n_bytes;
        self
    }

    /// Returns the name of its stack.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the number of its resources.
    pub fn n_resources(&self) -> usize {
        self.resources.len()
    }

    pub(super) fn resource(&self, id: &str) -> Option<&Entry> {
        self.resources.get(id)
    }

    pub(super) fn parameter(&self, id: &str) -> Option<&Entry> {
        self.parameters.get(id)
    }

    /// Returns the resource of a finding.
    pub(super) fn resource_of(&self, construct: &str) -> Option<&Entry> {
        self.resource(construct.strip_prefix(&self.name)?.strip_prefix('/')?)
    }

    /// Returns the construct path for findings about an entry.
    pub(super) fn construct(&self, id: &str) -> String {
        format!("{}/{id}", self.name)
    }
}

impl Keyed for Entry {
    fn key(&self) -> &str {
        &self.id
    }
}

impl Entry {
    /// Returns the text of an attribute.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.body.as_map()?.get(name)?.as_str()
    }

    /// Returns the type of a resource or of a parameter.
    pub fn type_name(&self) -> &str {
        self.text("Type").unwrap_or_default()
    }

    /// Returns the properties of a resource.
    pub fn properties(&self) -> Option<&Data> {
        self.body.as_map()?.get("Properties")
    }
}

impl Transforms {
    fn of(data: &Data) -> Self {
        let mut found = Self::default();
        let named = match data.at("Transform") {
            Some(Data::List(items)) => items.as_slice(),
            Some(one) => std::slice::from_ref(one),
            None => &[],
        };
        for name in named {
            match name.as_str().unwrap_or_default() {
                name if name.starts_with("AWS::Serverless-") => found.is_serverless = true,
                "AWS::LanguageExtensions" => found.has_extensions = true,
                name if name.starts_with("AWS::CodeDeployBlueGreen") => {}
                name if name.starts_with("AWS::SecretsManager-") => {}
                _ => found.has_macro = true,
            }
        }
        let holds =
            |section: &str| data.at(section).and_then(Data::as_map).is_some_and(|it| it.get("Fn::Transform").is_some());
        let sections = ["Parameters", "Mappings", "Conditions", "Resources", "Outputs"];
        found.has_macro |= has_directive(data);
        found.has_macro |=
            data.as_map().is_some_and(|it| it.get("Fn::Transform").is_some()) || sections.into_iter().any(holds);
        found
    }
}

/// Whether the data contains directives of `rain`, which combines files into a template.
///
/// Source: <https://aws-cloudformation.github.io/rain/>
fn has_directive(data: &Data) -> bool {
    match data {
        Data::List(items) => items.iter().any(has_directive),
        Data::Map(bag) => bag.iter().any(|(key, value)| key.starts_with("Rain::") || has_directive(value)),
        _ => false,
    }
}

fn is_template(data: &Data) -> bool {
    let Some(bag) = data.as_map() else { return false };
    let is_of_aws = |body: &Data| body.at("Type").and_then(Data::as_str).is_some_and(|name| name.starts_with("AWS::"));
    let resources = || bag.get("Resources").and_then(Data::as_map);
    bag.get("AWSTemplateFormatVersion").is_some()
        || resources().is_some_and(|all| all.iter().any(|(_, it)| is_of_aws(it)))
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use crate::Template;
    use crate::rules::testing::manifests::data;
    use crate::tree::At;

    #[test]
    fn rejects_data_that_is_not_a_template() {
        let is = |text: &str| {
            let value: Value = serde_json::from_str(text).expect("the case is JSON");
            Template::new("run", data(&value), &|_| At::new("run.json", 1, 1)).is_some()
        };
        assert!(is(r#"{ "AWSTemplateFormatVersion": "2010-09-09" }"#));
        assert!(is(r#"{ "Resources": { "A": { "Type": "AWS::SQS::Queue" } } }"#));
        assert!(!is(r#"{ "Resources": { "A": { "Type": "Custom::Queue" } } }"#) && !is("[1]") && !is("{}"));
    }
}
