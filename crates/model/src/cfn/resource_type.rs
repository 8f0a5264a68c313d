//! Resource types: the generated ones, and one by its name.

use std::borrow::Cow;

use crate::diag::Diagnostic;
use crate::node::Kind;
use crate::val::{Bag, Data, Key};
use crate::{Construct, Resource, Scope, Val};

pub use crate::attributes::{Attributed, Attributes};

/// A CloudFormation resource type that is known here.
pub trait ResourceType: Attributed {
    /// Its name, such as `AWS::EC2::Subnet`.
    const TYPE: &'static str;

    /// Whether a resource of a type by its name is one: custom resources have types of many names.
    #[doc(hidden)]
    fn is(type_name: &str) -> bool {
        type_name == Self::TYPE
    }
}

impl<T: ResourceType> Resource<T> {
    /// A resource that a construct has made, by its path below the construct; `resource` is the main one.
    ///
    /// This is the way to [`patch`](Resource::patch) what a construct does not offer.
    ///
    /// # Diagnostics
    ///
    /// - `MS0113`: there is no such resource, or it is of another type.
    ///
    /// # Example
    ///
    /// ```
    /// # use meshsynth::{testing, kms, cfn, App, Resource};
    /// # let app = App::new("shop");
    /// # let data = testing::stack(&app, "data");
    /// let key = kms::Key::new(&data, "key", kms::KeyProps::default());
    /// Resource::<cfn::kms::Key>::of(&key, "resource").patch("RotationPeriodInDays", 180);
    /// ```
    #[track_caller]
    pub fn of(construct: &impl Construct, path: &str) -> Self {
        let scope = construct.scope();
        let found = path.split('/').try_fold(scope.clone(), |scope, id| scope.child(id));
        let type_name = found.as_ref().and_then(|found| {
            scope.read(|tree| match &tree.nodes[found.node()].kind {
                Kind::Resource(resource) => Some(resource.type_name.to_string()),
                _ => None,
            })
        });
        if !type_name.as_deref().is_some_and(T::is) {
            let got = type_name.map_or_else(|| "is not a resource".to_owned(), |name| format!("is of type {name}"));
            scope.report(
                Diagnostic::error(
                    "MS0113",
                    format!("`{path}` of `{}` {got}; expected a resource of type {}", scope.path(), T::TYPE),
                )
                .at(scope.user_line(std::panic::Location::caller()))
                .help("find the path of the resource in manifest.json, which `meshsynth synth` writes"),
            );
        }
        // A patch of something else changes nothing.
        Resource::at(found.unwrap_or_else(|| scope.clone()))
    }
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

/// The attributes of a resource whose type is not known: what `Ref` returns; others by [`Resource::attr`].
pub struct RawAttributes(Scope);

impl RawAttributes {
    /// What `Ref` returns for the resource.
    pub fn reference(&self) -> Val<String> {
        self.0.attr("Ref")
    }
}

impl Attributes for RawAttributes {
    fn of(scope: Scope) -> Self {
        Self(scope)
    }

    fn place(&self) -> &Scope {
        &self.0
    }
}

impl Attributed for Raw {
    type Attributes = RawAttributes;
}
