//! A service that runs in several clusters of a mesh.

use std::panic::Location;

use crate::diag::Diagnostic;
use crate::mesh::network;
use crate::node::{Edge, EdgeKind};
use crate::tree::Construct;

use super::super::{Mode, Workload};
use super::{EastWestGateway, Mesh, east_west::HBONE};

/// One service, with pods in several clusters. Each caller gets a response from the nearest healthy pods.
///
/// Its workloads have the same name, namespace and port in each cluster, so the mesh treats them as one service.
///
/// # Diagnostics
///
/// - `MS1004`: the workloads differ in name, namespace or port, or are not in a cluster of the mesh.
///
/// Source: <https://istio.io/latest/docs/ops/configuration/traffic-management/multicluster/>
#[derive(Clone)]
pub struct GlobalService {
    workloads: Vec<(EastWestGateway, Workload)>,
}

impl Mesh {
    /// Combines workloads of several clusters into one service. Each workload accepts connections from the gateway of
    /// its cluster.
    #[track_caller]
    pub fn share(&self, workloads: &[&Workload]) -> GlobalService {
        let mut found = Vec::new();
        for workload in workloads {
            let first = workloads[0];
            let shape = |it: &Workload| (it.name().to_owned(), it.namespace().name().to_owned(), it.port());
            if shape(workload) != shape(first) {
                report(workload, first, "differs in name, namespace or port from the workload of another cluster");
            }
            let Some(gateway) = self.gateway_of(workload) else {
                report(workload, first, "is not in a cluster of the mesh");
                continue;
            };
            // The gateway forwards connections with the identity of the caller.
            let namespace = gateway.istio().namespace().name();
            network::allow_from_pods(workload.policy(), workload.port(), namespace, &gateway.labels());
            if gateway.istio().mode() == Mode::Ambient {
                network::allow_from_pods(workload.policy(), HBONE, namespace, &gateway.labels());
                workload.service().scope().put("metadata.labels", "istio.io/global", "true");
            }
            found.push((gateway.clone(), (*workload).clone()));
        }
        GlobalService { workloads: found }
    }

    fn gateway_of(&self, workload: &Workload) -> Option<&EastWestGateway> {
        let cluster = workload.namespace().cluster().scope().node();
        self.gateways.iter().find(|it| it.istio().cluster().scope().node() == cluster)
    }
}

impl GlobalService {
    /// Returns its workloads.
    pub fn workloads(&self) -> impl Iterator<Item = &Workload> {
        self.workloads.iter().map(|(_, workload)| workload)
    }

    /// Allows a workload to call the service, in its own cluster and, through the gateways, in the other clusters.
    #[track_caller]
    pub fn called_by(&self, caller: &Workload) -> &Self {
        let here = caller.namespace().cluster().scope().node();
        let at = caller.scope().user_line(Location::caller());
        for (gateway, workload) in &self.workloads {
            if gateway.istio().cluster().scope().node() == here {
                caller.calls(workload);
                continue;
            }
            network::allow_to_cidrs(caller.policy(), &gateway.cidrs(), gateway.port());
            caller.sees(workload.namespace().name(), &workload.service_host());
            workload.admit(gateway.istio().principal(caller.namespace().name(), caller.account()));
            let (from, to) = (caller.scope().node(), workload.scope().node());
            caller.scope().edge(Edge { from, to, kind: EdgeKind::Call, port: Some(workload.port()), at });
        }
        self
    }
}

#[track_caller]
fn report(workload: &Workload, first: &Workload, what: &str) {
    workload.scope().report(
        Diagnostic::error("MS1004", format!("`{}` {what}", workload.name()))
            .note_at("the first workload is defined here", first.scope().at())
            .help("define the workload with the same name, namespace and port in each cluster of the mesh"),
    );
}
