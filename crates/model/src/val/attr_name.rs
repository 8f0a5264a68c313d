//! The names of attributes.

use std::fmt;

use super::Key;

/// The value that an [`Attr`](super::Attr) reads from its node.
#[derive(Clone, Debug, PartialEq)]
pub enum AttrName {
    /// The vendor's name of an attribute or a pseudo parameter: `Ref`, `Endpoint.Address`, `AWS::Region`.
    Named(Key),
    /// A value that no attribute contains. The deployment reads it from a field of an API response.
    Lookup(Box<Lookup>),
    /// The availability zone of a stack's region with this index.
    Zone(usize),
    /// An export of another stack, in the account and the region of the reader.
    Export(Box<str>),
    /// An AWS Systems Manager parameter, in the account and the region of the reader.
    Parameter(Box<str>),
}

/// A field in the response of an API call.
#[derive(Clone, Debug, PartialEq)]
pub struct Lookup {
    /// The field of the response.
    pub field: Key,
    /// The service and the call: `kafka:GetBootstrapBrokers`.
    pub call: Key,
}

impl AttrName {
    /// Returns the name for a field in the response of an API call, such as `kafka:GetBootstrapBrokers`.
    pub fn lookup(field: impl Into<Key>, call: impl Into<Key>) -> Self {
        AttrName::Lookup(Box::new(Lookup { field: field.into(), call: call.into() }))
    }

    /// Returns the vendor's name, unless the value has another source.
    pub fn named(&self) -> Option<&str> {
        match self {
            AttrName::Named(name) => Some(name),
            _ => None,
        }
    }
}

/// Formats a text that identifies the attribute. The logical ids of outputs contain this text, so it must not change
/// between versions.
impl fmt::Display for AttrName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AttrName::Named(name) => f.write_str(name),
            AttrName::Lookup(lookup) => write!(f, "{}@{}", lookup.field, lookup.call),
            AttrName::Zone(idx) => write!(f, "zone-{idx}"),
            AttrName::Export(name) => write!(f, "export:{name}"),
            AttrName::Parameter(path) => write!(f, "ssm:{path}"),
        }
    }
}

impl From<&'static str> for AttrName {
    fn from(name: &'static str) -> Self {
        AttrName::Named(name.into())
    }
}

impl From<String> for AttrName {
    fn from(name: String) -> Self {
        AttrName::Named(name.into())
    }
}

impl From<Key> for AttrName {
    fn from(name: Key) -> Self {
        AttrName::Named(name)
    }
}
