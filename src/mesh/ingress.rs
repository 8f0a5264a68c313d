//! Ingresses: application load balancers that the AWS Load Balancer Controller creates.

use std::panic::Location;

use crate::Object;
use crate::acm::Certificate;
use crate::aws::edge::log_bucket::{self, Writer};
use crate::elbv2::Scheme;
use crate::kube::networking::{
    self, HttpIngressPath, HttpIngressRuleValue, IngressBackend, IngressRule, IngressServiceBackend, IngressSpec,
    PathType, ServiceBackendPort,
};
use crate::node::{Edge, EdgeKind};
use crate::text;
use crate::tree::{Construct, Scope};
use crate::units::Cidr;
use crate::wafv2::WebAcl;

use super::{Namespace, Workload};

/// Properties of an [`Ingress`].
#[derive(Clone)]
pub struct IngressProps {
    /// The scheme of the load balancer, which is always written explicitly. Default: `Internal`, as in the controller.
    pub scheme: Scheme,
    /// The certificate of the listener on 443, in the cluster's region. Default: one that the controller finds by host.
    pub certificate: Option<Certificate>,
    /// The web ACL that protects the load balancer, of scope `Regional`. Default: none.
    pub web_acl: Option<WebAcl>,
    /// The CIDR blocks that may connect. Default: all addresses for an internet-facing load balancer, otherwise the
    /// VPC.
    pub clients: Vec<Cidr>,
    /// The HTTP path of the health check of each pod. Default: `/readyz`.
    pub health_path: String,
    /// The group whose Ingresses share one load balancer. Default: a separate load balancer.
    pub group: Option<String>,
    /// Whether deletion protection is enabled. Default: `true`.
    pub deletion_protection: bool,
    /// Days after which access logs are deleted. Default: 90.
    pub log_days: u16,
}

impl Default for IngressProps {
    fn default() -> Self {
        Self {
            scheme: Scheme::Internal,
            certificate: None,
            web_acl: None,
            clients: Vec::new(),
            health_path: "/readyz".to_owned(),
            group: None,
            deletion_protection: true,
            log_days: 90,
        }
    }
}

/// An Ingress: an application load balancer in front of workloads. The AWS Load Balancer Controller creates it.
///
/// The load balancer listens on port 443 and redirects port 80 to port 443. It drops malformed headers, writes its
/// access logs to a private bucket, and connects to pods by their addresses. Each route allows the subnets of the load
/// balancer in the workload's network policy. The controller adds rules to the node security group.
///
/// CloudFormation does not manage this load balancer. If another resource refers to it, use
/// [`elbv2::ApplicationLoadBalancer`](crate::elbv2::ApplicationLoadBalancer).
///
/// # Diagnostics
///
/// - `MS0318`: the network has no known subnets of the required tier.
/// - `MS0415`: an Ingress has annotations of a network load balancer.
/// - `MS0417`: a path of a host is defined twice.
/// - `MS0866`: it forwards to a workload, so the mesh routes of the workload do not apply. [`Ingress::to_gateway`]
///   applies them.
///
/// # Example
///
/// ```
/// # use meshsynth::{testing, elbv2, mesh, App};
/// # let app = App::new("shop");
/// # let orders = testing::workload(&app);
/// # let shop = orders.namespace();
/// let entry = mesh::Ingress::new(shop, "entry", mesh::IngressProps {
///     scheme: elbv2::Scheme::InternetFacing,
///     ..Default::default()
/// });
/// entry.route("shop.example.com", "/api/orders", &orders);
/// ```
///
/// Source: <https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/ingress/annotations/>
#[derive(Clone)]
pub struct Ingress {
    ingress: Object<networking::Ingress>,
    pub(super) cidrs: Vec<Cidr>,
}

impl Ingress {
    /// Defines an Ingress without routes. Its name in Kubernetes is the construct's id.
    #[track_caller]
    pub fn new(namespace: &Namespace, name: &str, props: IngressProps) -> Self {
        let scope = namespace.scope().construct(name);
        let name = &*scope.id();
        let ingress = networking::Ingress::new()
            .spec(IngressSpec::new().ingress_class_name("alb"))
            .define(&scope, "ingress", name);
        let set = |key: &str, value: &str| {
            ingress.annotate(format!("alb.ingress.kubernetes.io/{key}"), value);
        };
        set("scheme", props.scheme.word());
        set("target-type", "ip");
        set("listen-ports", r#"[{"HTTP":80},{"HTTPS":443}]"#);
        set("ssl-redirect", "443");
        set("ssl-policy", "ELBSecurityPolicy-TLS13-1-2-2021-06");
        set("healthcheck-path", &props.health_path);
        let logs = log_bucket::define(&scope, Writer::ApplicationLoadBalancer, props.log_days);
        let protected = format!("deletion_protection.enabled={}", props.deletion_protection);
        let rest = ",routing.http.drop_invalid_header_fields.enabled=true,access_logs.s3.enabled=true";
        let bucket = logs.bucket.reference().into_text();
        let attributes = text![format!("{protected}{rest},access_logs.s3.bucket="), bucket];
        ingress.annotate("alb.ingress.kubernetes.io/load-balancer-attributes", attributes);
        if let Some(group) = &props.group {
            set("group.name", group);
        }
        let network = [namespace.cluster().vpc().cidr()];
        match (&props.clients[..], props.scheme) {
            ([], Scheme::InternetFacing) => {}
            ([], Scheme::Internal) => set("inbound-cidrs", &joined(&network)),
            (clients, _) => set("inbound-cidrs", &joined(clients)),
        }
        if let Some(certificate) = &props.certificate {
            ingress.annotate("alb.ingress.kubernetes.io/certificate-arn", certificate.arn().into_text());
        }
        if let Some(acl) = &props.web_acl {
            ingress.annotate("alb.ingress.kubernetes.io/wafv2-acl-arn", acl.arn());
        }
        let cidrs = namespace.cluster().vpc().balancer_blocks(props.scheme.tier());
        ingress.scope().diagram(props.scheme.diagram_node("load balancer"));
        Self { ingress, cidrs }
    }

    /// Sends requests for a host and path prefix to a workload of the same namespace.
    #[track_caller]
    pub fn route(&self, host: &str, path: &str, to: &Workload) -> &Self {
        self.add_rule(host, path, to.service_name(), to.port());
        let port = to.pod_port(to.port());
        to.admit_addresses(&self.cidrs, port);
        let at = to.scope().user_line(Location::caller());
        let (from, to) = (self.scope(), to.scope().node());
        from.edge(Edge { from: from.node(), to, kind: EdgeKind::Entry, port: Some(port), at });
        self
    }

    /// Sends requests for a host and path prefix to a port of a `Service` of the same namespace.
    pub(super) fn add_rule(&self, host: &str, path: &str, service: &str, port: u16) {
        let service = IngressServiceBackend::new(service).port(ServiceBackendPort::new().number(port));
        let path = HttpIngressPath::new(IngressBackend::new().service(service), PathType::Prefix).path(path);
        let rule = IngressRule::new().host(host).http(HttpIngressRuleValue::new([path]));
        self.ingress.scope().add("spec.rules", rule);
    }

    /// Returns the `Ingress`, for example to set a field for which the props have no property.
    pub fn object(&self) -> &Object<networking::Ingress> {
        &self.ingress
    }
}

impl Construct for Ingress {
    fn scope(&self) -> &Scope {
        self.ingress.scope()
    }
}

fn joined(cidrs: &[Cidr]) -> String {
    cidrs.iter().map(Cidr::to_string).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::{Ingress, IngressProps};
    use crate::aws::vpc::{ExistingSubnet, ExistingVpc, Tier, Vpc};
    use crate::eks::{Cluster, ClusterProps};
    use crate::elbv2::Scheme;
    use crate::mesh::{Namespace, NamespaceProps, Workload, WorkloadProps};
    use crate::testing::{Platform, diagnostics, namespace, stack};
    use crate::units::Cidr;
    use crate::wafv2::{WebAcl, WebAclProps};

    #[test]
    fn ingress_uses_tls_and_pods_accept_connections_from_public_subnets() {
        let platform = Platform::synth("shop", |app| {
            let shop = namespace(app);
            let firewall = WebAcl::new(&stack(app, "edge"), "firewall", WebAclProps::default());
            let workload = |name| Workload::new(&shop, name, "registry.example/a:1.0.0", WorkloadProps::default());
            let props =
                IngressProps { scheme: Scheme::InternetFacing, web_acl: Some(firewall), ..IngressProps::default() };
            let entry = Ingress::new(&shop, "entry", props);
            entry.route("shop.example.com", "/api/orders", &workload("orders"));
            workload("payments");
        });
        let ingress = platform.manifest("ingress-entry");
        for text in [
            "ssl-redirect: \"443\"",
            "scheme: internet-facing",
            "${edge/firewall.Arn}",
            "path: /api/orders",
            "access_logs.s3.bucket=${",
        ] {
            assert!(ingress.contains(text), "{text} is not in {ingress}");
        }
        let policy = platform.manifest("networkpolicy-orders");
        assert!(policy.contains("cidr: 10.0.224.0/24") && policy.contains("port: 8080"), "{policy}");
        assert!(!platform.manifest("networkpolicy-payments").contains("cidr"));
    }

    #[test]
    fn adds_no_network_policy_rule_if_subnets_are_unknown() {
        let found = diagnostics("shop", |app| {
            let run = stack(app, "run");
            let subnets =
                [("subnet-0a1b2c3d4e5f60711", "10.20.0.0/19", "a"), ("subnet-0a1b2c3d4e5f60712", "10.20.32.0/19", "c")]
                    .map(|(id, cidr, zone)| {
                        ExistingSubnet::new(Tier::Private, id, Cidr::new(cidr), format!("ap-northeast-1{zone}"))
                    });
            let existing = ExistingVpc::new("vpc-0a1b2c3d4e5f60718", Cidr::new("10.20.0.0/16"), subnets);
            let vpc = Vpc::import(&run, "vpc", ExistingVpc { has_nat: true, ..existing });
            let cluster = Cluster::new(&run, "cluster", &vpc, ClusterProps::default());
            let shop = Namespace::new(&run, "shop", &cluster, NamespaceProps::default());
            let orders = Workload::new(&shop, "orders", "registry.example/a:1.0.0", WorkloadProps::default());
            let props = IngressProps { scheme: Scheme::InternetFacing, ..IngressProps::default() };
            Ingress::new(&shop, "entry", props).route("shop.example.com", "/", &orders);
        });
        let told = found.iter().find(|it| it.code == "MS0318").expect("the subnets are not known");
        assert!(told.message.contains("public subnets of network `run/vpc`"), "{}", told.message);
    }
}
