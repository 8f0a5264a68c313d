//! cert-manager, which issues and renews certificates, and its issuers.

use crate::eks::{self, Identity};
use crate::iam::Statement;
use crate::kube::cert_manager::{self as l1, IssuerSpec};
use crate::route53::HostedZone;
use crate::tree::{Construct, Scope};
use crate::val::{Bag, Val};

use super::super::{Chart, HelmRelease, HelmReleaseProps, Namespace, NamespaceProps};
use super::{resources, service_account};

const VERSION: &str = "v1.21.1";
const NAME: &str = "cert-manager";
/// The port of its webhook.
const WEBHOOK: u16 = 10_250;

/// cert-manager: issues TLS certificates into Kubernetes secrets, and renews them.
///
/// The Helm release owns its custom resource definitions. Helm keeps them when the release is uninstalled, so
/// certificates are not deleted. cert-manager may solve DNS challenges only in the zones of
/// [`CertManager::answer_for`].
///
/// Allows the control plane to connect to the webhook port on the nodes.
///
/// # Example
///
/// ```
/// # use meshsynth::{testing, mesh, route53, App, Construct};
/// # let app = App::new("shop");
/// # let cluster = testing::cluster(&app);
/// # let stack = cluster.scope().stack();
/// # let zone = route53::HostedZone::public(&stack, "zone", "example.com", Default::default());
/// use meshsynth::mesh::addons::{CertManager, Issuer};
///
/// let certificates = CertManager::new(&stack, "cert-manager", &cluster);
/// Issuer::lets_encrypt(&certificates, "lets-encrypt", "platform@example.com", &zone);
/// ```
///
/// Source: <https://github.com/cert-manager/cert-manager/tree/v1.21.1/deploy/charts/cert-manager>
#[derive(Clone)]
pub struct CertManager {
    scope: Scope,
    cluster: eks::Cluster,
    namespace: Namespace,
    release: HelmRelease,
}

impl CertManager {
    /// Installs cert-manager in a cluster, in a separate namespace.
    #[track_caller]
    pub fn new(scope: &impl Construct, id: &str, cluster: &eks::Cluster) -> Self {
        let scope = scope.scope().construct(id);
        let namespace = NamespaceProps { deny_by_default: false, ..Default::default() };
        let namespace = Namespace::new(&scope, NAME, cluster, namespace);
        let budget = || Bag::default().with("enabled", true).with("maxUnavailable", 1);
        let part = || Bag::default().with("replicaCount", 2).with("podDisruptionBudget", budget());
        let leader = Bag::default().with("namespace", NAME);
        let values = part()
            .with("crds", Bag::default().with("enabled", true).with("keep", true))
            .with("global", Bag::default().with("leaderElection", leader))
            .with("serviceAccount", service_account(NAME, None))
            .with("resources", resources("50m", "128Mi"))
            .with("webhook", part().with("resources", resources("50m", "64Mi")))
            .with("cainjector", part().with("resources", resources("50m", "256Mi")))
            .with("startupapicheck", Bag::default().with("resources", resources("50m", "64Mi")));
        let chart = Chart::new("https://charts.jetstack.io", NAME, VERSION);
        let props = HelmReleaseProps { namespace: namespace.name().to_owned(), values };
        let release = HelmRelease::new(&namespace, NAME, cluster, chart, props);
        release.diagram_within(&namespace);
        cluster.open_node_port(WEBHOOK, "webhook of cert-manager");
        Self { scope, cluster: cluster.clone(), namespace, release }
    }

    /// Allows cert-manager to solve DNS-01 challenges of a certificate authority by records in a hosted zone.
    ///
    /// Source: <https://cert-manager.io/docs/configuration/acme/dns01/route53/>
    #[track_caller]
    pub fn answer_for(&self, zone: &HostedZone) -> &Self {
        let role = self.scope.singleton("role", || {
            let role = self.cluster.service_account_role(&self.scope, "role", NAME, NAME);
            if self.cluster.identity() == Identity::Irsa {
                self.release.value::<String>(
                    "serviceAccount.annotations",
                    "eks.amazonaws.com/role-arn",
                    Val::<String>::from(role.arn()),
                );
            }
            role.scope().clone()
        });
        let Some(role) = crate::iam::Role::at(role) else { return self };
        role.allow(Statement::allow(["route53:ListResourceRecordSets"]).on(zone.arn()));
        role.allow(Statement::allow(["route53:ChangeResourceRecordSets"]).on(zone.arn()).when(
            "ForAllValues:StringEquals",
            "route53:ChangeResourceRecordSetsRecordTypes",
            vec!["TXT"],
        ));
        let partition = self.scope.partition();
        role.allow(Statement::allow(["route53:GetChange"]).on(crate::text!["arn:", partition, ":route53:::change/*"]));
        self
    }

    /// Returns the Helm release, for dependencies and changes to its values.
    pub fn release(&self) -> &HelmRelease {
        &self.release
    }
}

impl Construct for CertManager {
    fn scope(&self) -> &Scope {
        &self.scope
    }
}

/// The issuer of certificates for all namespaces of a cluster: a `ClusterIssuer`.
///
/// Source: <https://cert-manager.io/docs/configuration/>
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issuer {
    name: String,
}

impl Issuer {
    /// Defines an issuer of Let's Encrypt, for names of a public zone. To validate a domain, Let's Encrypt queries a
    /// DNS record that cert-manager sets. The role of cert-manager may set records only in this zone.
    ///
    /// Source: <https://cert-manager.io/docs/configuration/acme/dns01/route53/>
    #[track_caller]
    pub fn lets_encrypt(manager: &CertManager, name: &str, email: &str, zone: &HostedZone) -> Self {
        manager.answer_for(zone);
        let route53 =
            l1::AcmeIssuerDns01ProviderRoute53::new().region(manager.scope.region()).hosted_zone_id(zone.zone_id());
        let solver = l1::AcmeChallengeSolver::new()
            .selector(l1::CertificateDnsNameSelector::new().dns_zones([zone.domain()]))
            .dns01(l1::AcmeChallengeSolverDns01::new().route53(route53));
        let account = l1::SecretKeySelector::new(format!("{name}-account"));
        let acme = l1::AcmeIssuer::new(account, "https://acme-v02.api.letsencrypt.org/directory")
            .email(email)
            .solvers([solver]);
        Self::define(manager, name, IssuerSpec::new().acme(acme))
    }

    /// Defines an issuer with a private certificate authority. The authority's certificate and key are in a `Secret` of
    /// the namespace `cert-manager`.
    ///
    /// Source: <https://cert-manager.io/docs/configuration/ca/>
    #[track_caller]
    pub fn authority(manager: &CertManager, name: &str, secret_name: &str) -> Self {
        Self::define(manager, name, IssuerSpec::new().ca(l1::CaIssuer::new(secret_name)))
    }

    /// Returns the name of the issuer.
    pub fn name(&self) -> &str {
        &self.name
    }

    #[track_caller]
    fn define(manager: &CertManager, name: &str, spec: IssuerSpec) -> Self {
        l1::ClusterIssuer::new(spec).define(&manager.namespace, name, name);
        Self { name: name.to_owned() }
    }

    /// Defines a certificate without hosts. cert-manager stores it in a `Secret` with the name of the certificate.
    pub(in crate::mesh) fn certificate(&self, scope: &Scope, name: &str) -> Scope {
        let key = l1::CertificatePrivateKey::new()
            .algorithm(l1::CertificatePrivateKeyAlgorithm::Ecdsa)
            .size(256)
            .rotation_policy(l1::RotationPolicy::Always);
        let issuer = l1::IssuerReference::new(&self.name).kind("ClusterIssuer").group("cert-manager.io");
        let spec = l1::CertificateSpec::new(issuer, name.to_owned()).private_key(key);
        l1::Certificate::new().spec(spec).define(scope, "certificate", name).scope().clone()
    }
}

#[cfg(test)]
mod tests {
    use super::{CertManager, Issuer};
    use crate::Construct;
    use crate::mesh::{Gateway, GatewayProps, Tls};
    use crate::route53::HostedZone;
    use crate::testing::{Platform, cluster, stack, workload_and_mesh};

    #[test]
    fn cert_manager_may_change_only_txt_records_of_its_zone() {
        let platform = Platform::synth("shop", |app| {
            let zone = HostedZone::public(&stack(app, "edge"), "zone", "shop.example.com", Default::default());
            let cluster = cluster(app);
            CertManager::new(&cluster, "cert-manager", &cluster).answer_for(&zone);
        });
        let policies = platform.resources("AWS::IAM::RolePolicy");
        let policy = policies.iter().find(|it| it.logical_id.contains("CertManager")).expect("its policy");
        let text = policy.props.to_string();
        assert!(text.contains("\"TXT\"") && !text.contains("\"Resource\":[\"*\"]"), "{text}");
        let values = &platform.assembly.files["helm/platform-cluster/cert-manager.values.yaml"];
        assert!(values.contains("role-arn: ${platform/cluster/cert-manager/role.Arn}"), "{values}");
    }

    #[test]
    fn keeps_custom_resource_definitions() {
        let platform = Platform::synth("shop", |app| {
            let cluster = cluster(app);
            CertManager::new(&cluster, "cert-manager", &cluster);
        });
        let values = &platform.assembly.files["helm/platform-cluster/cert-manager.values.yaml"];
        assert!(values.contains("crds:\n  enabled: true\n  keep: true\n"), "{values}");
        assert!(!platform.resources("AWS::IAM::Role").iter().any(|it| it.logical_id.contains("CertManager")));
    }

    #[test]
    fn reads_private_authority_from_secret() {
        let platform = Platform::synth("shop", |app| {
            let cluster = cluster(app);
            let manager = CertManager::new(&cluster, "cert-manager", &cluster);
            Issuer::authority(&manager, "internal", "internal-authority");
        });
        assert!(platform.manifest("clusterissuer-internal").contains("secretName: internal-authority"));
    }

    #[test]
    fn issues_one_certificate_for_all_gateway_hosts() {
        let platform = Platform::synth("shop", |app| {
            let (orders, istio) = workload_and_mesh(app);
            let (stack, cluster) = (orders.scope().stack(), orders.namespace().cluster().clone());
            let zone = HostedZone::public(&stack, "zone", "example.com", Default::default());
            let manager = CertManager::new(&stack, "cert-manager", &cluster);
            let issuer = Issuer::lets_encrypt(&manager, "lets-encrypt", "platform@example.com", &zone);
            let ingress = istio.add_gateway("ingress", GatewayProps::default());
            let entry = Gateway::new(&ingress, "entry", Tls::Issued(issuer));
            entry.expose("shop.example.com", "/orders", &orders);
            entry.expose("api.example.com", "/orders", &orders);
        });
        let certificate = platform.manifest("certificate-entry-tls");
        for part in ["namespace: istio-ingress", "- api.example.com", "- shop.example.com", "secretName: entry-tls"] {
            assert!(certificate.contains(part), "{part} is not in {certificate}");
        }
        assert!(platform.manifest("gateway-entry").contains("credentialName: entry-tls"));
        assert!(platform.manifest("clusterissuer-lets-encrypt").contains("hostedZoneID: ${platform/zone"));
    }
}
