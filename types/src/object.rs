//! The handles of Kubernetes: a cluster's objects and its Helm releases.

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
    /// The object of a scope.
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

    /// Adds labels, such as those that all objects of a service share.
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

    /// Puts the object into another namespace than that of its scope.
    pub fn in_namespace(&self, namespace: &str) -> &Self {
        self.scope.change(|node| {
            if let Kind::Object(object) = &mut node.kind {
                object.namespace = Some(namespace.to_owned());
            }
        });
        self
    }

    /// Writes the object in another version of its group than `T` has, such as `v1beta1`. The fields are not
    /// converted: it is for versions that the group serves with the same fields.
    ///
    /// # Example
    ///
    /// ```
    /// # use meshsynth_types::{Scope, kube::istio::VirtualService};
    /// # fn define(scope: &Scope) {
    /// VirtualService::new().define(scope, "virtualservice-reviews", "reviews").in_version("v1beta1");
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

    /// Ends the name with the hash of the object's `spec`, and of the objects whose digest it carries. What
    /// Kubernetes does not let change is then made anew, and the old one is pruned.
    pub fn named_by_content(&self) -> &Self {
        self.scope.change(|node| {
            if let Kind::Object(object) = &mut node.kind {
                object.is_named_by_content = true;
            }
        });
        self
    }

    /// Sets a field at a dotted path past the typed ones.
    pub fn patch(&self, path: &str, value: impl Into<Data>) -> &Self {
        let value = value.into();
        self.scope.change(|node| {
            if let Some(body) = node.kind.body_mut() {
                *body.place(path) = value;
            }
        });
        self
    }

    /// The digest of the object's content: it changes when the content does.
    pub fn digest(&self) -> Val<String> {
        self.scope.attr(DIGEST)
    }
}

/// The attribute of an object that stands for the hash of its content.
pub const DIGEST: &str = "digest";

impl Scope {
    /// Sends the Kubernetes objects defined below this scope to the cluster of `target`.
    pub fn on_target(&self, target: &Scope) -> &Self {
        let target = target.node();
        self.change(|node| node.target = Some(target));
        self
    }

    /// Puts the namespaced objects defined below this scope into a namespace.
    pub fn in_namespace(&self, namespace: &str) -> &Self {
        self.change(|node| node.namespace = Some(namespace.into()));
        self
    }
}
