//! The connection of remote clusters to the control plane of the primary cluster.

use crate::diag::Diagnostic;
use crate::kube::istio;
use crate::kube::istio::gateway::{Server, ServerPort, ServerTls, ServerTlsMode};
use crate::kube::istio::{gateway, virtual_service as vs};
use crate::mesh::{ControlPlane, Istio, Mode};
use crate::tree::{Construct, Scope};
use crate::val::Bag;

/// The port of istiod for proxies.
const DISCOVERY: u16 = 15_012;
/// The host name of istiod for remote proxies. The certificate of istiod contains this name.
const NAME: &str = "istiod-remote.istio-system.svc";

/// Returns the host names with which remote clusters find the primary cluster.
pub(super) fn hosts(clusters: &[Istio]) -> Vec<String> {
    let n_primaries = clusters.iter().filter(|it| *it.control_plane() == ControlPlane::Local).count();
    let mut hosts = Vec::new();
    for istio in clusters {
        let ControlPlane::Remote(host) = istio.control_plane() else { continue };
        let report = |message: String, help: &str| {
            istio.scope().report(Diagnostic::error("MS1005", message).help(help.to_owned()));
        };
        if istio.mode() == Mode::Ambient {
            let message = format!(
                "`{}` is a remote cluster, but an ambient mesh does not support remote clusters",
                istio.cluster_name()
            );
            report(message, "install istiod in each cluster: `ControlPlane::Local`");
        }
        if n_primaries != 1 {
            let message = format!(
                "`{}` is a remote cluster, but the mesh has {n_primaries} primary clusters instead of 1",
                istio.cluster_name()
            );
            report(message, "define exactly one primary cluster, or install istiod in each cluster");
        }
        if !hosts.contains(host) {
            hosts.push(host.clone());
        }
    }
    hosts
}

/// Allows remote clusters to connect to istiod through the gateway, and returns the service values that create the DNS
/// record of the gateway.
///
/// istiod terminates the TLS connections of the proxies. The gateway forwards them by their server name.
///
/// Source: <https://istio.io/latest/docs/setup/install/multicluster/primary-remote_multi-network/>
pub(super) fn expose(scope: &Scope, hosts: &[String], label: &'static str) -> Bag {
    if hosts.is_empty() {
        return Bag::default();
    }
    let server = Server::new([NAME], ServerPort::new("tls-istiod", i64::from(DISCOVERY), "TLS"))
        .tls(ServerTls::new().mode(ServerTlsMode::Passthrough));
    let spec = gateway::Spec::new().selector([("istio", label)]).servers([server]);
    istio::Gateway::new().spec(spec).define(scope, "istiod-gateway", "istiod-gateway");
    let port = vs::DestinationPort::new().number(i64::from(DISCOVERY));
    let to = vs::Destination::new("istiod.istio-system.svc.cluster.local").port(port);
    let matches = vs::TlsMatch::new([NAME]).port(i64::from(DISCOVERY));
    let route = vs::TlsRoute::new([matches]).route([vs::RouteDestination::new(to)]);
    let spec = vs::Spec::new().hosts([NAME]).gateways(["istiod-gateway"]).tls([route]);
    istio::VirtualService::new().spec(spec).define(scope, "istiod-routes", "istiod");
    let name = Bag::default().with("external-dns.alpha.kubernetes.io/hostname", hosts.join(","));
    Bag::default().with("service", Bag::default().with("annotations", name))
}
