//! Services of type `LoadBalancer`: a network load balancer that the AWS Load Balancer Controller makes.

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

/// What the load balancer asks pods about their health.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum HealthCheck {
    /// Whether the port takes connections.
    #[default]
    Tcp,
    /// What an HTTP path of a port answers, such as `/healthz/ready` on 15021.
    Http {
        /// The port that is asked.
        port: u16,
        /// The path.
        path: String,
    },
}

/// Properties of a [`LoadBalancerService`].
#[derive(Clone)]
pub struct LoadBalancerServiceProps {
    /// Who finds the load balancer. It is always written: the controller's own default is internal. Default: `Internal`.
    pub scheme: Scheme,
    /// The port that it listens on. Default: 443.
    pub port: u16,
    /// Ends TLS at the load balancer with this certificate. Default: connections are passed on as they are.
    pub certificate: Option<Certificate>,
    /// From where it may be connected to. Default: for an internet-facing one everywhere, otherwise the network.
    pub clients: Vec<Cidr>,
    /// What pods are asked about their health. Default: whether they take connections.
    pub health_check: HealthCheck,
    /// Whether each zone's address leads to the pods of every zone. Default: `true`.
    pub cross_zone: bool,
    /// Whether pods see the address of the client. With it, a pod cannot reach itself by its own load balancer. Default: `false`.
    pub preserve_client: bool,
    /// Days after which access logs are deleted, which it writes where it ends TLS. Default: 90.
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

/// A way in over TCP: a network load balancer before the pods of one workload.
///
/// It is a `Service` of its own beside that of the workload, of class
/// `service.k8s.aws/nlb`, and reaches pods by their addresses.
///
/// # Diagnostics
///
/// - `MS0415`: annotations of an application load balancer on a Service.
/// - `MS0416`: a network load balancer without a scheme.
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
    /// Defines the service before a workload. Its name in Kubernetes is the construct's id.
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
        // Only connections whose TLS ends at the load balancer are logged.
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

    /// The `Service` itself, for what the typed properties do not cover.
    pub fn object(&self) -> &Object<core::Service> {
        &self.service
    }
}

impl Construct for LoadBalancerService {
    fn scope(&self) -> &Scope {
        self.service.scope()
    }
}

/// By this class the controller takes a service over, and the cluster's own does not.
const CLASS: &str = "service.k8s.aws/nlb";

#[cfg(test)]
mod tests {
    use super::{HealthCheck, LoadBalancerService, LoadBalancerServiceProps};
    use crate::testing::{Platform, workload};

    #[test]
    fn the_scheme_is_written_and_the_health_port_is_open() {
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
