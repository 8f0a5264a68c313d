//! Services of type `LoadBalancer`: network load balancers that the AWS Load Balancer Controller creates.

use crate::Object;
use crate::acm::Certificate;
use crate::aws::edge::log_bucket::{self, Writer};
use crate::elbv2::Scheme;
use crate::kube::core;
use crate::text;
use crate::tree::{Construct, IdRule, Scope};
use crate::units::Cidr;
use crate::val::Val;

use super::Workload;

/// The health check of the load balancer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum HealthCheck {
    /// The port must accept connections.
    #[default]
    Tcp,
    /// A request for a path must return a successful HTTP status. An example is `/healthz/ready` on port 15021.
    Http {
        /// The port of the health check.
        port: u16,
        /// The path.
        path: String,
    },
}

/// Properties of a [`LoadBalancerService`].
#[derive(Clone)]
pub struct LoadBalancerServiceProps {
    /// The scheme of the load balancer, which is always written explicitly. Default: `Internal`, as in the controller.
    pub scheme: Scheme,
    /// The port of the listener. Default: 443.
    pub port: u16,
    /// The certificate with which the load balancer terminates TLS. Without a certificate, the load balancer forwards
    /// connections unchanged. Default: none.
    pub certificate: Option<Certificate>,
    /// The CIDR blocks that may connect. Default: all addresses for an internet-facing load balancer, otherwise the
    /// VPC.
    pub clients: Vec<Cidr>,
    /// The health check of pods. Default: the port must accept connections.
    pub health_check: HealthCheck,
    /// Whether cross-zone load balancing is enabled: the load balancer's address in a zone forwards to pods in every
    /// zone. Default: `true`.
    pub cross_zone: bool,
    /// Whether pods see the client address. If so, a pod cannot connect to itself through its load balancer. Default:
    /// `false`.
    pub preserve_client: bool,
    /// Days after which access logs are deleted. Only a load balancer that terminates TLS writes access logs. Default:
    /// 90.
    pub log_days: u16,
}

impl Default for LoadBalancerServiceProps {
    fn default() -> Self {
        Self {
            scheme: Scheme::Internal,
            port: 443,
            certificate: None,
            clients: Vec::new(),
            health_check: HealthCheck::default(),
            cross_zone: true,
            preserve_client: false,
            log_days: 90,
        }
    }
}

/// A `Service` of type `LoadBalancer`: a network load balancer in front of the pods of one workload.
///
/// Defines a `Service` of class `service.k8s.aws/nlb`, in addition to the workload's own `Service`. The load balancer
/// connects to pods by their addresses.
///
/// # Diagnostics
///
/// - `MS0415`: a Service has annotations of an application load balancer.
/// - `MS0416`: a network load balancer has no scheme.
///
/// # Example
///
/// ```
/// # use meshsynth::{testing, mesh, App};
/// # let app = App::new("shop");
/// # let orders = testing::workload(&app);
/// mesh::LoadBalancerService::new(&orders, "orders-entry", Default::default());
/// ```
///
/// Source: <https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/service/annotations/>
#[derive(Clone)]
pub struct LoadBalancerService {
    service: Object<core::Service>,
}

impl LoadBalancerService {
    /// Defines the service in front of a workload. Its name in Kubernetes is the construct's id.
    #[track_caller]
    pub fn new(workload: &Workload, name: &str, props: LoadBalancerServiceProps) -> Self {
        let scope = workload.scope().construct_as(name, IdRule::SERVICE);
        let name = &*scope.id();
        let vpc = workload.namespace().cluster().vpc();
        let clients = match (&props.clients[..], props.scheme) {
            ([], Scheme::InternetFacing) => vec![Cidr::new("0.0.0.0/0")],
            ([], Scheme::Internal) => vec![vpc.cidr()],
            (clients, _) => clients.to_vec(),
        };
        let port = core::ServicePort::new(props.port)
            .name("tcp")
            .target_port(workload.pod_port(workload.port()))
            .protocol(core::Protocol::Tcp)
            .app_protocol("tcp");
        let selector = workload.own_labels();
        let spec = core::ServiceSpec::new()
            .type_(core::ServiceType::LoadBalancer)
            .load_balancer_class(CLASS)
            .allocate_load_balancer_node_ports(false)
            .load_balancer_source_ranges(clients.iter().map(Cidr::to_string).collect::<Vec<_>>())
            .selector(selector)
            .ports([port]);
        let service = core::Service::new().spec(spec).define(&scope, "service", name);
        super::core::labels::add(service.scope(), workload.name());
        let set = |key: &str, value: &str| {
            service.annotate(format!("service.beta.kubernetes.io/aws-load-balancer-{key}"), value);
        };
        set("scheme", props.scheme.word());
        set("nlb-target-type", "ip");
        set("target-group-attributes", &format!("preserve_client_ip.enabled={}", props.preserve_client));
        let mut ports = vec![workload.pod_port(workload.port())];
        match &props.health_check {
            HealthCheck::Tcp => set("healthcheck-protocol", "tcp"),
            HealthCheck::Http { port, path } => {
                set("healthcheck-protocol", "http");
                set("healthcheck-port", &port.to_string());
                set("healthcheck-path", path);
                ports.push(*port);
            }
        }
        if let Some(certificate) = &props.certificate {
            service.annotate("service.beta.kubernetes.io/aws-load-balancer-ssl-cert", certificate.arn().into_text());
            set("ssl-ports", &props.port.to_string());
            set("ssl-negotiation-policy", "ELBSecurityPolicy-TLS13-1-2-2021-06");
        }
        let zones = format!("load_balancing.cross_zone.enabled={}", props.cross_zone);
        // Access logs contain only connections for which the load balancer terminates TLS.
        let attributes = match props.certificate {
            None => Val::from(zones),
            Some(_) => {
                let logs = log_bucket::define(&scope, Writer::Delivery, props.log_days);
                let bucket = logs.bucket.reference().into_text();
                text![format!("{zones},access_logs.s3.enabled=true,access_logs.s3.bucket="), bucket]
            }
        };
        service.annotate("service.beta.kubernetes.io/aws-load-balancer-attributes", attributes);
        let mut from = vpc.balancer_blocks(props.scheme.tier());
        if props.preserve_client {
            from.extend(clients);
        }
        ports.dedup();
        ports.into_iter().for_each(|port| workload.admit_addresses(&from, port));
        Self { service }
    }

    /// Returns the `Service`, for example to set a field for which the props have no property.
    pub fn object(&self) -> &Object<core::Service> {
        &self.service
    }
}

impl Construct for LoadBalancerService {
    fn scope(&self) -> &Scope {
        self.service.scope()
    }
}

/// The load balancer class of the AWS Load Balancer Controller. The controller built into the cluster ignores services
/// of this class.
const CLASS: &str = "service.k8s.aws/nlb";

#[cfg(test)]
mod tests {
    use super::{HealthCheck, LoadBalancerService, LoadBalancerServiceProps};
    use crate::testing::{Platform, workload};

    #[test]
    fn sets_load_balancer_scheme_and_allows_health_check_port() {
        let platform = Platform::synth("shop", |app| {
            let health_check = HealthCheck::Http { port: 15021, path: "/healthz/ready".to_owned() };
            let props = LoadBalancerServiceProps { health_check, ..Default::default() };
            LoadBalancerService::new(&workload(app), "orders-entry", props);
        });
        let service = platform.manifest("service-orders-entry");
        for text in [
            "loadBalancerClass: service.k8s.aws/nlb",
            "scheme: internal",
            "cross_zone.enabled=true",
            "healthcheck-port: \"15021\"",
        ] {
            assert!(service.contains(text), "{text} is not in {service}");
        }
        let policy = platform.manifest("networkpolicy-orders");
        assert!(policy.contains("port: 15021") && policy.contains("port: 8080"), "{policy}");
        assert!(!policy.contains("0.0.0.0/0"), "{policy}");
    }
}
