//! The startup order of pods.

use crate::diag::Diagnostic;
use crate::node::{Edge, EdgeKind};
use crate::tree::{At, Construct, NodeId};

use super::{Pods, Runs};

impl Pods {
    /// Deploys these pods after `first` is ready, for example after a migration has ended or all pods of a data store
    /// are ready.
    ///
    /// `first` moves to a wave before `40-workloads`, so all other workloads wait for it, too. Use it only for
    /// essential dependencies. `deploy`, Argo CD and Flux apply the waves in this order.
    ///
    /// # Diagnostics
    ///
    /// - `MS0443`: two workloads wait for each other.
    ///
    /// # Example
    ///
    /// ```
    /// # use meshsynth::{testing, mesh, App};
    /// # let app = App::new("shop");
    /// # let orders = testing::workload(&app);
    /// let migration = mesh::Job::new(orders.namespace(), "migrate", "registry.example/orders:1.4.0", mesh::JobProps {
    ///     args: vec!["migrate".to_owned()],
    ///     ..Default::default()
    /// });
    /// orders.after(&migration);
    /// ```
    #[track_caller]
    pub fn after(&self, first: &impl Runs) -> &Self {
        let at = self.scope().user_line(At::caller());
        let (own, first) = (self.scope().node(), first.pods());
        let node = self.scope().at_node(first.scope().node()).node();
        let is_circle = self.scope().read(|tree| waits_for(tree, node, own));
        if is_circle || node == own {
            let message = format!("`{}` and `{}` wait for each other", self.name(), first.name());
            let help = "remove one of the two `after` calls";
            self.scope().report(Diagnostic::error("MS0443", message).at(at).help(help));
            return self;
        }
        self.scope().change(|it| it.after.push(node));
        self.scope().edge(Edge { from: own, to: node, kind: EdgeKind::Order, port: None, at });
        self
    }
}

/// Whether a node waits for another node, directly or indirectly.
fn waits_for(tree: &crate::tree::Tree, node: NodeId, other: NodeId) -> bool {
    node == other || tree.nodes[node].after.iter().any(|next| waits_for(tree, *next, other))
}
