//! Resource types: the trait of generated types, and resources by type name.

use std::borrow::Cow;

use crate::diag::Diagnostic;
use crate::node::Kind;
use crate::val::{Bag, Data, Key};
use crate::{Construct, Resource, Scope, Val};

pub use crate::attributes::{Attributed, Attributes};

/// A CloudFormation resource type with a generated Rust type.
pub trait ResourceType: Attributed {
    /// The type name, such as `AWS::EC2::Subnet`.
    const TYPE: &'static str;

    /// Whether a type name denotes this type. A custom resource can have any type name that begins with `Custom::`.
    #[doc(hidden)]
    fn is(type_name: &str) -> bool {
        type_name == Self::TYPE
    }
}

impl<T: ResourceType> Resource<T> {
    /// Returns a resource of a construct. `path` is relative to the construct, and `resource` is the path of the main
    /// resource.
    ///
    /// Use it to [`patch`](Resource::patch) a property that the construct does not set.
    ///
    /// # Diagnostics
    ///
    /// - `MS0113`: the resource does not exist, or has another type.
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
        // If the resource is not found, the handle refers to the construct, and patches have no effect.
        Resource::at(found.unwrap_or_else(|| scope.clone()))
    }
}

/// A resource that is defined by its type name, for types that are newer than the generated types.
///
/// Its properties are written unchanged. A type without facts is not checked.
#[derive(Clone, Debug, PartialEq)]
pub struct Raw {
    type_name: Cow<'static, str>,
    props: Bag,
}

impl Raw {
    /// Creates a resource of the type `type_name`, without properties.
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

/// The only typed attribute of a resource of an unknown type: its `Ref`. [`Resource::attr`] reads all other attributes
/// by name.
pub struct RawAttributes(Scope);

impl RawAttributes {
    /// Returns the `Ref` of the resource.
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
