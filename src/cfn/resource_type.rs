//! Resource types: the generated ones, and one by its name.

use std::borrow::Cow;

use crate::val::{Bag, Data, Key};
use crate::{Construct, Resource};

/// A CloudFormation resource type that is known here.
pub trait ResourceType {
    /// Its name, such as `AWS::EC2::Subnet`.
    const TYPE: &'static str;
}

/// A resource of a type by its name, for what is newer than the generated types.
///
/// Its properties are written as they are; nothing is checked for a type
/// without facts.
#[derive(Clone, Debug, PartialEq)]
pub struct Raw {
    type_name: Cow<'static, str>,
    props: Bag,
}

impl Raw {
    /// A resource of the type `type_name`, without properties.
    pub fn new(type_name: impl Into<Cow<'static, str>>) -> Self {
        Self { type_name: type_name.into(), props: Bag::default() }
    }

    /// Sets a property.
    #[must_use]
    pub fn set(mut self, key: impl Into<Key>, value: impl Into<Data>) -> Self {
        self.props.set(key, value);
        self
    }

    /// Defines the resource in the stack that `scope` belongs to.
    #[track_caller]
    pub fn define(self, scope: &impl Construct, id: &str) -> Resource<Raw> {
        Resource::define(scope, id, self.type_name, self.props)
    }
}

impl Resource<Raw> {
    /// What `Ref` returns for the resource.
    pub fn reference(&self) -> crate::Val<String> {
        self.attr("Ref")
    }
}
