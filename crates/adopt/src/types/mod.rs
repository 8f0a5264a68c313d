//! An index of the generated types with their setters, attributes and records.
//!
//! `cargo xtask codegen` writes the index together with the types.

mod kind;
mod listed;
mod shown;
mod sources;

use std::collections::HashMap;

pub use kind::Kind;
pub use listed::{Form, Listed, listed};
pub use shown::shown;

use crate::bare_construct::is_custom;

/// A resource type, a kind or a record.
#[derive(Debug, Default)]
pub struct Record {
    /// Its path in the library, such as `cfn::sqs::queue::Tag`.
    pub path: String,
    /// The parameters of its `new`, in this order.
    pub required: Vec<Prop>,
    /// The properties with setters.
    pub optional: Vec<Prop>,
    /// The attributes of a resource type: the vendor's name, the method, the type.
    pub attributes: Vec<Prop>,
    /// The type of `Ref` for a resource type.
    pub reference: Option<Kind>,
}

/// A property or an attribute.
#[derive(Debug)]
pub struct Prop {
    /// The vendor's name.
    pub key: String,
    /// Its name in Rust.
    pub field: String,
    /// Its type.
    pub kind: Kind,
}

impl Record {
    /// Returns a property by the vendor's name.
    pub fn prop(&self, key: &str) -> Option<&Prop> {
        self.required.iter().chain(&self.optional).find(|prop| prop.key == key)
    }

    /// Returns an attribute by the vendor's name.
    pub fn attribute(&self, key: &str) -> Option<&Prop> {
        self.attributes.iter().find(|prop| prop.key == key)
    }
}

/// The types that were requested so far, which are read from the index on demand.
#[derive(Default)]
pub struct Types {
    records: HashMap<String, Record>,
    choices: HashMap<String, Vec<(String, String)>>,
    named: HashMap<String, String>,
    read: Vec<String>,
}

impl Types {
    /// Returns a resource type by its name, such as `AWS::SQS::Queue`.
    pub fn resource(&mut self, type_name: &str) -> Option<&Record> {
        if is_custom(type_name) {
            self.add_custom(type_name);
            return self.by_name(type_name);
        }
        let service = type_name.split("::").nth(1)?.to_lowercase();
        // `Alexa::ASK` is the only vendor prefix other than AWS.
        let service = if type_name.starts_with("AWS::") { service } else { format!("alexa_{service}") };
        self.read_service(&service);
        self.by_name(type_name)
    }

    /// Reads the index of a service.
    fn read_service(&mut self, service: &str) {
        if !self.read.iter().any(|name| name == service) {
            if let Some(text) = sources::cloudformation(service) {
                self.add(text);
            }
            self.read.push(service.to_owned());
        }
    }

    /// Returns a kind by its version and name.
    pub fn object(&mut self, api_version: &str, kind: &str) -> Option<&Record> {
        self.read_kinds();
        self.by_name(&format!("{api_version} {kind}"))
    }

    /// Reads the index of all kinds.
    fn read_kinds(&mut self) {
        if !self.read.iter().any(|name| name == KUBE) {
            sources::KUBERNETES.iter().for_each(|text| self.add(text));
            self.read.push(KUBE.to_owned());
        }
    }

    /// Reads the index of the module of a path, such as `cfn::sqs::queue::Tag`.
    pub fn read_module(&mut self, path: &str) {
        match path.split("::").collect::<Vec<_>>().as_slice() {
            ["kube", ..] => self.read_kinds(),
            [_, service, ..] => self.read_service(service),
            _ => {}
        }
    }

    fn by_name(&self, name: &str) -> Option<&Record> {
        self.records.get(self.named.get(name)?)
    }

    /// Returns a record by its path.
    pub fn record(&self, path: &str) -> Option<&Record> {
        self.records.get(path)
    }

    /// Returns the enum variant for a text, or `None` if the path is not an enum or the text is not one of its values.
    pub fn variant(&self, path: &str, text: &str) -> Option<&str> {
        let all = self.choices.get(path)?;
        all.iter().find(|(_, known)| known == text).map(|(variant, _)| variant.as_str())
    }

    /// Returns the values of an enum, each with its variant. The list is empty if the path is not an enum.
    pub fn variants(&self, path: &str) -> &[(String, String)] {
        self.choices.get(path).map_or(&[], Vec::as_slice)
    }

    /// Whether a module contains other types than its main type.
    pub fn has_nested(&self, main: &str) -> bool {
        let Some((module, _)) = main.rsplit_once("::") else { return false };
        let is_nested =
            |path: &String| path != main && path.rsplit_once("::").is_some_and(|(other, _)| other == module);
        self.records.keys().chain(self.choices.keys()).any(is_nested)
    }

    /// Whether a path is an enum.
    pub fn is_choice(&self, path: &str) -> bool {
        self.choices.contains_key(path)
    }

    /// Adds the common type of all custom resources.
    fn add_custom(&mut self, type_name: &str) {
        let path = "cfn::CustomResource".to_owned();
        self.named.insert(type_name.to_owned(), path.clone());
        let prop = |key: &str, field: &str, kind| Prop { key: key.to_owned(), field: field.to_owned(), kind };
        self.records.entry(path.clone()).or_insert_with(|| Record {
            path,
            required: vec![prop("ServiceToken", "service_token", Kind::Text)],
            optional: vec![prop("ServiceTimeout", "service_timeout", Kind::Int)],
            attributes: Vec::new(),
            reference: Some(Kind::Text),
        });
    }

    fn add(&mut self, text: &str) {
        let (mut place, mut path) = (String::new(), String::new());
        for line in text.lines() {
            let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
            let words: Vec<&str> = rest.splitn(4, ' ').collect();
            match (word, words.as_slice()) {
                ("=", _) => rest.clone_into(&mut place),
                ("T", [type_name, name]) => {
                    path = self.begin(&place, name);
                    self.named.insert((*type_name).to_owned(), path.clone());
                }
                ("K", [name, version, kind, _]) => {
                    path = self.begin(&place, name);
                    self.named.insert(format!("{version} {kind}"), path.clone());
                }
                ("R", [name]) => path = self.begin(&place, name),
                ("C", [name]) => {
                    path = format!("{place}::{name}");
                    self.choices.entry(path.clone()).or_default();
                }
                ("v", [variant, ..]) => {
                    let text = rest.split_once(' ').map_or("", |(_, text)| text).to_owned();
                    self.choices.entry(path.clone()).or_default().push(((*variant).to_owned(), text));
                }
                ("&", _) => {
                    let kind = Kind::read(rest, &place);
                    self.records.entry(path.clone()).or_default().reference = Some(kind);
                }
                ("!" | "?" | "@", [key, field, kind]) => {
                    let prop =
                        Prop { key: (*key).to_owned(), field: (*field).to_owned(), kind: Kind::read(kind, &place) };
                    let record = self.records.entry(path.clone()).or_default();
                    match word {
                        "!" => record.required.push(prop),
                        "?" => record.optional.push(prop),
                        _ => record.attributes.push(prop),
                    }
                }
                _ => {}
            }
        }
    }

    fn begin(&mut self, place: &str, name: &str) -> String {
        let path = format!("{place}::{name}");
        self.records.insert(path.clone(), Record { path: path.clone(), ..Record::default() });
        path
    }
}

/// The name for all kinds in the list of loaded index files.
const KUBE: &str = " kube";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn setters_and_attributes_match_the_generated_types() {
        let mut types = Types::default();
        let queue = types.resource("AWS::SQS::Queue").unwrap();
        assert_eq!(queue.path, "cfn::sqs::queue::Queue");
        assert_eq!(queue.prop("DelaySeconds").unwrap().field, "delay_seconds");
        assert_eq!(queue.attribute("Arn").unwrap().kind, Kind::Id("QueueArn".to_owned()));
        assert_eq!(queue.reference, Some(Kind::Text));
        assert!(types.resource("AWS::SQS::Nothing").is_none());
        assert_eq!(types.resource("AWS::Kinesis::Stream").unwrap().path, "services::kinesis::stream::Stream");
    }

    #[test]
    fn finds_nested_types_of_kinds_by_path() {
        let mut types = Types::default();
        let service = types.object("v1", "Service").unwrap();
        assert_eq!(service.prop("spec").unwrap().kind, Kind::Named("kube::core::ServiceSpec".to_owned()));
        assert_eq!(types.variant("kube::core::Protocol", "TCP"), Some("Tcp"));
        assert!(types.is_choice("kube::core::Protocol"));
    }
}
