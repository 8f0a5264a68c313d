//! The objects that create pods, and the services that select these pods.

use crate::tree::{NodeId, Scope};
use crate::val::Data;

use super::super::core::labels::{self, VERSION_LABEL, VERSION_OF};
use super::paths::Paths;
use super::{Pods, STABLE};

/// The objects that create the pods of one workload, including the `Deployment` objects of versions.
#[derive(Default)]
struct Makers(Vec<(NodeId, &'static Paths)>);

/// The `Service` of the pods.
#[derive(Default)]
struct Served(Option<NodeId>);

impl Pods {
    /// Sets the object that creates the pods. In a mesh, its pods get the workload and version labels.
    pub(in crate::mesh) fn made_by(&self, maker: &Scope, paths: &'static Paths) {
        labels::add(maker, &self.name);
        if self.namespace.mesh().is_some() {
            maker.put(paths.labels, VERSION_OF, self.name.clone());
            maker.put(paths.labels, VERSION_LABEL, STABLE);
        }
        self.also_made_by(maker, paths);
        if self.namespace.mesh().is_none() {
            self.run_as();
        }
    }

    /// Adds another object that creates pods of the same workload.
    pub(in crate::mesh) fn also_made_by(&self, maker: &Scope, paths: &'static Paths) {
        self.scope.keep(|makers: &mut Makers| makers.0.push((maker.node(), paths)));
    }

    /// Returns the objects that create the pods, with the paths of their templates.
    pub(in crate::mesh) fn makers(&self) -> Vec<(Scope, &'static Paths)> {
        let makers = self.scope.keep(|makers: &mut Makers| makers.0.clone());
        makers.into_iter().map(|(node, paths)| (self.scope.at_node(node), paths)).collect()
    }

    /// Sets an annotation of the pods.
    #[track_caller]
    pub(in crate::mesh) fn annotate_pods(&self, key: &str, value: impl Into<Data>) {
        let value = value.into();
        for (maker, paths) in self.makers() {
            maker.put(paths.annotations, key.to_owned(), value.clone());
        }
    }

    /// Sets the `Service` that selects the pods.
    pub(in crate::mesh) fn served_by(&self, service: &Scope) {
        self.scope.keep(|served: &mut Served| served.0 = Some(service.node()));
    }

    /// Returns the `Service` that selects the pods.
    pub(in crate::mesh) fn service_scope(&self) -> Option<Scope> {
        let served = self.scope.keep(|served: &mut Served| served.0);
        served.map(|node| self.scope.at_node(node))
    }
}
