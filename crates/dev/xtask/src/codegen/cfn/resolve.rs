//! Converts schemas to types.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, bail};
use serde_json::{Map, Value};

use super::facts::Facts;
use super::model::{Attr, Model, Prop, Type};
use crate::codegen::case;

/// Typed IDs, by the format in the schema.
const IDS: [(&str, &str); 13] = [
    ("AWS::ACM::Certificate.Arn", "CertificateArn"),
    ("AWS::EC2::Image.Id", "ImageId"),
    ("AWS::EC2::SecurityGroup.Id", "SecurityGroupId"),
    ("AWS::EC2::Subnet.Id", "SubnetId"),
    ("AWS::EC2::VPC.Id", "VpcId"),
    ("AWS::IAM::Role.Arn", "RoleArn"),
    ("AWS::KMS::Key.Arn", "KeyArn"),
    ("AWS::Lambda::Function.Arn", "FunctionArn"),
    ("AWS::Logs::LogGroup.Name", "LogGroupName"),
    ("AWS::Route53::HostedZone.Id", "HostedZoneId"),
    ("AWS::S3::Bucket.Name", "BucketName"),
    ("AWS::SNS::Topic.Arn", "TopicArn"),
    ("AWS::SQS::Queue.Arn", "QueueArn"),
];

/// Names that generated files use for other items.
const RESERVED: [&str; 14] =
    ["Box", "Clone", "Debug", "From", "Into", "Json", "List", "Map", "None", "Option", "Self", "Some", "String", "Vec"];

/// The maximum number of enum values. With more values, the type is text.
const MOST_CHOICES: usize = 80;

/// Returns the model of a resource type.
pub fn model(facts: &Facts) -> Result<Model> {
    let name = &facts.rust_name;
    let mut resolver = Resolver::new(facts, name.clone());
    let reference = match &facts.reference {
        Some(path) => resolver.attr_type(path).unwrap_or(Type::Text),
        None => Type::Text,
    };
    let mut props = resolver.props(&facts.schema, name)?;
    props.retain(|prop| !facts.read_only.contains(&prop.key));
    for prop in &mut props {
        // This property sets the name of the resource itself, so it is text.
        if facts.reference.as_ref() == Some(&prop.key) && matches!(prop.kind, Type::Id(_)) {
            prop.kind = Type::Text;
        }
    }
    let attrs = resolver.attrs(&facts.read_only);
    let Resolver { records, choices, .. } = resolver;
    let mut model = Model {
        type_name: facts.name.clone(),
        name: name.clone(),
        module: case::module(name),
        props,
        attributes: format!("{name}Attributes"),
        attrs,
        reference,
        records,
        choices,
    };
    drop_unused(&mut model);
    Ok(model)
}

/// Removes records and enums that only properties set by AWS use.
fn drop_unused(model: &mut Model) {
    let mut used = BTreeSet::new();
    let mut open: Vec<&Prop> = model.props.iter().collect();
    while let Some(prop) = open.pop() {
        prop.kind.each(&mut |kind| {
            if let Type::Named(name) = kind
                && used.insert(name.clone())
            {
                open.extend(model.records.get(name).into_iter().flatten());
            }
        });
    }
    model.records.retain(|name, _| used.contains(name));
    model.choices.retain(|name, _| used.contains(name));
}

struct Resolver<'a> {
    facts: &'a Facts,
    /// The type of each visited definition.
    known: BTreeMap<&'a str, Type>,
    /// The names of types, which must be unique.
    names: BTreeSet<String>,
    records: BTreeMap<String, Vec<Prop>>,
    choices: BTreeMap<String, Vec<(String, String)>>,
}

impl<'a> Resolver<'a> {
    fn new(facts: &'a Facts, name: String) -> Self {
        let taken = RESERVED.iter().copied().chain(IDS.iter().map(|(_, id)| *id)).map(str::to_owned);
        let names = taken.chain([format!("{name}Attributes"), name]).collect();
        let mut resolver =
            Self { facts, known: BTreeMap::new(), names, records: BTreeMap::new(), choices: BTreeMap::new() };
        // Definitions keep their names. Inline types get the remaining names.
        for (name, schema) in &facts.definitions {
            if is_record(schema, &facts.definitions) {
                let type_name = resolver.free(&case::pascal(name), "", "Property");
                resolver.known.insert(name, Type::Named(type_name));
            }
        }
        resolver
    }

    /// Returns an unused name: `wanted`, with the owner as prefix, or with a suffix.
    fn free(&mut self, wanted: &str, owner: &str, suffix: &str) -> String {
        let tries = [wanted.to_owned(), format!("{owner}{wanted}"), format!("{owner}{wanted}{suffix}")];
        let mut tries = tries.into_iter().chain((2..).map(|n| format!("{owner}{wanted}{suffix}{n}")));
        let name = tries.find(|name| !self.names.contains(name)).expect("there are numbers enough");
        self.names.insert(name.clone());
        name
    }

    /// Returns the properties of a record.
    fn props(&mut self, schema: &'a Value, owner: &str) -> Result<Vec<Prop>> {
        let required: BTreeSet<&str> = texts(schema.get("required")).collect();
        let own = schema.get("properties").and_then(Value::as_object);
        let mut props: Vec<Prop> = Vec::new();
        for (key, schema) in properties(schema, &self.facts.definitions) {
            let kind = self.resolve(schema, &case::pascal(key), owner)?;
            let required = required.contains(key) && own.is_some_and(|own| own.contains_key(key));
            let prop = Prop { key: key.to_owned(), field: case::field(key), kind, required };
            if let Some(other) = props.iter().find(|other| other.field == prop.field) {
                bail!("`{}` and `{key}` of `{owner}` have the same name in Rust; add a fixup", other.key);
            }
            props.push(prop);
        }
        Ok(props)
    }

    /// Returns the type of a property. `wanted` is the name of the type, if it needs one.
    fn resolve(&mut self, schema: &'a Value, wanted: &str, owner: &str) -> Result<Type> {
        if let Some(name) = reference(schema) {
            return self.definition(name);
        }
        if let Some(name) = branches(schema, "allOf").find_map(reference) {
            return self.definition(name);
        }
        let types: Vec<&str> = match &schema["type"] {
            Value::String(one) => vec![one],
            many => texts(Some(many)).collect(),
        };
        Ok(match types.as_slice() {
            ["string"] => self.text(schema, wanted, owner),
            ["integer"] => Type::Int,
            ["number"] => Type::Float,
            ["boolean"] | ["boolean", "null"] => Type::Bool,
            ["array"] => match schema.get("items") {
                Some(items) => Type::List(Box::new(self.resolve(items, wanted, owner)?)),
                None => Type::List(Box::new(Type::Json)),
            },
            ["object"] | [] if is_record(schema, &self.facts.definitions) => {
                let name = self.free(wanted, owner, "Property");
                self.record(schema, name)?
            }
            ["object"] | [] => match values(schema) {
                Some(schema) => Type::Map(Box::new(self.resolve(schema, wanted, owner)?)),
                None => Type::Json,
            },
            _ => Type::Json,
        })
    }

    fn record(&mut self, schema: &'a Value, name: String) -> Result<Type> {
        // Insert the entry before its properties are resolved, because a record may contain itself.
        self.records.insert(name.clone(), Vec::new());
        let props = self.props(schema, &name)?;
        self.records.insert(name.clone(), props);
        Ok(Type::Named(name))
    }

    fn definition(&mut self, name: &str) -> Result<Type> {
        let facts = self.facts;
        let Some((name, schema)) = facts.definitions.get_key_value(name) else { bail!("`{name}` is not defined") };
        match self.known.get(name.as_str()).cloned() {
            Some(Type::Named(type_name)) if is_record(schema, &facts.definitions) => {
                match self.records.contains_key(&type_name) {
                    true => Ok(Type::Named(type_name)),
                    false => self.record(schema, type_name),
                }
            }
            Some(known) => Ok(known),
            None => {
                // A list that contains itself is infinite, so its items have any type.
                self.known.insert(name, Type::Json);
                let kind = self.resolve(schema, &case::pascal(name), "")?;
                self.known.insert(name, kind.clone());
                Ok(kind)
            }
        }
    }

    fn text(&mut self, schema: &Value, wanted: &str, owner: &str) -> Type {
        if let Some(choices) = choices(schema) {
            let name = match self.choices.get(wanted) {
                Some(known) if *known == choices => return Type::Named(wanted.to_owned()),
                _ => self.free(wanted, owner, "Choice"),
            };
            self.choices.insert(name.clone(), choices);
            return Type::Named(name);
        }
        scalar_text(schema)
    }

    fn attrs(&self, paths: &[String]) -> Vec<Attr> {
        let mut attrs: Vec<Attr> = Vec::new();
        for path in paths {
            let method = case::method(path);
            if let Some(kind) = self.attr_type(path)
                && !attrs.iter().any(|known| known.method == method)
            {
                attrs.push(Attr { key: path.clone(), method, kind });
            }
        }
        attrs
    }

    /// Returns the type at a path, or `None` if `Fn::GetAtt` cannot return it.
    fn attr_type(&self, path: &str) -> Option<Type> {
        let definitions = &self.facts.definitions;
        let at = path.split('.').try_fold(&self.facts.schema, |schema, key| {
            properties(schema, definitions)
                .into_iter()
                .find(|(known, _)| *known == key)
                .map(|(_, schema)| deref(schema, definitions))
        })?;
        scalar(at).or_else(|| {
            let item = scalar(deref(at.get("items")?, definitions))?;
            matches!(item, Type::Text | Type::Id(_)).then(|| Type::List(Box::new(item)))
        })
    }
}

/// Returns the type of a scalar. Enums are text.
fn scalar(schema: &Value) -> Option<Type> {
    match schema["type"].as_str()? {
        "string" => Some(scalar_text(schema)),
        "integer" => Some(Type::Int),
        "number" => Some(Type::Float),
        "boolean" => Some(Type::Bool),
        _ => None,
    }
}

fn scalar_text(schema: &Value) -> Type {
    let format = schema["format"].as_str();
    match IDS.iter().find(|(known, _)| Some(*known) == format) {
        Some((_, id)) => Type::Id(id),
        None => Type::Text,
    }
}

/// Returns the variants of an enum, or `None` if their names would not be unique.
fn choices(schema: &Value) -> Option<Vec<(String, String)>> {
    let texts: Vec<&str> = texts(schema.get("enum")).collect();
    if texts.is_empty() || texts.len() > MOST_CHOICES {
        return None;
    }
    let mut names = BTreeSet::new();
    let mut choices = Vec::new();
    for text in texts {
        let name = case::variant(text)?;
        if !names.insert(name.clone()) {
            return None;
        }
        choices.push((name, text.to_owned()));
    }
    Some(choices)
}

/// Returns the properties of a record, including those of its alternatives.
fn properties<'a>(schema: &'a Value, definitions: &'a Map<String, Value>) -> BTreeMap<&'a str, &'a Value> {
    let mut found = BTreeMap::new();
    collect(schema, definitions, &mut found, 0);
    found
}

fn collect<'a>(
    schema: &'a Value,
    definitions: &'a Map<String, Value>,
    found: &mut BTreeMap<&'a str, &'a Value>,
    depth: u8,
) {
    for (key, schema) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
        // The alternatives of a schema (`oneOf`, `anyOf`) can repeat a property to add constraints. A schema such as
        // `{}` has no information.
        let says = |schema: &Value| schema.get("type").is_some() || reference(schema).is_some();
        match found.get(key.as_str()) {
            Some(known) if says(known) || !says(schema) => {}
            _ => {
                found.insert(key, schema);
            }
        }
    }
    if depth < 4 {
        for word in ["oneOf", "anyOf", "allOf"] {
            branches(schema, word)
                .for_each(|branch| collect(deref(branch, definitions), definitions, found, depth + 1));
        }
    }
}

fn is_record(schema: &Value, definitions: &Map<String, Value>) -> bool {
    let object = matches!(schema.get("type").and_then(Value::as_str), Some("object")) || schema.get("type").is_none();
    object && reference(schema).is_none() && !properties(schema, definitions).is_empty()
}

/// Returns the value schema of a map with user-defined keys.
fn values(schema: &Value) -> Option<&Value> {
    let patterns = schema.get("patternProperties").and_then(Value::as_object).filter(|patterns| patterns.len() == 1);
    let pattern = patterns.and_then(|patterns| patterns.values().next());
    pattern.or_else(|| schema.get("additionalProperties").filter(|values| values.is_object()))
}

fn reference(schema: &Value) -> Option<&str> {
    schema.get("$ref")?.as_str()?.strip_prefix("#/definitions/")
}

fn deref<'a>(schema: &'a Value, definitions: &'a Map<String, Value>) -> &'a Value {
    reference(schema).and_then(|name| definitions.get(name)).unwrap_or(schema)
}

fn branches<'a>(schema: &'a Value, word: &str) -> impl Iterator<Item = &'a Value> {
    schema.get(word).and_then(Value::as_array).into_iter().flatten()
}

fn texts(value: Option<&Value>) -> impl Iterator<Item = &str> {
    value.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}
