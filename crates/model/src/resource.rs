//! The handle of a CloudFormation resource.

use std::borrow::Cow;
use std::ops::Deref;

use crate::attributes::{Attributed, Attributes};
use crate::node::{self, Kind, OnDelete};
use crate::tree::{Construct, NodeId, Scope};
use crate::val::{AttrName, Bag, Data, Val, Value};

/// A CloudFormation resource of type `T`. Other resources refer to it.
///
/// It dereferences to the attributes of its type. For example, `queue.arn()` is an attribute of a queue.
pub struct Resource<T: Attributed> {
    attributes: T::Attributes,
}

impl<T: Attributed> Clone for Resource<T> {
    fn clone(&self) -> Self {
        Self::at(self.scope().clone())
    }
}

impl<T: Attributed> Construct for Resource<T> {
    fn scope(&self) -> &Scope {
        self.attributes.place()
    }
}

impl<T: Attributed> Deref for Resource<T> {
    type Target = T::Attributes;

    fn deref(&self) -> &T::Attributes {
        &self.attributes
    }
}

impl<T: Attributed> Resource<T> {
    /// Defines a resource by its type name, with verbatim properties.
    #[track_caller]
    pub fn define(scope: &impl Construct, id: &str, type_name: impl Into<Cow<'static, str>>, props: Bag) -> Self {
        Self::at(define(scope.scope(), id, type_name.into(), props))
    }

    /// Returns the handle of an existing node.
    #[doc(hidden)]
    pub fn at(scope: Scope) -> Self {
        Self { attributes: T::Attributes::of(scope) }
    }

    /// Returns an attribute by the vendor's name. The name `Ref` selects the reference.
    pub fn attr<V: Value>(&self, name: impl Into<AttrName>) -> Val<V> {
        self.scope().attr(name)
    }

    /// Makes CloudFormation create this resource after another resource. Use it if this resource does not refer to the
    /// other one.
    pub fn depends_on<U: Attributed>(&self, other: &Resource<U>) -> &Self {
        let other: NodeId = other.scope().node();
        change(self.scope(), |resource| resource.depends_on.push(other));
        self
    }

    /// Makes CloudFormation keep the resource if it is removed from the stack or replaced.
    pub fn retain(&self) -> &Self {
        self.on_delete(OnDelete::Retain)
    }

    /// Sets the action if the resource is removed from the stack or replaced.
    pub fn on_delete(&self, on_delete: OnDelete) -> &Self {
        change(self.scope(), |resource| resource.on_delete = on_delete);
        self
    }

    /// Keeps the logical ID of an already deployed resource. For several resources, use `Stack::logical_ids`.
    pub fn logical_id(&self, id: &str) -> &Self {
        change(self.scope(), |resource| resource.logical_id = Some(id.to_owned()));
        self
    }

    /// Sets a CloudFormation resource attribute: `Condition`, `CreationPolicy`, `DeletionPolicy`, `Metadata`,
    /// `UpdatePolicy`, `UpdateReplacePolicy`.
    ///
    /// # Example
    ///
    /// ```
    /// # use meshsynth::{testing, cfn, App};
    /// # let app = App::new("shop");
    /// # let data = testing::stack(&app, "data");
    /// let logs = cfn::s3::Bucket::new().define(&data, "logs");
    /// logs.attribute("DeletionPolicy", "Retain");
    /// ```
    ///
    /// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-product-attribute-reference.html>
    pub fn attribute(&self, name: &str, value: impl Into<Data>) -> &Self {
        let value = value.into();
        change(self.scope(), |resource| {
            // The rule for stateful resources accepts an explicit deletion policy in any form.
            if name == "DeletionPolicy" {
                resource.on_delete = match value.as_str() {
                    Some("Delete") => OnDelete::Delete,
                    Some("Snapshot") => OnDelete::Snapshot,
                    _ => OnDelete::Retain,
                };
            }
            resource.attributes.set(name.to_owned(), value);
        });
        self
    }

    /// Sets a property at a dotted path, including properties without a typed setter. The assembly records the patch.
    pub fn patch(&self, path: &str, value: impl Into<Data>) -> &Self {
        let value = value.into();
        change(self.scope(), |resource| {
            *resource.props.place(path) = value;
            resource.patches.push(path.to_owned());
        });
        self
    }

    /// Sets a property to a secret. CloudFormation resolves the secret during deployment.
    pub fn secret(&self, path: &'static str, secret: &crate::Secret) -> &Self {
        let value = Data::from(secret.clone());
        change(self.scope(), |resource| *resource.props.place(path) = value);
        self
    }
}

#[track_caller]
fn define(scope: &Scope, id: &str, type_name: Cow<'static, str>, props: Bag) -> Scope {
    let resource = node::Resource { type_name, props, ..Default::default() };
    scope.define(id, Kind::Resource(Box::new(resource)))
}

fn change(scope: &Scope, change: impl FnOnce(&mut node::Resource)) {
    scope.change(|node| {
        if let Kind::Resource(resource) = &mut node.kind {
            change(resource);
        }
    });
}
