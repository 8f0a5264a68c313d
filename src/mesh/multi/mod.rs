//! A mesh that spans several clusters.

mod control_plane;
mod credentials;
mod east_west;
mod global_service;
mod remote_secret;
mod trust;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use crate::aws::security::define_rule;
use crate::diag::Diagnostic;
use crate::name::{self, MOST_OF_ID};
use crate::tree::{Construct, Scope};
use crate::val::Bag;

use super::addons::ExternalSecrets;
use super::{ControlPlane, Istio, Mode};

pub use credentials::{ClusterCredentials, CredentialsProps};
pub use east_west::{EastWestGateway, EastWestProps};
pub use global_service::GlobalService;

/// The port of the Kubernetes API.
const API: u16 = 443;

/// A cluster that joins a [`Mesh`].
#[derive(Clone)]
pub struct Member<'a> {
    /// Its installation of Istio.
    pub istio: &'a Istio,
    /// The operator that copies its credentials to and from AWS Secrets Manager.
    pub external_secrets: &'a ExternalSecrets,
    /// The secrets with its credentials.
    pub credentials: &'a ClusterCredentials,
}

/// Properties of a [`Mesh`].
#[derive(Clone)]
pub struct MeshProps {
    /// The gateways between the clusters. Default: two to five pods each, behind an internal load balancer.
    pub gateways: EastWestProps,
    /// The generation of the tokens with which clusters read each other's API. Increase it by one to create a new token
    /// for each cluster. The previous token stays valid until the next increase. Default: 1.
    pub token_generation: u32,
}

impl Default for MeshProps {
    fn default() -> Self {
        Self { gateways: EastWestProps::default(), token_generation: 1 }
    }
}

/// A mesh that spans several clusters, each in a separate network.
///
/// Every cluster has its own istiod (multi-primary), unless it uses the istiod of the only primary cluster
/// ([`ControlPlane::Remote`], primary-remote).
///
/// Every cluster gets an east-west gateway behind an internal load balancer, through which the other clusters call its
/// services. It also gets read-only access to the APIs of the other clusters, and an intermediate certificate authority
/// of the common root. Security groups allow only the networks of the other clusters to connect to load balancers and
/// APIs. A [`Peering`](crate::aws::vpc::Peering) or a transit gateway connects the networks.
///
/// # Credentials
///
/// The output contains no tokens and no private keys. The control plane of a cluster creates a token for Istio's reader
/// account. The External Secrets Operator copies it to AWS Secrets Manager ([`ClusterCredentials`]), and from there
/// into the other clusters, as the secret that istiod reads. Increasing [`MeshProps::token_generation`] creates a new
/// token. A user stores the certificate authority in Secrets Manager. istiod does not start without this authority, so
/// it never creates a self-signed root.
///
/// # Diagnostics
///
/// - `MS1001`: clusters have different values of a property that must be equal in the mesh, or have the same name.
/// - `MS1002`: a network is allowed to connect, but there is no route for responses to this network.
/// - `MS1003`: the API name of a cluster resolves to public addresses in the other clusters.
/// - `MS1005`: a remote cluster is in ambient mode, or its mesh does not have exactly one primary cluster.
/// - `MS1006`: an Istio object is in a remote cluster, where istiod does not read it.
///
/// # Example
///
/// ```
/// # use meshsynth::{App, Cidr, Env, Stack, aws, eks, mesh};
/// # use mesh::addons::ExternalSecrets;
/// # let app = App::new("shop");
/// let cluster = |region, cidr| {
///     let stack = Stack::new(&app, &format!("run-{region}"), Env::region(region));
///     let vpc = aws::Vpc::new(&stack, "vpc", aws::VpcProps { cidr, ..Default::default() });
///     let cluster = eks::Cluster::new(&stack, "cluster", &vpc, eks::ClusterProps::default());
///     let keys = Stack::new(&app, &format!("keys-{region}"), Env::region(region));
///     let name = Some(format!("cluster-{region}"));
///     let istio = mesh::Istio::new(&stack, "istio", &cluster, mesh::IstioProps { cluster_name: name, ..Default::default() });
///     let secrets = ExternalSecrets::new(&stack, "external-secrets", &cluster);
///     (vpc, istio, secrets, mesh::ClusterCredentials::new(&keys, "mesh", Default::default()))
/// };
/// let tokyo = cluster("ap-northeast-1", Cidr::new("10.0.0.0/16"));
/// let osaka = cluster("ap-northeast-3", Cidr::new("10.1.0.0/16"));
/// let link = |region: &str| Stack::new(&app, &format!("link-{region}"), Env::region(region));
/// aws::vpc::Peering::new(&link("ap-northeast-1"), "osaka", &tokyo.0, &osaka.0, Default::default())
///     .accept(&link("ap-northeast-3"), "tokyo");
///
/// let members = [&tokyo, &osaka].map(|(_, istio, external_secrets, credentials)| {
///     mesh::Member { istio, external_secrets, credentials }
/// });
/// let mesh = mesh::Mesh::new(&members, mesh::MeshProps::default());
/// # app.synth()?;
/// # Ok::<(), meshsynth::Failure>(())
/// ```
///
/// Source: <https://istio.io/latest/docs/setup/install/multicluster/multi-primary_multi-network/>,
/// <https://istio.io/latest/docs/ambient/install/multicluster/multi-primary_multi-network/>
#[derive(Clone)]
pub struct Mesh {
    members: Vec<Istio>,
    gateways: Vec<EastWestGateway>,
}

impl Mesh {
    /// Joins clusters to one mesh.
    #[track_caller]
    pub fn new(members: &[Member<'_>], props: MeshProps) -> Self {
        let clusters: Vec<Istio> = members.iter().map(|member| member.istio.clone()).collect();
        agree(&clusters);
        let hosts = control_plane::hosts(&clusters);
        let mut gateways = Vec::new();
        for member in members {
            let istio = member.istio;
            let scope = istio.namespace().scope().construct("mesh");
            let others: Vec<&Member<'_>> = members.iter().filter(|it| !same(it.istio, istio)).collect();
            let networks = others.iter().map(|it| it.istio.cluster().vpc().clone()).collect::<Vec<_>>();
            member.external_secrets.allow_push();
            trust::define(&scope, member);
            remote_secret::publish(&scope, member, props.token_generation);
            for other in &others {
                if is_primary(istio) {
                    remote_secret::define(&scope, member, other);
                }
                if is_primary(other.istio) {
                    open_api(&scope, istio, other.istio);
                }
            }
            if !istio.cluster().is_private() {
                warn_of_public_api(istio);
            }
            let followers = if is_primary(istio) { &hosts[..] } else { &[] };
            gateways.push(EastWestGateway::new(&scope, istio, &networks, followers, &props.gateways));
            configure(istio, &clusters);
        }
        Self { members: clusters, gateways }
    }

    /// Returns the Istio installations of the mesh.
    pub fn members(&self) -> &[Istio] {
        &self.members
    }

    /// Returns the gateways between the clusters, in the order of the clusters.
    pub fn gateways(&self) -> &[EastWestGateway] {
        &self.gateways
    }
}

fn is_primary(istio: &Istio) -> bool {
    *istio.control_plane() == ControlPlane::Local
}

fn same(one: &Istio, other: &Istio) -> bool {
    one.scope().node() == other.scope().node()
}

/// Configures istiod of a cluster for the whole mesh.
fn configure(istio: &Istio, clusters: &[Istio]) {
    let istiod = istio.istiod();
    match istio.mode() {
        Mode::Ambient => {
            istiod.value::<String>("env", "AMBIENT_ENABLE_MULTI_NETWORK", "true");
        }
        Mode::Sidecar => {
            // The proxy resolves names of services that exist only in another cluster.
            istio.answer_names();
            istiod.value::<Bag>("meshConfig", "tcpKeepalive", keep_alive());
            let networks = if is_primary(istio) { mesh_networks(clusters) } else { BTreeMap::new() };
            for (network, values) in networks {
                istiod.value::<Bag>("global.meshNetworks", network, values);
            }
        }
    }
}

/// Returns keep-alive settings. A network load balancer drops a connection that is idle for 350 seconds, and proxies
/// keep idle connections for an hour. Ambient tunnels already send keep-alives.
///
/// Source: <https://docs.aws.amazon.com/elasticloadbalancing/latest/network/update-idle-timeout.html>,
/// <https://github.com/istio/istio/issues/44177>
fn keep_alive() -> Bag {
    Bag::default().with("time", "180s").with("interval", "30s").with("probes", 3)
}

/// Source: <https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/#MeshNetworks>
fn mesh_networks(clusters: &[Istio]) -> BTreeMap<String, Bag> {
    let of = |istio: &Istio| {
        let endpoints = Bag::default().with("fromRegistry", istio.cluster_name().to_owned());
        let gateway =
            Bag::default().with("registryServiceName", east_west::SERVICE_HOST).with("port", east_west::CROSS_NETWORK);
        (istio.network().to_owned(), Bag::default().with("endpoints", vec![endpoints]).with("gateways", vec![gateway]))
    };
    clusters.iter().map(of).collect()
}

/// Allows the pods of another cluster to call the API of this cluster.
fn open_api(scope: &Scope, istio: &Istio, other: &Istio) {
    let (cluster, vpc) = (istio.cluster(), other.cluster().vpc());
    let id = name::fit(&format!("api-from-{}", other.cluster_name()), MOST_OF_ID);
    let why = format!("istiod of {} to the Kubernetes API", other.cluster_name());
    let cidr = vpc.cidr();
    let scope = scope.construct(&id);
    define_rule(&scope, cluster.control_plane_security_group(), "network", &API.into(), &why, |it| it.cidr_ip(cidr));
}

fn agree(clusters: &[Istio]) {
    let Some((first, rest)) = clusters.split_first() else { return };
    for istio in rest {
        let facts = [
            ("mesh", first.mesh_id(), istio.mesh_id()),
            ("trust domain", first.trust_domain(), istio.trust_domain()),
            ("mode", first.mode().word(), istio.mode().word()),
        ];
        for (what, wanted, got) in facts.iter().filter(|(_, wanted, got)| wanted != got) {
            istio.scope().report(
                Diagnostic::error("MS1001", format!("the {what} is `{got}`, but the other clusters have `{wanted}`"))
                    .note_at("the first cluster is defined here", first.scope().at())
                    .help(format!("set the same {what} in all clusters of a mesh")),
            );
        }
    }
    for (idx, istio) in clusters.iter().enumerate() {
        for other in &clusters[..idx] {
            let facts = [
                ("cluster", istio.cluster_name(), other.cluster_name()),
                ("network", istio.network(), other.network()),
            ];
            for (what, got, _) in facts.iter().filter(|(_, got, known)| got == known) {
                istio.scope().report(
                    Diagnostic::error("MS1001", format!("two clusters of a mesh have the same {what}, `{got}`"))
                        .note_at("the other cluster is defined here", other.scope().at())
                        .help(format!(
                            "set a different {what} in each cluster, with `{what}` or `{what}_name` of `IstioProps`"
                        )),
                );
            }
        }
    }
}

fn warn_of_public_api(istio: &Istio) {
    let message = format!(
        "the API endpoint of `{}` is public, so other clusters resolve its name to public addresses",
        istio.cluster_name()
    );
    istio.scope().report(
        Diagnostic::warning("MS1003", message)
            .help("remove `public_access` of the cluster, so that the endpoint name resolves to private addresses"),
    );
}
