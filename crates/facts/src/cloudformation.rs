//! Facts about CloudFormation resource types.

use std::sync::{Mutex, OnceLock, PoisonError};

use super::json::Json;
use super::shape::{Dialect, Shape};
use super::sources;
use meshsynth_model::hash::FastMap;

/// The facts about one resource type. Paths are dotted; `*` represents the items of a list.
#[derive(Debug)]
pub struct TypeFacts {
    /// The name, such as `AWS::EC2::Subnet`.
    pub name: String,
    /// The compiled schema of its properties.
    pub shape: Shape,
    /// Properties whose change replaces the resource.
    pub create_only: Vec<String>,
    /// Properties whose change may replace the resource.
    pub conditional_create_only: Vec<String>,
    /// Properties that AWS sets.
    pub read_only: Vec<String>,
    /// Deprecated properties.
    pub deprecated: Vec<String>,
    /// The properties that identify the resource in AWS.
    pub primary_identifier: Vec<String>,
    /// Whether deleting the resource deletes data.
    pub stateful: bool,
    /// Attributes that are lists, and whether their items are maps.
    lists: Vec<(String, bool)>,
    /// The property that `Ref` returns.
    pub ref_is: Option<String>,
    /// The property for tags, if the type supports tags.
    pub tags: Option<Tags>,
}

/// The form of a tag property.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tags {
    /// A list of `Key` and `Value` at this property.
    List(String),
    /// A map at this property.
    Map(String),
}

impl TypeFacts {
    /// Whether `Fn::GetAtt` may support an attribute, such as `Endpoint.Address`.
    ///
    /// `Fn::GetAtt` of some types also returns properties that the template sets. The schemas do not specify for which
    /// types.
    pub fn has_attribute(&self, name: &str) -> bool {
        self.read_only.iter().any(|known| known == name) || self.shape.has_property(name)
    }

    /// Whether `Fn::GetAtt` supports the attribute. For a custom resource, every attribute is accepted, because its
    /// provider defines the attributes.
    pub fn takes_attribute(&self, name: &str) -> bool {
        match self.name.as_ref() {
            "AWS::CloudFormation::CustomResource" => true,
            // The outputs of the nested template.
            "AWS::CloudFormation::Stack" if name.starts_with("Outputs.") => true,
            _ => self.has_attribute(name),
        }
    }

    /// Returns the kind of an attribute, or `None` if the attribute is unknown.
    pub fn attribute_kind(&self, name: &str) -> Option<AttributeKind> {
        match self.lists.iter().find(|(known, _)| known == name) {
            Some((_, true)) => Some(AttributeKind::Maps),
            Some((_, false)) => Some(AttributeKind::List),
            None => (name == "Ref" || self.has_attribute(name)).then_some(AttributeKind::Text),
        }
    }
}

/// The kind of an attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttributeKind {
    /// A text, a number or a Boolean. All of them are read as text.
    Text,
    /// A list of strings.
    List,
    /// A list of maps, which an output cannot contain.
    Maps,
}

/// Returns the facts about a resource type of any service, or `None` if the type is unknown.
///
/// The facts are text in the program. On the first query for a type, its line is found in the text of its service,
/// parsed, and cached.
pub fn cloudformation(type_name: &str) -> Option<&'static TypeFacts> {
    static KNOWN: OnceLock<Mutex<FastMap<String, Option<&'static TypeFacts>>>> = OnceLock::new();
    let known = KNOWN.get_or_init(Mutex::default);
    let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(facts) = known.get(type_name) {
        return *facts;
    }
    // The facts about a type are read once and are never freed.
    let facts = read(type_name).map(|facts| &*Box::leak(Box::new(facts)));
    known.insert(type_name.to_owned(), facts);
    facts
}

/// Returns the names of all resource types of a service, such as `AWS::EC2`. The list is empty if the service is
/// unknown.
pub fn resource_types(service_name: &str) -> Vec<&'static str> {
    let lines = service(&format!("{service_name}::")).and_then(|service| sources::cloudformation(&service));
    let names = lines.into_iter().flat_map(str::lines).filter_map(|line| line.split('"').nth(3));
    names.filter(|name| name.starts_with(service_name)).collect()
}

fn read(type_name: &str) -> Option<TypeFacts> {
    let lines = sources::cloudformation(&service(type_name)?)?;
    let start = format!("{{\"name\":\"{type_name}\",");
    let line = lines.lines().find(|line| line.starts_with(&start))?;
    let facts = Json::parse(line);
    let paths =
        |word: &str| facts.at(word).items().iter().filter_map(Json::as_str).map(str::to_owned).collect::<Vec<_>>();
    let read_only = paths("readOnly");
    let (schema, definitions) = (facts.at("schema"), facts.at("definitions"));
    let settable = schema.at("properties").entries().iter().map(|(name, _)| name.as_ref());
    let attributes = read_only.iter().map(String::as_str).chain(settable);
    let lists = attributes.filter_map(|path| Some((path.to_owned(), list_of_maps(&facts, path)?))).collect();
    let mut shape = Shape::of(schema, definitions, Dialect::CloudFormation);
    read_only.iter().for_each(|path| shape.set_read_only(path));
    Some(TypeFacts {
        name: type_name.to_owned(),
        shape,
        create_only: paths("createOnly"),
        conditional_create_only: paths("conditionalCreateOnly"),
        read_only,
        deprecated: paths("deprecated"),
        primary_identifier: paths("primaryIdentifier"),
        lists,
        stateful: facts.at("stateful").is_true(),
        ref_is: facts.at("ref").as_str().map(str::to_owned),
        tags: tags(facts.at("tags")),
    })
}

/// Returns whether the items of a list attribute are maps, or `None` if the attribute is not a list.
fn list_of_maps(facts: &Json<'_>, path: &str) -> Option<bool> {
    let schema = path
        .split('.')
        .fold(facts.at("schema"), |schema, name| resolved(facts, resolved(facts, schema).at("properties").at(name)));
    let is = |schema: &Json<'_>, word: &str| schema.at("type").as_str() == Some(word);
    is(schema, "array").then(|| is(resolved(facts, schema.at("items")), "object"))
}

/// Resolves the `$ref` of a schema, if it has one.
fn resolved<'f>(facts: &'f Json<'f>, mut schema: &'f Json<'f>) -> &'f Json<'f> {
    while let Some(name) = schema.at("$ref").as_str() {
        schema = facts.at("definitions").at(name.rsplit('/').next().unwrap_or(name));
    }
    schema
}

fn tags(fact: &Json<'_>) -> Option<Tags> {
    let property = fact.at("property").as_str()?.to_owned();
    match fact.at("shape").as_str()? {
        "map" => Some(Tags::Map(property)),
        _ => Some(Tags::List(property)),
    }
}

/// Returns the file name of the facts for a type: `ec2` for `AWS::EC2::Subnet`.
fn service(type_name: &str) -> Option<String> {
    let mut parts = type_name.split("::");
    let (vendor, service) = (parts.next()?, parts.next()?.to_lowercase());
    match vendor {
        "AWS" => Some(service),
        vendor => Some(format!("{}_{service}", vendor.to_lowercase())),
    }
}

#[cfg(test)]
mod tests {
    use super::{AttributeKind, cloudformation};

    #[test]
    fn finds_facts_of_a_type() {
        let subnet = cloudformation("AWS::EC2::Subnet").unwrap();
        assert!(subnet.create_only.iter().any(|path| path == "CidrBlock"));
        assert_eq!(subnet.conditional_create_only, ["Ipv6CidrBlock"]);
        assert_eq!(subnet.ref_is.as_deref(), Some("SubnetId"));
        assert!(!subnet.stateful);
        assert!(cloudformation("AWS::RDS::DBInstance").unwrap().stateful);
        assert!(cloudformation("AWS::New::Thing").is_none());
    }

    #[test]
    fn lists_types_of_a_service() {
        assert!(super::resource_types("AWS::SQS").contains(&"AWS::SQS::Queue"));
        assert!(super::resource_types("AWS::Nothing").is_empty());
    }

    #[test]
    fn recognizes_list_attributes() {
        let kind = |of: &str, name: &str| cloudformation(of).unwrap().attribute_kind(name);
        assert_eq!(kind("AWS::Route53::HostedZone", "NameServers"), Some(AttributeKind::List));
        assert_eq!(kind("AWS::EC2::VPCEndpoint", "DnsEntries"), Some(AttributeKind::List));
        assert_eq!(kind("AWS::EC2::Subnet", "Ipv6CidrBlocks"), Some(AttributeKind::List));
        assert_eq!(kind("AWS::EC2::VPC", "VpcId"), Some(AttributeKind::Text));
        assert_eq!(kind("AWS::RDS::DBInstance", "Endpoint.Address"), Some(AttributeKind::Text));
        assert_eq!(kind("AWS::EC2::VPC", "Nothing"), None);
    }

    #[test]
    fn reads_facts_of_every_type_in_several_services() {
        for service in ["ec2", "iam", "eks", "rds", "wafv2", "cloudfront", "alexa_ask", "athena", "scheduler"] {
            let lines = super::sources::cloudformation(service).unwrap();
            for line in lines.lines() {
                let name = line.split('"').nth(3).unwrap();
                assert_eq!(cloudformation(name).unwrap().name, name);
                let by_library: serde_json::Value = serde_json::from_str(line).unwrap();
                assert_eq!(super::Json::parse(line).to_value(), by_library);
            }
        }
    }
}
