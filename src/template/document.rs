//! A template as data: its sections, and where each of their entries is written.

use crate::node::Env;
use crate::tree::At;
use crate::val::{Bag, Data, Key};
use meshsynth_types::ordered::{Keyed, OrderedMap};

/// A CloudFormation template that somebody wrote, with the place of each of its entries.
///
/// [`check_templates`](crate::check_templates) judges it.
pub struct Template {
    pub(super) name: String,
    pub(super) env: Env,
    /// Whether something tells the region; otherwise that of `env` is a stand-in.
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
    /// Where it is written.
    pub at: At,
    /// What is written.
    pub body: Data,
}

/// What CloudFormation makes of a template before it reads it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Transforms {
    /// The serverless application model, which adds resources of its own.
    pub is_serverless: bool,
    /// The language extensions, with loops and functions in more places.
    pub has_extensions: bool,
    /// Something that may make anything of it: a macro, or parts of other files.
    pub has_macro: bool,
}

impl Template {
    /// A template of a file, as its reader gives it: short tags such as `!Ref` are written as functions, and `at` answers
    /// the place of a path such as `Resources.Vpc`. None where the data is not a template: it has neither
    /// `AWSTemplateFormatVersion` nor a resource of a type such as `AWS::EC2::VPC`.
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

    /// Says where the template is deployed; without it, the account and the region are not known.
    #[must_use]
    pub fn in_env(mut self, env: Env) -> Self {
        self.env = env;
        self.is_region_known = true;
        self
    }

    /// Says in which account the template is deployed, where its region is not known.
    #[must_use]
    pub fn in_account(mut self, account: &str) -> Self {
        self.env.account = Some(account.to_owned());
        self
    }

    /// Says how many bytes its text has, which CloudFormation limits.
    #[must_use]
    pub fn of_bytes(mut self, n_bytes: usize) -> Self {
        self.n_bytes = n_bytes;
        self
    }

    /// The name of its stack.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The number of its resources.
    pub fn n_resources(&self) -> usize {
        self.resources.len()
    }

    pub(super) fn resource(&self, id: &str) -> Option<&Entry> {
        self.resources.get(id)
    }

    pub(super) fn parameter(&self, id: &str) -> Option<&Entry> {
        self.parameters.get(id)
    }

    /// The resource that a finding is about.
    pub(super) fn resource_of(&self, construct: &str) -> Option<&Entry> {
        self.resource(construct.strip_prefix(&self.name)?.strip_prefix('/')?)
    }

    /// What a finding about an entry is about.
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
    /// The text of an attribute.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.body.as_map()?.get(name)?.as_str()
    }

    /// The type of a resource or of a parameter.
    pub fn type_name(&self) -> &str {
        self.text("Type").unwrap_or_default()
    }

    /// The properties of a resource.
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

/// Whether something is left to do for `rain`, which puts files together before they are a template.
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
    fn other_data_is_not_a_template() {
        let is = |text: &str| {
            let value: Value = serde_json::from_str(text).expect("the case is JSON");
            Template::new("run", data(&value), &|_| At::new("run.json", 1, 1)).is_some()
        };
        assert!(is(r#"{ "AWSTemplateFormatVersion": "2010-09-09" }"#));
        assert!(is(r#"{ "Resources": { "A": { "Type": "AWS::SQS::Queue" } } }"#));
        assert!(!is(r#"{ "Resources": { "A": { "Type": "Custom::Queue" } } }"#) && !is("[1]") && !is("{}"));
    }
}
