//! Connections of pods to AWS APIs that their role may call, and to endpoints in the VPC.

use crate::aws::Endpoint;
use crate::eks::Identity;
use crate::iam::{Api, Role};
use crate::kube::istio::{self, service_entry as entry};
use crate::name;
use crate::tree::{At, Construct, Scope};
use crate::units::Cidr;

use super::{Namespace, network};

/// Allows the connections that pods with a role need: to the API that issues the credentials of the role, and to the
/// APIs of its grants.
#[track_caller]
pub(in crate::mesh) fn open(role: &Role, namespace: &Namespace, pods: &Scope, policy: &Scope) {
    if !namespace.cluster().is_in_aws() {
        return;
    }
    let region = namespace.cluster().vpc().scope().region();
    let at = pods.user_line(At::caller());
    match namespace.cluster().identity() {
        Identity::Irsa => open_to(Api::sts(), &region, at, namespace, pods, policy),
        // Pods send requests to the agent on their node. The agent calls the EKS API from the network of the node.
        Identity::PodIdentity => {
            let port = entry::Port::new("tcp", 80).protocol("TCP");
            know(namespace, pods, "pod-identity-agent.vpc.internal", port, &[network::POD_IDENTITY_AGENT]);
        }
    }
    let (namespace, pods, policy) = (namespace.clone(), pods.clone(), policy.clone());
    role.when_allowed(move |allowed| {
        for api in allowed.apis() {
            open_to(api, allowed.region, allowed.at, &namespace, &pods, &policy);
        }
        // If the API of an action is unknown, it may have a VPC endpoint or public addresses.
        if allowed.actions.iter().any(|action| Api::of(action).is_none()) {
            let vpc = namespace.cluster().vpc().cidr();
            network::allow_to_cidrs(&policy, &[vpc], 443);
            network::allow_to_public(&policy, vpc, 443);
        }
    });
}

/// Allows the connection to an API in a region.
fn open_to(api: &Api, region: &str, at: At, namespace: &Namespace, pods: &Scope, policy: &Scope) {
    let vpc = namespace.cluster().vpc();
    let way = vpc.way_to(api, region, at);
    if !way.inside.is_empty() {
        network::allow_to_cidrs(policy, &way.inside, 443);
    }
    if way.outside {
        network::allow_to_public(policy, vpc.cidr(), 443);
    }
    for host in api.hosts(region) {
        know(namespace, pods, &host, entry::Port::new("tls", 443).protocol("TLS"), &[]);
    }
}

/// Registers an endpoint in the VPC, if the mesh allows only registered hosts.
pub(in crate::mesh) fn know_endpoint(namespace: &Namespace, pods: &Scope, endpoint: &Endpoint) {
    let name = name::dns_label(&format!("{}-{}", endpoint.owner.path(), endpoint.port), 63);
    let port = entry::Port::new("tcp", i64::from(endpoint.port)).protocol("TCP");
    know(namespace, pods, &format!("{name}.vpc.internal"), port, &endpoint.cidrs);
}

/// Registers an external host and adds it to the sidecar of the pods, if the mesh allows only registered hosts.
///
/// The mesh does not resolve the host: connections keep the destination address of the client.
///
/// Source: <https://istio.io/latest/docs/tasks/traffic-management/egress/egress-control/>
fn know(namespace: &Namespace, pods: &Scope, host: &str, port: entry::Port, cidrs: &[Cidr]) {
    let is_closed = namespace.mesh().is_some_and(|mesh| mesh.is_closed);
    let Some(sidecar) = pods.child("sidecar").filter(|_| is_closed) else { return };
    let known = namespace.scope().singleton(format!("host {host}"), || {
        let name = name::dns_label(&host.replace('*', "any"), 63);
        let mut spec = entry::Spec::new([host])
            .location(entry::Location::MeshExternal)
            .resolution(entry::Resolution::None)
            .export_to(["."])
            .ports([port]);
        if !cidrs.is_empty() {
            spec = spec.addresses(cidrs.iter().map(Cidr::to_string).collect::<Vec<_>>());
        }
        istio::ServiceEntry::new(spec).define(namespace.scope(), &format!("host-{name}"), &name).scope().clone()
    });
    pods.change(|node| node.needs.push(known.node()));
    sidecar.add("spec.egress.0.hosts", format!("{}/{host}", namespace.name()));
}

#[cfg(test)]
mod tests {
    use crate::testing::{Platform, stack};
    use crate::{App, aws, eks, mesh, rds, sqs};

    /// Defines a workload in a mesh that is granted a queue and connects to a database.
    fn mailer(app: &App, outbound_traffic: mesh::OutboundTraffic) {
        let run = stack(app, "run");
        let vpc = aws::Vpc::new(&run, "vpc", Default::default());
        let cluster = eks::Cluster::new(&run, "cluster", &vpc, Default::default());
        let props = mesh::IstioProps { outbound_traffic, ..Default::default() };
        let istio = mesh::Istio::new(&run, "istio", &cluster, props);
        let props = mesh::NamespaceProps { mesh: Some(istio.membership()), ..Default::default() };
        let shop = mesh::Namespace::new(&run, "shop", &cluster, props);
        let mailer = mesh::Workload::new(&shop, "mailer", "registry.example/mailer:1.0.0", Default::default());
        sqs::Queue::new(&run, "mails", Default::default()).grant_receive(&mailer);
        rds::Database::new(&run, "db", &vpc, Default::default()).allow_from(&mailer);
    }

    #[test]
    fn registers_external_hosts_in_closed_mesh() {
        let platform = Platform::synth("shop", |app| mailer(app, mesh::OutboundTraffic::RegistryOnly));
        let sidecar = platform.manifest("sidecar-mailer");
        for host in ["sqs.ap-northeast-1.amazonaws.com", "sts.ap-northeast-1.amazonaws.com", "run-db-5432.vpc.internal"]
        {
            assert!(sidecar.contains(&format!("- shop/{host}")), "{host} is not in {sidecar}");
        }
        let queue = platform.manifest("serviceentry-sqs-ap-northeast-1-amazonaws-com");
        assert!(queue.contains("resolution: NONE") && queue.contains("protocol: TLS"), "{queue}");
        let db = platform.manifest("serviceentry-run-db-5432-vpc-internal");
        assert!(db.contains("number: 5432") && db.contains("addresses:"), "{db}");
    }

    #[test]
    fn omits_service_entries_in_open_mesh() {
        let platform = Platform::synth("shop", |app| mailer(app, mesh::OutboundTraffic::AllowAny));
        assert!(!platform.assembly.files.keys().any(|path| path.contains("serviceentry")));
    }
}
