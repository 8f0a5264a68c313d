//! Tests of meshes with two clusters.

use serde_json::Value;

use crate::aws::vpc::Peering;
use crate::aws::{Vpc, VpcProps};
use crate::eks::{Cluster, ClusterProps};
use crate::mesh::addons::ExternalSecrets;
use crate::mesh::{
    ClusterCredentials, ControlPlane, Istio, IstioProps, Member, Mesh, MeshProps, Mode, Namespace, NamespaceProps,
    Workload, WorkloadProps,
};
use crate::testing::{Platform, codes, furnished};
use crate::units::Cidr;
use crate::{App, Env, Stack};

const REGIONS: [&str; 2] = ["ap-northeast-1", "ap-northeast-3"];
const BLOCKS: [Cidr; 2] = [Cidr::new("10.0.0.0/16"), Cidr::new("10.1.0.0/16")];

/// The differences between the test cases.
#[derive(Clone, Default)]
struct Case {
    mode: Mode,
    generation: u32,
    /// Props of the second cluster's Istio.
    second: IstioProps,
    is_public: bool,
    is_unlinked: bool,
    /// The port of the second cluster's workload.
    port: Option<u16>,
    /// Whether the second cluster also has the calling workload.
    is_shared_whole: bool,
    /// Whether the second cluster has a workload that the first cluster does not have.
    only_remote: bool,
}

fn define(app: &App, case: &Case) {
    let stack = |what: &str, idx: usize| Stack::new(app, &format!("{what}-{idx}"), Env::region(REGIONS[idx]));
    let vpcs =
        [0, 1].map(|idx| Vpc::new(&stack("network", idx), "vpc", VpcProps { cidr: BLOCKS[idx], ..Default::default() }));
    if !case.is_unlinked {
        Peering::new(&stack("link", 0), "peering", &vpcs[0], &vpcs[1], Default::default())
            .accept(&stack("link", 1), "peering");
    }
    let credentials = [0, 1].map(|idx| ClusterCredentials::new(&stack("keys", idx), "mesh", Default::default()));
    let clusters = [0, 1].map(|idx| {
        let run = stack("run", idx);
        let public_access = if case.is_public { vec![Cidr::new("203.0.113.0/24")] } else { Vec::new() };
        let props = ClusterProps { public_access, ..Default::default() };
        let cluster = furnished(Cluster::new(&run, "cluster", &vpcs[idx], props));
        let name = Some(format!("cluster{idx}"));
        let first = IstioProps { cluster_name: name.clone(), mode: case.mode, ..Default::default() };
        let second = IstioProps { mode: case.mode, cluster_name: name, ..case.second.clone() };
        let istio = Istio::new(&run, "istio", &cluster, if idx == 0 { first } else { second });
        let shop = NamespaceProps { mesh: Some(istio.membership()), ..Default::default() };
        let shop = Namespace::new(&run, "shop", &cluster, shop);
        (ExternalSecrets::new(&run, "external-secrets", &cluster), istio, shop)
    });
    let members = [0, 1].map(|idx| {
        let (external_secrets, istio, _) = &clusters[idx];
        Member { istio, external_secrets, credentials: &credentials[idx] }
    });
    let mesh = Mesh::new(&members, MeshProps { token_generation: case.generation.max(1), ..Default::default() });
    let workload = |name: &str, idx: usize, port| {
        let image = format!("registry.example/{name}:1.0.0");
        Workload::new(&clusters[idx].2, name, image, WorkloadProps { port, ..Default::default() })
    };
    let payments = [workload("payments", 0, 8080), workload("payments", 1, case.port.unwrap_or(8080))];
    let shared = mesh.share(&payments.each_ref());
    shared.called_by(&workload("orders", 0, 8080));
    if case.is_shared_whole {
        shared.called_by(&workload("orders", 1, 8080));
    }
    if case.only_remote {
        workload("reports", 1, 8080);
    }
}

fn synth(case: &Case) -> Platform {
    Platform::synth("shop", |app| define(app, case))
}

fn errors(case: &Case) -> Vec<&'static str> {
    codes(|app| define(app, case))
}

/// Returns a file of a cluster, by the suffix of its path.
#[track_caller]
fn file<'a>(platform: &'a Platform, cluster: usize, end: &str) -> &'a str {
    let of = format!("run-{cluster}-cluster/");
    let found = platform.assembly.files.iter().find(|(path, _)| path.contains(&of) && path.ends_with(end));
    found.unwrap_or_else(|| panic!("no {end} in {:#?}", platform.assembly.files.keys())).1
}

#[test]
fn keeps_connections_between_networks_alive_beyond_idle_timeout() {
    let platform = synth(&Case::default());
    for cluster in ["run-0-cluster", "run-1-cluster"] {
        let values = &platform.assembly.files[&format!("helm/{cluster}/istiod.values.yaml")];
        assert!(values.contains("tcpKeepalive:\n    interval: 30s\n    probes: 3\n    time: 180s\n"), "{values}");
    }
}

#[test]
fn clusters_read_each_other_and_output_contains_no_tokens() {
    let platform = synth(&Case::default());
    for (here, there) in [(0, 1), (1, 0)] {
        let secret = file(&platform, here, &format!("externalsecret-istio-remote-secret-cluster{there}.yaml"));
        assert!(secret.contains("istio/multiCluster: \"true\"") && secret.contains("token: {{ .token }}"), "{secret}");
        assert!(secret.contains(&format!("server: ${{run-{there}/cluster.Endpoint}}")), "{secret}");
        assert!(secret.contains(&format!("name: aws-secrets-manager-{}", REGIONS[there])), "{secret}");
        assert!(!secret.contains("exec"));
        let token = file(&platform, here, "secret-istio-reader-token-1.yaml");
        assert!(token.contains("service-account-token") && !token.contains("\ndata:"), "{token}");
    }
}

#[test]
fn previous_token_stays_valid_after_rotation() {
    let platform = synth(&Case { generation: 3, ..Default::default() });
    assert!(file(&platform, 0, "pushsecret-istio-reader-token.yaml").contains("name: istio-reader-token-3"));
    file(&platform, 0, "secret-istio-reader-token-2.yaml");
    assert!(!platform.assembly.files.keys().any(|path| path.ends_with("istio-reader-token-1.yaml")));
}

#[test]
fn istiod_starts_only_with_shared_root() {
    let platform = synth(&Case::default());
    let istiod = file(&platform, 0, "istiod.values.yaml");
    assert!(istiod.contains("secretName: cacerts") && !istiod.contains("optional"), "{istiod}");
    let manifest: Value = serde_json::from_str(&platform.assembly.files["manifest.json"]).unwrap();
    assert!(manifest.to_string().contains("run-0/istio/istio-system/mesh/authority"));
}

#[test]
fn opens_api_and_gateway_only_for_other_network() {
    let platform = synth(&Case::default());
    let rules = platform.resources("AWS::EC2::SecurityGroupIngress");
    let from = |block: &str| {
        let ports = rules.iter().filter(|it| it.props["CidrIp"] == block).map(|it| it.props["FromPort"].to_string());
        ports.collect::<Vec<_>>()
    };
    // Each network has two rules for port 443. The other rule belongs to its VPC endpoints.
    assert_eq!(from("10.1.0.0/16"), ["443", "443"]);
    let gateway = file(&platform, 0, "istio-eastwestgateway.values.yaml");
    assert!(gateway.contains("- 10.1.0.0/16\n") && gateway.contains("scheme: internal"), "{gateway}");
}

#[test]
fn forwards_tls_and_lists_networks_with_sidecars() {
    let platform = synth(&Case::default());
    let gateway = file(&platform, 1, "gateway-cross-network-gateway.yaml");
    assert!(gateway.contains("AUTO_PASSTHROUGH") && gateway.contains("\"*.local\""), "{gateway}");
    let istiod = file(&platform, 1, "istiod.values.yaml");
    assert!(istiod.contains("fromRegistry: cluster0") && istiod.contains("fromRegistry: cluster1"), "{istiod}");
    assert!(
        file(&platform, 1, "namespace-istio-system.yaml").contains("topology.istio.io/network: network-ap-northeast-3")
    );
}

#[test]
fn uses_istio_gateway_class_in_ambient_mode() {
    let platform = synth(&Case { mode: Mode::Ambient, ..Default::default() });
    let gateway = file(&platform, 0, "gateway-istio-eastwestgateway.yaml");
    for text in ["gatewayClassName: istio-east-west", "port: 15008", "protocol: HBONE", "ISTIO_MUTUAL"] {
        assert!(gateway.contains(text), "{text} is not in {gateway}");
    }
    let istiod = file(&platform, 0, "istiod.values.yaml");
    assert!(istiod.contains("AMBIENT_ENABLE_MULTI_NETWORK: \"true\"") && !istiod.contains("meshNetworks"), "{istiod}");
    assert!(istiod.contains("loadBalancerClass: service.k8s.aws/nlb"), "{istiod}");
    assert!(file(&platform, 0, "service-payments.yaml").contains("istio.io/global: \"true\""));
}

#[test]
fn opens_shared_service_locally_and_through_gateway() {
    let port = |mode| {
        let platform = synth(&Case { mode, ..Default::default() });
        let caller = file(&platform, 0, "networkpolicy-orders.yaml").to_owned();
        assert!(caller.contains("app: payments") && caller.contains("cidr: 10.1."), "{caller}");
        let callee = file(&platform, 1, "networkpolicy-payments.yaml");
        assert!(callee.contains("kubernetes.io/metadata.name: istio-system"), "{callee}");
        assert!(platform.assembly.files["graph.json"].contains("\"to\": \"run-1/shop/payments\""));
        ["15443", "15008"].map(|port| caller.contains(port))
    };
    assert_eq!(port(Mode::Sidecar), [true, false]);
    assert_eq!(port(Mode::Ambient), [false, true]);
}

#[test]
fn reports_inconsistent_clusters_of_a_mesh() {
    let second = |second: IstioProps| errors(&Case { second, ..Default::default() });
    assert_eq!(second(IstioProps::default()), [""; 0]);
    assert_eq!(second(IstioProps { mesh_id: Some("other".to_owned()), ..Default::default() }), ["MS1001"]);
    assert_eq!(second(IstioProps { trust_domain: "other".to_owned(), ..Default::default() }), ["MS1001"]);
    assert_eq!(
        second(IstioProps { network: Some("network-ap-northeast-1".to_owned()), ..Default::default() }),
        ["MS1001"]
    );
}

#[test]
fn reports_missing_route_between_networks_once_for_each_cluster() {
    assert_eq!(errors(&Case { is_unlinked: true, ..Default::default() }), ["MS1002", "MS1002"]);
}

#[test]
fn warns_about_public_api() {
    assert_eq!(errors(&Case { is_public: true, ..Default::default() }), ["MS1003", "MS1003"]);
}

#[test]
fn reports_shared_service_with_different_ports() {
    assert_eq!(errors(&Case { port: Some(9090), ..Default::default() }), ["MS1004"]);
}

fn remote() -> Case {
    let control_plane = ControlPlane::Remote("istiod.mesh.internal".to_owned());
    Case { second: IstioProps { control_plane, ..Default::default() }, is_shared_whole: true, ..Default::default() }
}

#[test]
fn connects_remote_cluster_to_primary_istiod() {
    let platform = synth(&remote());
    let istiod = file(&platform, 1, "istiod.values.yaml");
    for text in ["remotePilotAddress: istiod.mesh.internal", "enabledLocalInjectorIstiod: true"] {
        assert!(istiod.contains(text), "{text} is not in {istiod}");
    }
    assert!(file(&platform, 0, "istio-eastwestgateway.values.yaml").contains("hostname: istiod.mesh.internal"));
    let routes = file(&platform, 0, "virtualservice-istiod.yaml");
    assert!(routes.contains("istiod-remote.istio-system.svc") && routes.contains("number: 15012"), "{routes}");
    let reads = |cluster: usize| {
        let of = format!("run-{cluster}-cluster/");
        platform.assembly.files.keys().any(|path| path.contains(&of) && path.contains("istio-remote-secret"))
    };
    assert!(reads(0) && !reads(1), "only the primary cluster must have a secret for the API of the other cluster");
}

#[test]
fn rejects_remote_cluster_in_ambient_mode() {
    assert_eq!(errors(&remote()), [""; 0]);
    let ambient = errors(&Case { mode: Mode::Ambient, ..remote() });
    assert_eq!(ambient, ["MS1005"]);
}

#[test]
fn reports_istio_objects_only_in_remote_cluster() {
    let codes = errors(&Case { is_shared_whole: false, only_remote: true, ..remote() });
    assert!(!codes.is_empty() && codes.iter().all(|code| *code == "MS1006"), "{codes:?}");
}
