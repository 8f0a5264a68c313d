//! The type of a property.

/// The type of a property or of an attribute, as the generated types have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `String`.
    Text,
    /// `bool`.
    Bool,
    /// `i64`.
    Int,
    /// `f64`.
    Float,
    /// `Json`.
    Json,
    /// `IntOrString`.
    IntOrText,
    /// An id of `cfn::ids`.
    Id(String),
    /// A record or choices, by the path.
    Named(String),
    /// A list.
    List(Box<Kind>),
    /// A map.
    Map(Box<Kind>),
}

impl Kind {
    /// Reads a type as the generated file of a place names it.
    pub fn read(text: &str, place: &str) -> Self {
        let inner = |name: &str| text.strip_prefix(name).and_then(|rest| rest.strip_suffix('>'));
        if let Some(item) = inner("List<") {
            return Self::List(Box::new(Self::read(item, place)));
        }
        if let Some(item) = inner("Map<") {
            return Self::Map(Box::new(Self::read(item, place)));
        }
        match text {
            "String" => Self::Text,
            "bool" => Self::Bool,
            "i64" => Self::Int,
            "f64" => Self::Float,
            "Json" => Self::Json,
            "IntOrString" => Self::IntOrText,
            path if path.contains("::") => Self::Named(path.to_owned()),
            id if !place.starts_with("kube") && IDS.contains(&id) => Self::Id(id.to_owned()),
            name => Self::Named(format!("{place}::{name}")),
        }
    }
}

/// The ids of `cfn::ids`.
const IDS: [&str; 13] = [
    "CertificateArn",
    "ImageId",
    "SecurityGroupId",
    "SubnetId",
    "VpcId",
    "RoleArn",
    "KeyArn",
    "FunctionArn",
    "LogGroupName",
    "HostedZoneId",
    "BucketName",
    "TopicArn",
    "QueueArn",
];
