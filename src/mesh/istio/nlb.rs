//! The network load balancer in front of a gateway: annotations for the AWS Load Balancer Controller.

use crate::acm::Certificate;
use crate::aws::Vpc;
use crate::elbv2::Scheme;
use crate::units::{Cidr, Duration};
use crate::val::{Bag, Val};

/// The port on which gateways report readiness.
pub(in crate::mesh) const STATUS: u16 = 15_021;

/// The time in which clients can reconnect to another pod before a pod stops.
pub(in crate::mesh) const DRAIN: Duration = Duration::seconds(30);

/// A network load balancer that forwards to the pods of a gateway.
pub(in crate::mesh) struct NetworkLoadBalancer<'a> {
    pub scheme: Scheme,
    pub certificate: Option<&'a Certificate>,
    pub clients: Vec<Cidr>,
    pub cross_zone: bool,
    pub preserve_client: bool,
    /// How long a stopping pod still serves its connections.
    pub drain: Duration,
}

impl NetworkLoadBalancer<'_> {
    /// Returns the CIDR blocks that may connect.
    pub fn clients(&self, vpc: &Vpc) -> Vec<Cidr> {
        match (&self.clients[..], self.scheme) {
            ([], Scheme::InternetFacing) => vec![Cidr::new("0.0.0.0/0")],
            ([], Scheme::Internal) => vec![vpc.cidr()],
            (clients, _) => clients.to_vec(),
        }
    }

    /// Returns the CIDR blocks from which pods receive the connections.
    pub fn sources(&self, vpc: &Vpc) -> Vec<Cidr> {
        let mut from = vpc.balancer_blocks(self.scheme.tier());
        if self.preserve_client {
            from.extend(self.clients(vpc));
        }
        from
    }

    /// Returns the values of the gateway chart's `service`, without its ports.
    pub fn service(&self, vpc: &Vpc) -> Bag {
        Bag::default()
            .with("type", "LoadBalancer")
            .with("loadBalancerClass", "service.k8s.aws/nlb")
            .with("allocateLoadBalancerNodePorts", false)
            .with("loadBalancerSourceRanges", self.clients(vpc).iter().map(Cidr::to_string).collect::<Vec<_>>())
            .with("annotations", self.annotations())
    }

    /// Source: <https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/service/annotations/>
    pub fn annotations(&self) -> Bag {
        let mut annotations = Bag::default();
        let mut set = |key: &str, value: Val<String>| {
            annotations.set(format!("service.beta.kubernetes.io/aws-load-balancer-{key}"), value);
        };
        set("scheme", self.scheme.word().into());
        set("nlb-target-type", "ip".into());
        set("attributes", format!("load_balancing.cross_zone.enabled={}", self.cross_zone).into());
        let (preserve, drain) = (self.preserve_client, self.drain.as_seconds());
        set(
            "target-group-attributes",
            format!("deregistration_delay.timeout_seconds={drain},preserve_client_ip.enabled={preserve}").into(),
        );
        set("healthcheck-protocol", "http".into());
        set("healthcheck-port", STATUS.to_string().into());
        set("healthcheck-path", "/healthz/ready".into());
        if let Some(certificate) = self.certificate {
            set("ssl-cert", certificate.arn().into_text());
            set("ssl-ports", "https".into());
            set("ssl-negotiation-policy", "ELBSecurityPolicy-TLS13-1-2-2021-06".into());
        }
        annotations
    }
}
