//! The handles of Kubernetes objects.

use std::marker::PhantomData;

use crate::kind;
use crate::node::{self, Kind};
use crate::tree::{Construct, Scope};
use crate::val::{Bag, Data, IntoVal, Key, Val, Value};

/// A Kubernetes object of kind `T`.
pub struct Object<T> {
    scope: Scope,
    of: PhantomData<T>,
}

impl<T> Clone for Object<T> {
    fn clone(&self) -> Self {
        Self { scope: self.scope.clone(), of: PhantomData }
    }
}

impl<T> Construct for Object<T> {
    fn scope(&self) -> &Scope {
        &self.scope
    }
}

impl<T: kind::Kind> Object<T> {
    /// Defines an object in the cluster and namespace of `scope`.
    #[track_caller]
    pub fn define(scope: &impl Construct, id: &str, name: &str, body: Bag) -> Self {
        let object = node::Object {
            api_version: T::API_VERSION.into(),
            kind: T::KIND.into(),
            name: name.to_owned(),
            namespace: None,
            namespaced: T::NAMESPACED,
            wave: T::WAVE,
            is_named_by_content: false,
            body,
        };
        Self { scope: scope.scope().define(id, Kind::Object(Box::new(object))), of: PhantomData }
    }
}

impl<T> Object<T> {
    /// Returns the handle of the object in a scope.
    #[doc(hidden)]
    pub fn at(scope: Scope) -> Self {
        Self { scope, of: PhantomData }
    }

    /// Adds a label.
    #[track_caller]
    pub fn label(&self, key: impl Into<Key>, value: impl IntoVal<String>) -> &Self {
        self.scope.put("metadata.labels", key, value.into_val().into_data());
        self
    }

    /// Adds labels, such as labels that all objects of a service share.
    ///
    /// ```
    /// use meshsynth::kube::core::ConfigMap;
    /// use meshsynth::testing;
    ///
    /// let labels = [("app.kubernetes.io/name", "orders"), ("app.kubernetes.io/part-of", "shop")];
    /// let platform = testing::Platform::synth("shop", |app| {
    ///     let orders = testing::workload(app);
    ///     ConfigMap::new().define(orders.namespace(), "settings", "settings").labels(labels);
    /// });
    /// assert!(platform.manifest("configmap-settings").contains("app.kubernetes.io/part-of: shop"));
    /// ```
    #[track_caller]
    pub fn labels<K: Into<Key>, V: IntoVal<String>>(&self, labels: impl IntoIterator<Item = (K, V)>) -> &Self {
        for (key, value) in labels {
            self.scope.put("metadata.labels", key, value.into_val().into_data());
        }
        self
    }

    /// Adds an annotation.
    #[track_caller]
    pub fn annotate(&self, key: impl Into<Key>, value: impl IntoVal<String>) -> &Self {
        self.scope.put("metadata.annotations", key, value.into_val().into_data());
        self
    }

    /// Overrides the namespace of the object's scope.
    pub fn in_namespace(&self, namespace: &str) -> &Self {
        self.scope.change(|node| {
            if let Kind::Object(object) = &mut node.kind {
                object.namespace = Some(namespace.to_owned());
            }
        });
        self
    }

    /// Sets another version of the object's group, such as `v1beta1`. The fields are not converted, so both versions
    /// must have the same fields.
    ///
    /// # Example
    ///
    /// ```
    /// # use meshsynth_model::Object;
    /// # fn define<VirtualService>(route: &Object<VirtualService>) {
    /// route.in_version("v1beta1");
    /// # }
    /// ```
    pub fn in_version(&self, version: &str) -> &Self {
        self.scope.change(|node| {
            if let Kind::Object(object) = &mut node.kind {
                let group = object.api_version.rsplit_once('/').map(|(group, _)| format!("{group}/"));
                object.api_version = (group.unwrap_or_default() + version).into();
            }
        });
        self
    }

    /// Appends a hash to the name. The hash is computed from the object's `spec` and from the objects whose digests the
    /// `spec` contains. If an immutable field changes, a new object is created, and the old object is pruned.
    pub fn named_by_content(&self) -> &Self {
        self.scope.change(|node| {
            if let Kind::Object(object) = &mut node.kind {
                object.is_named_by_content = true;
            }
        });
        self
    }

    /// Sets a field at a dotted path, including fields without a typed setter.
    pub fn patch(&self, path: &str, value: impl Into<Data>) -> &Self {
        let value = value.into();
        self.scope.change(|node| {
            if let Some(body) = node.kind.body_mut() {
                *body.place(path) = value;
            }
        });
        self
    }

    /// Returns the digest of the object's content, which changes with the content.
    pub fn digest(&self) -> Val<String> {
        self.scope.attr(DIGEST)
    }
}

/// The attribute that represents the hash of an object's content.
pub const DIGEST: &str = "digest";

impl Scope {
    /// Selects the cluster of `target` for Kubernetes objects below this scope.
    pub fn on_target(&self, target: &Scope) -> &Self {
        let target = target.node();
        self.change(|node| node.target = Some(target));
        self
    }

    /// Sets the namespace of namespaced objects below this scope.
    pub fn in_namespace(&self, namespace: &str) -> &Self {
        self.change(|node| node.namespace = Some(namespace.into()));
        self
    }
}
