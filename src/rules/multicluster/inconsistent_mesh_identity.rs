//! The clusters of a mesh have different mesh IDs or trust domains, or the same cluster name.
//!
//! # What it reports
//!
//! The rule checks Helm releases of `istiod` in manifests. In programs, `MS1001` checks the clusters. It reports:
//!
//! - releases with different `global.meshID` or `meshConfig.trustDomain`
//! - two releases with the same `global.multiCluster.clusterName`
//! - a `global.network` that differs from the label `topology.istio.io/network` of the namespace of istiod
//!
//! Releases without a mesh ID are separate meshes, and are not compared.
//!
//! # Why it matters
//!
//! All istiods of a mesh have the same `meshID` and trust domain, and each cluster has a unique `clusterName`. Clusters
//! whose pods cannot reach each other directly have different networks. The label `topology.istio.io/network` of
//! `istio-system` equals the network in the values of istiod. Otherwise, proxies send requests to wrong endpoints, or
//! TLS between the clusters fails.
//!
//! # Fix
//!
//! Use the same `global.meshID` in the releases of all clusters. Use a different `global.multiCluster.clusterName` and
//! `global.network` in each.
//!
//! Source: <https://istio.io/latest/docs/setup/install/multicluster/multi-primary_multi-network/>

use crate::hash::FastMap;
use crate::diag::Diagnostic;
use crate::node::Release;
use crate::tree::NodeId;
use crate::val::Data;
use crate::rules::index::{CORE, Mesh, label};

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Diagnostic>) {
    // In a program, the construct of the mesh checks each cluster that joins.
    if mesh.model.targets().any(|(id, _)| mesh.model.stack_of(id).is_some()) {
        return;
    }
    let istiods: Vec<(NodeId, &Release)> = mesh.model.releases().filter(|(_, it)| it.chart == "istiod").collect();
    let value = |release: &Release, path: &str| release.values.at(path).and_then(Data::as_str).map(str::to_owned);
    for (id, release) in &istiods {
        let Some(network) = value(release, "global.network") else { continue };
        let place = (mesh.model.target_of(*id), "");
        let Some(namespace) = mesh.find(CORE, "Namespace", place, &release.namespace) else { continue };
        let said = label(&namespace.object.body, "topology.istio.io/network");
        if said != Some(&network) {
            let got = said.map_or("nothing".to_owned(), |said| format!("`{said}`"));
            out.push(
                mesh.model
                    .error(namespace.id, "MS1060", format!("istiod uses network `{network}`, but the network label of its namespace is {got}"))
                    .field("metadata.labels")
                    .note_at("istiod is installed here", mesh.model.node(*id).at)
                    .help(format!("label the namespace with `topology.istio.io/network: {network}`")),
            );
        }
    }
    // Only clusters with a mesh ID belong to a mesh of several clusters.
    let members: Vec<_> = istiods.iter().filter(|(_, it)| value(it, "global.meshID").is_some()).collect();
    let Some((first_id, first)) = members.first() else { return };
    let mut names: FastMap<String, NodeId> = FastMap::default();
    for (id, release) in &members {
        let at = mesh.model.node(*first_id).at;
        for (path, what) in [("global.meshID", "mesh id"), ("meshConfig.trustDomain", "trust domain")] {
            let (one, other) = (value(first, path), value(release, path));
            if one != other {
                let show = |value: Option<String>| value.map_or("none".to_owned(), |value| format!("`{value}`"));
                let message = format!("istiod has the {what} {}, but istiod of another cluster has {}", show(other), show(one));
                out.push(mesh.model.error(*id, "MS1060", message).note_at("the other istiod is defined here", at).help(format!("set the same `{path}` in all clusters of a mesh")));
            }
        }
        let Some(name) = value(release, "global.multiCluster.clusterName") else { continue };
        if let Some(other) = names.insert(name.clone(), *id) {
            out.push(
                mesh.model
                    .error(*id, "MS1060", format!("two clusters of the mesh have the name `{name}`"))
                    .note_at("the other istiod is defined here", mesh.model.node(other).at)
                    .help("set a different `global.multiCluster.clusterName` in each cluster"),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::val::Bag;
    use crate::{Contents, Release, World};
    use crate::rules::testing::manifests::{codes, contents};

    fn cluster(mesh_id: &'static str, name: &'static str, network: &'static str, label: &str) -> Contents {
        let text = format!("apiVersion: v1\nkind: Namespace\nmetadata: {{ name: istio-system, labels: {{ topology.istio.io/network: {label} }} }}\n");
        let mut contents = contents(&text);
        contents.cluster = name.to_owned();
        let global = Bag::default()
            .with("meshID", mesh_id)
            .with("network", network)
            .with("multiCluster", Bag::default().with("clusterName", name));
        contents.releases.push(Release {
            name: "istiod".to_owned(),
            namespace: "istio-system".to_owned(),
            chart: "istiod".to_owned(),
            values: Bag::default().with("global", global),
            ..Release::default()
        });
        contents
    }

    #[test]
    fn reports_clusters_of_different_meshes() {
        let clusters = |other| vec![cluster("mesh1", "west", "network1", "network1"), cluster(other, "east", "network2", "network2")];
        assert_eq!(codes(World::Closed, clusters("mesh2")), ["MS1060"]);
        assert_eq!(codes(World::Closed, clusters("mesh1")), [""; 0]);
    }

    #[test]
    fn reports_a_network_label_that_contradicts_the_installation() {
        assert_eq!(codes(World::Closed, vec![cluster("mesh1", "west", "network1", "network2")]), ["MS1060"]);
    }
}
