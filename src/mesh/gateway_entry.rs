//! Load balancers in front of a gateway of the mesh, so that the gateway's routes apply to traffic from outside the
//! mesh.

use std::panic::Location;

use crate::Object;
use crate::diag::Diagnostic;
use crate::elbv2::TargetGroup;
use crate::node::{Edge, EdgeKind};
use crate::tree::{At, Construct, Scope};
use crate::val::Bag;

use super::target_group_binding::{Binding, balancer_blocks, open};
use super::{Gateway, GatewayService, Ingress, TargetGroupBinding, Tls};

/// The port on which gateways report readiness.
const STATUS: u16 = 15_021;

impl Ingress {
    /// Sends all requests of a host to a gateway of the mesh, which applies its hosts, paths and routes.
    ///
    /// The Ingress is in the namespace of the gateway, whose [service](crate::mesh::GatewayProps::service) is of type
    /// `ClusterIP`. The load balancer terminates TLS. The gateway uses plain HTTP with [`Tls::AtBalancer`]. With
    /// [`Tls::Issued`] or [`Tls::Secret`] the load balancer encrypts requests again. The health check is
    /// `/healthz/ready` on port 15021. The web ACL and the certificate of the Ingress apply.
    ///
    /// # Diagnostics
    ///
    /// - `MS0867`: the gateway already has a load balancer, or is in another namespace.
    ///
    /// # Example
    ///
    /// ```
    /// # use meshsynth::{testing, App, Stack, Env};
    /// # let app = App::new("shop");
    /// # let (orders, istio) = testing::workload_and_mesh(&app);
    /// # let edge = testing::stack(&app, "edge");
    /// use meshsynth::{elbv2, mesh, wafv2};
    ///
    /// let ingress = istio.add_gateway("ingress", mesh::GatewayProps {
    ///     service: mesh::GatewayService::ClusterIp,
    ///     ..Default::default()
    /// });
    /// let entry = mesh::Gateway::new(&ingress, "entry", mesh::Tls::AtBalancer);
    /// entry.expose("shop.example.com", "/", &orders);
    /// let balancer = mesh::Ingress::new(ingress.namespace(), "balancer", mesh::IngressProps {
    ///     scheme: elbv2::Scheme::InternetFacing,
    ///     web_acl: Some(wafv2::WebAcl::new(&edge, "firewall", Default::default())),
    ///     ..Default::default()
    /// });
    /// balancer.to_gateway("shop.example.com", &entry);
    /// ```
    ///
    /// Source: <https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/ingress/annotations/>
    #[track_caller]
    pub fn to_gateway(&self, host: &str, to: &Gateway) -> &Self {
        let ingress = to.ingress();
        check(self.scope(), to, At::caller());
        if !is_below(self.scope(), ingress.namespace().scope()) {
            let name = ingress.namespace().name();
            let message = format!("the Ingress must be in `{name}`, the namespace of the gateway");
            let help = "define it in that namespace: `mesh::Ingress::new(ingress.namespace(), …)`; an Ingress cannot have a backend in another namespace";
            self.scope().report(Diagnostic::error("MS0867", message).at(At::caller()).help(help));
        }
        self.add_rule(host, "/", ingress.name(), to.port());
        // Annotations of the gateway's service override the annotations of the Ingress. The Ingress may also have other
        // services as backends.
        let protocol = if matches!(to.tls(), Tls::Issued(_) | Tls::Secret(_)) { "HTTPS" } else { "HTTP" };
        for (key, value) in [
            ("backend-protocol", protocol),
            ("healthcheck-path", "/healthz/ready"),
            ("healthcheck-port", "15021"),
            ("healthcheck-protocol", "HTTP"),
        ] {
            let key = format!("alb.ingress.kubernetes.io/{key}");
            ingress.release().scope().put("service.annotations", key, value);
        }
        ingress.admit_balancer(&self.cidrs, to.port());
        enter(self.scope(), ingress.scope(), to.port(), self.scope().user_line(Location::caller()));
        self
    }
}

impl TargetGroupBinding {
    /// Binds a gateway of the mesh to a target group. The mesh routes of the gateway then apply to traffic from the
    /// load balancer of the group.
    ///
    /// The [service](crate::mesh::GatewayProps::service) of the gateway must be of type `ClusterIP`. The target group
    /// must have the port of the gateway and
    /// [`TargetGroupProps::of_gateway`](crate::elbv2::TargetGroupProps::of_gateway).
    ///
    /// # Diagnostics
    ///
    /// - `MS0318`: the subnet CIDR blocks of the group's load balancer are unknown.
    /// - `MS0867`: the gateway already has a load balancer.
    ///
    /// # Example
    ///
    /// ```
    /// # use meshsynth::{testing, App};
    /// # let app = App::new("shop");
    /// # let (orders, istio) = testing::workload_and_mesh(&app);
    /// # let edge = testing::stack(&app, "edge");
    /// # let vpc = orders.namespace().cluster().vpc();
    /// use meshsynth::{elbv2, mesh};
    ///
    /// let ingress = istio.add_gateway("ingress", mesh::GatewayProps {
    ///     service: mesh::GatewayService::ClusterIp,
    ///     ..Default::default()
    /// });
    /// let entry = mesh::Gateway::new(&ingress, "entry", mesh::Tls::Secret("shop-example-com".to_owned()));
    /// entry.expose("shop.example.com", "/", &orders);
    /// let balancer = elbv2::NetworkLoadBalancer::new(&edge, "balancer", vpc, Default::default());
    /// let group = balancer.add_tcp(443, "gateway", entry.port(), elbv2::TargetGroupProps::of_gateway());
    /// mesh::TargetGroupBinding::to_gateway(&entry, "balancer", &group);
    /// ```
    #[track_caller]
    pub fn to_gateway(gateway: &Gateway, id: &str, group: &TargetGroup) -> Self {
        let (ingress, port) = (gateway.ingress(), gateway.port());
        let scope = gateway.scope().construct(id);
        check(&scope, gateway, At::caller());
        let service = Bag::default().with("name", ingress.name().to_owned()).with("port", port);
        let spec =
            Bag::default().with("serviceRef", service).with("targetGroupARN", group.arn()).with("targetType", "ip");
        let name = format!("{}-{}", ingress.name(), scope.id());
        let binding = Object::<Binding>::define(&scope, "binding", &name, Bag::default().with("spec", spec));
        ingress.admit_balancer(balancer_blocks(group), port);
        for port in [port, STATUS] {
            open(&scope, ingress.namespace().cluster(), port, group);
        }
        enter(group.scope(), ingress.scope(), port, scope.user_line(Location::caller()));
        Self { binding }
    }
}

fn enter(from: &Scope, to: &Scope, port: u16, at: At) {
    from.edge(Edge { from: from.node(), to: to.node(), kind: EdgeKind::Entry, port: Some(port), at });
}

/// Reports a gateway that already has a load balancer.
fn check(scope: &Scope, gateway: &Gateway, at: At) {
    let ingress = gateway.ingress();
    if ingress.service() == GatewayService::NetworkLoadBalancer {
        let message = format!("the gateway `{}` already has its own network load balancer", ingress.name());
        let help =
            "define the gateway with `GatewayProps { service: GatewayService::ClusterIp, ..Default::default() }`";
        scope.report(Diagnostic::error("MS0867", message).at(at).help(help));
    }
}

/// Whether a scope is equal to another scope or below it.
fn is_below(scope: &Scope, other: &Scope) -> bool {
    scope.read(|tree| {
        let mut next = Some(scope.node());
        while let Some(node) = next {
            if node == other.node() {
                return true;
            }
            next = tree.nodes[node].parent;
        }
        false
    })
}

#[cfg(test)]
mod tests {
    use crate::elbv2::{NetworkLoadBalancer, TargetGroupProps};
    use crate::mesh::{self, Gateway, GatewayProps, GatewayService, Ingress, TargetGroupBinding, Tls};
    use crate::testing::{Platform, codes, stack, workload_and_mesh};
    use crate::{App, elbv2, wafv2};

    fn gateway(app: &App, service: GatewayService, tls: Tls) -> Gateway {
        let (orders, istio) = workload_and_mesh(app);
        let ingress = istio.add_gateway("ingress", GatewayProps { service, ..Default::default() });
        let entry = Gateway::new(&ingress, "entry", tls);
        entry.expose("shop.example.com", "/", &orders);
        entry
    }

    fn behind_ingress(app: &App, service: GatewayService, tls: Tls) {
        let entry = gateway(app, service, tls);
        let firewall = wafv2::WebAcl::new(&stack(app, "edge"), "firewall", Default::default());
        let scheme = elbv2::Scheme::InternetFacing;
        let props = mesh::IngressProps { scheme, web_acl: Some(firewall), ..Default::default() };
        Ingress::new(entry.ingress().namespace(), "balancer", props).to_gateway("shop.example.com", &entry);
    }

    #[test]
    fn load_balancer_with_firewall_forwards_to_gateway() {
        let platform = Platform::synth("shop", |app| behind_ingress(app, GatewayService::ClusterIp, Tls::AtBalancer));
        let ingress = platform.manifest("ingress-balancer");
        assert!(ingress.contains("name: ingress") && ingress.contains("number: 443"), "{ingress}");
        assert!(ingress.contains("wafv2-acl-arn") && ingress.contains("namespace: istio-ingress"), "{ingress}");
        let release = platform.assembly.files.iter().find(|(path, _)| path.ends_with("ingress.values.yaml"));
        let values = release.map(|(_, text)| text.as_str()).unwrap_or_default();
        for text in [
            "type: ClusterIP",
            "alb.ingress.kubernetes.io/healthcheck-port: \"15021\"",
            "alb.ingress.kubernetes.io/healthcheck-path: /healthz/ready",
            "alb.ingress.kubernetes.io/backend-protocol: HTTP\n",
            "numTrustedProxies: 1",
        ] {
            assert!(values.contains(text), "{text} is not in {values}");
        }
        let policy = platform.manifest("networkpolicy-ingress");
        for text in ["port: 15021", "port: 443", "cidr: 10.0.224.0/24"] {
            assert!(policy.contains(text), "{text} is not in {policy}");
        }
    }

    #[test]
    fn gateway_accepts_any_host_if_load_balancer_encrypts_requests_again() {
        let tls = Tls::Secret("shop-example-com".to_owned());
        let platform = Platform::synth("shop", |app| behind_ingress(app, GatewayService::ClusterIp, tls));
        let gateway = platform.object("Gateway", "entry");
        assert_eq!(gateway.get("spec.servers.0.hosts.0"), "shop.example.com");
        assert_eq!(gateway.get("spec.servers.1.hosts.0"), "*");
    }

    #[test]
    fn rejects_second_load_balancer_of_gateway() {
        let own = GatewayService::NetworkLoadBalancer;
        assert_eq!(codes(|app| behind_ingress(app, own, Tls::Off)), ["MS0867"]);
    }

    #[test]
    fn rejects_ingress_outside_gateway_namespace() {
        let found = codes(|app| {
            let entry = gateway(app, GatewayService::ClusterIp, Tls::AtBalancer);
            let elsewhere = mesh::Namespace::new(
                &stack(app, "other"),
                "other",
                entry.ingress().istio().cluster(),
                Default::default(),
            );
            Ingress::new(&elsewhere, "balancer", Default::default()).to_gateway("shop.example.com", &entry);
        });
        assert!(found.contains(&"MS0867"), "{found:?}");
    }

    #[test]
    fn binds_gateway_pods_to_target_group() {
        let platform = Platform::synth("shop", |app| {
            let entry = gateway(app, GatewayService::ClusterIp, Tls::Secret("shop-example-com".to_owned()));
            let vpc = entry.ingress().istio().cluster().vpc().clone();
            let cluster = entry.ingress().istio().cluster().clone();
            let balancer = NetworkLoadBalancer::new(&cluster, "balancer", &vpc, Default::default());
            let group = balancer.add_tcp(443, "gateway", entry.port(), TargetGroupProps::of_gateway());
            TargetGroupBinding::to_gateway(&entry, "balancer", &group);
        });
        let binding = platform.manifest("targetgroupbinding-ingress-balancer");
        assert!(binding.contains("name: ingress") && binding.contains("namespace: istio-ingress"), "{binding}");
        let rules = platform.resources("AWS::EC2::SecurityGroupIngress");
        let ports: Vec<_> = rules
            .iter()
            .filter(|it| it.props["Description"].to_string().contains("balancer"))
            .map(|it| it.props["FromPort"].to_string())
            .collect();
        assert!(ports.contains(&"443".to_owned()) && ports.contains(&"15021".to_owned()), "{ports:?}");
    }
}
