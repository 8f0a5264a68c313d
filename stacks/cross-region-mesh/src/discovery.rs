//! Service discovery across regions in addition to the mesh: a registry of services, a controller that
//! updates it, and a controller that shifts load.

use meshsynth::iam::{Grantee, Statement};
use meshsynth::kube::{core, rbac};
use meshsynth::mesh::{Events, Load, Mesh, Namespace, NamespaceProps, Probes, Scale, Trigger, Workload, WorkloadProps};
use meshsynth::route53::HostedZone;
use meshsynth::val::Bag;
use meshsynth::{Construct, Duration};

use crate::cluster::Site;
use crate::{HOST, MESH, REGIONS};

const CONFIG: &str = "service-discovery";
const ELB: &str =
    "https://docs.aws.amazon.com/service-authorization/latest/reference/list_awselasticloadbalancingv2.html";
const CLOUDWATCH: &str =
    "https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatch.html";

pub fn define(site: &Site, mesh: &Mesh, zone: &HostedZone) {
    let namespace = NamespaceProps { mesh: Some(site.istio.membership()), ..Default::default() };
    let namespace = Namespace::new(&site.stack, "cross-region", &site.cluster, namespace);
    namespace.scrape_proxies(&site.prometheus);
    core::ConfigMap::new().data(config(site)).define(&namespace, "config", CONFIG);
    endpoint_slices(site, mesh, &namespace);
    load_balancer(site, mesh, &namespace, zone);
}

/// The registry of services: their hosts per region, their health checks, and their priority.
fn config(site: &Site) -> [(&'static str, String); 4] {
    let here = site.region.name;
    let endpoint = |region: &crate::Region| {
        let priority = if region.name == here { 1 } else { 2 };
        let weight = if region.name == here { 70 } else { 30 };
        format!(
            "- region: {}\n  network: {}\n  gateway: istio-eastwestgateway.istio-system\n  port: 15443\n  \
             priority: {priority}\n  weight: {weight}\n",
            region.name,
            region.network(),
        )
    };
    [
        ("mesh", format!("id: {MESH}\nregion: {here}\nnetwork: {}\n", site.region.network())),
        (
            "services",
            "- catalog.services.svc.cluster.local:8080\n- orders.services.svc.cluster.local:8080\n".to_owned(),
        ),
        ("endpoints", REGIONS.iter().map(endpoint).collect()),
        ("health-check", "path: /readyz\ninterval: 30s\ntimeout: 5s\nunhealthyThreshold: 3\n".to_owned()),
    ]
}

/// The controller that maintains an `EndpointSlice` per service for the other region.
fn endpoint_slices(site: &Site, mesh: &Mesh, namespace: &Namespace) {
    let name = "endpoint-slice-controller";
    let controller = workload(namespace, name, Scale::Fixed(2));
    let read = ["get", "list", "watch"];
    let own = ["create", "delete", "get", "list", "patch", "update", "watch"];
    let rules = [
        rule("", &["namespaces", "services"], &read),
        rule("discovery.k8s.io", &["endpointslices"], &own),
        rule("", &["events"], &["create", "patch"]),
    ];
    let group = "rbac.authorization.k8s.io";
    let subject = || rbac::Subject::new("ServiceAccount", name).namespace(namespace.name());
    rbac::ClusterRole::new().rules(rules).define(&controller, "cluster-role", name);
    rbac::ClusterRoleBinding::new(rbac::RoleRef::new("ClusterRole", name).api_group(group))
        .subjects([subject()])
        .define(&controller, "cluster-role-binding", name);
    let leases = [rule("coordination.k8s.io", &["leases"], &["create", "get", "update"])];
    rbac::Role::new().rules(leases).define(&controller, "leader-role", name);
    rbac::RoleBinding::new(rbac::RoleRef::new("Role", name).api_group(group)).subjects([subject()]).define(
        &controller,
        "leader-role-binding",
        name,
    );
    controller.deployment().patch("spec.template.spec.automountServiceAccountToken", true);
    // It connects to the local API server, and to the gateways of the other clusters for health checks.
    controller.allow_to(site.cluster.vpc().cidr(), 443);
    for gateway in mesh.gateways().iter().filter(|it| it.istio().scope().node() != site.istio.scope().node()) {
        gateway.cidrs().into_iter().for_each(|cidr| {
            controller.allow_to(cidr, gateway.port());
        });
    }
}

/// The controller that shifts load between regions by DNS weights, based on load balancer and mesh metrics.
fn load_balancer(site: &Site, mesh: &Mesh, namespace: &Namespace, zone: &HostedZone) {
    let others = mesh.members().iter().filter(|it| it.scope().node() != site.istio.scope().node());
    let regional = others.map(|istio| Trigger::load(Load::requests_from(&site.prometheus, istio, 50)));
    let triggers = [
        Trigger::load(Load::requests(&site.prometheus, 50)),
        Trigger::load(Load::latency(&site.prometheus, 95, Duration::millis(200))),
    ];
    let events = Events {
        min: 3,
        max: 20,
        up_window: Duration::seconds(60),
        down_window: Duration::seconds(300),
        ..Events::new(&site.keda, triggers.into_iter().chain(regional))
    };
    let balancer = workload(namespace, "cross-region-load-balancer", Scale::Events(events));
    balancer.env("ZONE", zone.domain().to_owned()).env("HOST", HOST);
    let role = balancer.role();
    let describe = ["DescribeLoadBalancers", "DescribeTargetGroups", "DescribeTargetHealth"];
    role.allow(Statement::allow(describe.map(|it| format!("elasticloadbalancing:{it}"))).on_everything(ELB));
    role.allow(Statement::allow(["route53:ChangeResourceRecordSets", "route53:ListResourceRecordSets"]).on(zone.arn()));
    role.allow(Statement::allow(["cloudwatch:GetMetricData", "cloudwatch:ListMetrics"]).on_everything(CLOUDWATCH));
}

fn workload(namespace: &Namespace, name: &str, scale: Scale) -> Workload {
    let image = format!("registry.example/cross-region/{name}:1.0.0");
    let props = WorkloadProps { scale, probes: Probes::http("/healthz"), ..Default::default() };
    let props = WorkloadProps { args: vec!["--config=/etc/service-discovery".to_owned()], ..props };
    let workload = Workload::new(namespace, name, image, props);
    let pods = workload.deployment().scope();
    let source = Bag::default().with("name", CONFIG);
    pods.add("spec.template.spec.volumes", Bag::default().with("name", "config").with("configMap", source));
    let mount = Bag::default().with("name", "config").with("mountPath", "/etc/service-discovery");
    pods.add("spec.template.spec.containers.0.volumeMounts", mount.with("readOnly", true));
    workload
}

fn rule(group: &'static str, resources: &[&'static str], verbs: &[&'static str]) -> rbac::PolicyRule {
    rbac::PolicyRule::new(verbs.to_vec()).api_groups([group]).resources(resources.to_vec())
}
