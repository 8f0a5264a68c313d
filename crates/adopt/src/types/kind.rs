//! The type of a property.

use std::fmt;

use super::shown::shown;

/// The type of a property or an attribute in the generated types.
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
    /// An ID type of `cfn::ids`.
    Id(String),
    /// A record or an enum, by its path.
    Named(String),
    /// A list.
    List(Box<Kind>),
    /// A map.
    Map(Box<Kind>),
}

impl Kind {
    /// Parses a type name from a generated file. `place` is the module of the file.
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

impl fmt::Display for Kind {
    /// Writes the type as in a program, such as `List<cfn::ids::SubnetId>`.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text => out.write_str("String"),
            Self::Bool => out.write_str("bool"),
            Self::Int => out.write_str("i64"),
            Self::Float => out.write_str("f64"),
            Self::Json => out.write_str("Json"),
            Self::IntOrText => out.write_str("IntOrString"),
            Self::Id(name) => write!(out, "cfn::ids::{name}"),
            Self::Named(path) => out.write_str(&shown(path)),
            Self::List(item) => write!(out, "List<{item}>"),
            Self::Map(item) => write!(out, "Map<{item}>"),
        }
    }
}

/// The ID types of `cfn::ids`.
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
