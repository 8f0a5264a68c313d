//! The handle of a CloudFormation resource.

use std::borrow::Cow;
use std::marker::PhantomData;

use crate::node::{self, Kind, OnDelete};
use crate::tree::{Construct, NodeId, Scope};
use crate::val::{Bag, Data, Key, Val, Value};

/// A CloudFormation resource of type `T`: what other resources refer to.
pub struct Resource<T> {
    scope: Scope,
    of: PhantomData<T>,
}

impl<T> Clone for Resource<T> {
    fn clone(&self) -> Self {
        Self { scope: self.scope.clone(), of: PhantomData }
    }
}

impl<T> Construct for Resource<T> {
    fn scope(&self) -> &Scope {
        &self.scope
    }
}

impl<T> Resource<T> {
    /// Defines a resource of a type by its name, with properties as they are.
    #[track_caller]
    pub fn define(scope: &impl Construct, id: &str, type_name: impl Into<Cow<'static, str>>, props: Bag) -> Self {
        let resource = node::Resource { type_name: type_name.into(), props, ..Default::default() };
        Self { scope: scope.scope().define(id, Kind::Resource(Box::new(resource))), of: PhantomData }
    }

    /// The handle of a resource that is defined already.
    pub(crate) fn at(scope: Scope) -> Self {
        Self { scope, of: PhantomData }
    }

    /// An attribute by its name in the vendor's terms; `Ref` for the reference.
    pub fn attr<V: Value>(&self, name: impl Into<Key>) -> Val<V> {
        self.scope.attr(name)
    }

    /// Creates the resource after another one that it does not refer to.
    pub fn depends_on<U>(&self, other: &Resource<U>) -> &Self {
        let other: NodeId = other.scope.node();
        self.change(|resource| resource.depends_on.push(other));
        self
    }

    /// Keeps the resource when it leaves the stack or is replaced.
    pub fn retain(&self) -> &Self {
        self.on_delete(OnDelete::Retain)
    }

    /// Says what happens when the resource leaves the stack or is replaced.
    pub fn on_delete(&self, on_delete: OnDelete) -> &Self {
        self.change(|resource| resource.on_delete = on_delete);
        self
    }

    /// Keeps the logical id of a resource that was deployed before under that name.
    pub fn logical_id(&self, id: &str) -> &Self {
        self.change(|resource| resource.logical_id = Some(id.to_owned()));
        self
    }

    /// Sets a property at a dotted path past the typed ones. The patch is recorded in the assembly.
    pub fn patch(&self, path: &str, value: impl Into<Data>) -> &Self {
        let value = value.into();
        self.change(|resource| {
            *resource.props.place(path) = value;
            resource.patches.push(path.to_owned());
        });
        self
    }

    /// Sets a property that takes a secret.
    pub fn secret(&self, path: &'static str, secret: &crate::Secret) -> &Self {
        let value = Data::from(secret.clone());
        self.change(|resource| *resource.props.place(path) = value);
        self
    }

    fn change(&self, change: impl FnOnce(&mut node::Resource)) {
        self.scope.change(|node| {
            if let Kind::Resource(resource) = &mut node.kind {
                change(resource);
            }
        });
    }
}
