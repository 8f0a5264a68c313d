//! Tests of bare workloads, and of the objects that relations add to them.

use crate::kube::networking::{NetworkPolicy, NetworkPolicySpec, PolicyType};
use crate::kube::{apps, core, meta};
use crate::mesh::traffic::RateLimit;
use crate::mesh::{CronJob, Namespace, StatefulSet, Workload};
use crate::testing::{Platform, codes, namespace, stack};
use crate::{App, KubernetesCluster, sqs};

fn template(labels: &[(&'static str, &'static str)], account: Option<&str>) -> core::PodTemplateSpec {
    let port = core::ContainerPort::new(8080).name("web");
    let container = core::Container::new("server").image("registry.example/server:1.0.0").ports([port]);
    let mut spec = core::PodSpec::new([container]);
    if let Some(account) = account {
        spec = spec.service_account_name(account);
    }
    core::PodTemplateSpec::new().metadata(meta::ObjectMeta::new().labels(labels.to_vec())).spec(spec)
}

fn deployment(labels: &[(&'static str, &'static str)], account: Option<&str>) -> apps::Deployment {
    let selector = meta::LabelSelector::new().match_labels(labels.to_vec());
    apps::Deployment::new().spec(apps::DeploymentSpec::new(selector, template(labels, account)))
}

fn service(app: &str) -> core::Service {
    let port = core::ServicePort::new(80).name("http").target_port("web");
    core::Service::new().spec(core::ServiceSpec::new().selector([("app", app.to_owned())]).ports([port]))
}

fn policy(app: &'static str, types: &[PolicyType]) -> NetworkPolicy {
    let selector = meta::LabelSelector::new().match_labels([("app", app)]);
    NetworkPolicy::new().spec(NetworkPolicySpec::new().pod_selector(selector).policy_types(types.to_vec()))
}

fn cluster(app: &App) -> KubernetesCluster {
    KubernetesCluster::new(app, "production", "production", "1.34")
}

fn manifests(platform: &Platform) -> Vec<&str> {
    let paths =
        platform.assembly.files.keys().filter(|path| path.starts_with("k8s/production/") && path.contains("shop"));
    paths.filter_map(|path| path.rsplit('/').next()).collect()
}

#[test]
fn bare_workload_defines_only_the_objects_that_the_program_adds() {
    let platform = Platform::synth("shop", |app| {
        let web = Workload::bare(&cluster(app).namespace("shop"), "web", deployment(&[("app", "web")], None));
        web.add_service("frontend", service("web")).label("team", "shop");
        assert_eq!(web.url(), "http://frontend.shop.svc.cluster.local:80");
    });
    assert_eq!(manifests(&platform), ["deployment-web.yaml", "service-frontend.yaml"]);
    let web = platform.manifest("deployment-web");
    assert!(!web.contains("app.kubernetes.io") && !web.contains("securityContext"), "{web}");
}

#[test]
fn relations_add_rules_only_to_existing_network_policies() {
    let platform = Platform::synth("shop", |app| {
        let shop = cluster(app).namespace("shop");
        let api = Workload::bare(&shop, "api", deployment(&[("app", "api")], None));
        api.add_service("api", service("api"));
        api.add_network_policy("api", policy("api", &[PolicyType::Ingress]));
        let web = Workload::bare(&shop, "web", deployment(&[("app", "web")], None));
        web.add_network_policy("web", policy("web", &[PolicyType::Ingress]));
        web.add_network_policy("web-out", policy("web", &[PolicyType::Egress]));
        web.calls_at("API", &api);
        api.calls(&web);
    });
    let out = platform.manifest("networkpolicy-web-out");
    assert!(out.contains("app: api") && out.contains("port: 8080") && !out.contains("ingress"), "{out}");
    let api = platform.manifest("networkpolicy-api");
    assert!(api.contains("app: web") && api.contains("port: 8080") && !api.contains("egress"), "{api}");
    assert!(!platform.manifest("networkpolicy-web").contains("egress"));
    assert!(platform.manifest("configmap-web-config").contains("API: http://api.shop.svc.cluster.local:80"));
    assert!(platform.manifest("deployment-web").contains("name: web-config"));
    let graph: serde_json::Value = serde_json::from_str(&platform.assembly.files["graph.json"]).unwrap();
    let calls = graph["edges"].as_array().unwrap().iter().filter(|it| it["port"] == 8080).count();
    assert_eq!(calls, 1, "the edge must have the pod port 8080: {graph}");
}

#[test]
fn gateway_may_connect_to_target_port_of_pods() {
    use crate::mesh::{GatewayProps, Istio, IstioProps};
    let platform = Platform::synth("shop", |app| {
        let known = namespace(app);
        let istio = Istio::new(known.cluster(), "istio", known.cluster(), IstioProps::default());
        let hosts = vec!["api.example.com".to_owned()];
        let ingress = istio.add_gateway("entry", GatewayProps { hosts, ..Default::default() });
        let legacy = Namespace::bare(&known, "legacy", known.cluster(), core::Namespace::new());
        let web = Workload::bare(&legacy, "web", deployment(&[("app", "web")], None));
        web.add_service("frontend", service("web"));
        ingress.leads_to(&web);
    });
    let policy = platform.manifest("networkpolicy-entry");
    assert!(policy.contains("app: web") && policy.contains("port: 8080"), "{policy}");
}

#[test]
fn selects_all_versions_by_common_labels() {
    let platform = Platform::synth("shop", |app| {
        let shop = cluster(app).namespace("shop");
        let reviews = Workload::bare(&shop, "reviews-v1", deployment(&[("app", "reviews"), ("version", "v1")], None));
        reviews.add_version("reviews-v2", deployment(&[("app", "reviews"), ("version", "v2")], None));
        reviews.add_service("reviews", service("reviews"));
        reviews.env("LEVEL", "info");
        let ratings = Workload::bare(&shop, "ratings", deployment(&[("app", "ratings")], None));
        ratings.add_service("ratings", service("ratings"));
        ratings.add_network_policy("ratings", policy("ratings", &[PolicyType::Ingress]));
        reviews.calls(&ratings);
    });
    let policy = platform.manifest("networkpolicy-ratings");
    assert!(policy.contains("app: reviews") && !policy.contains("version"), "{policy}");
    for version in ["deployment-reviews-v1", "deployment-reviews-v2"] {
        assert!(platform.manifest(version).contains("name: reviews-v1-config"), "{version}");
    }
}

/// Returns a bare workload that may send to a queue, in a cluster of the program.
fn granted(account: Option<&'static str>) -> Platform {
    Platform::synth("shop", |app| {
        let known = namespace(app);
        let legacy = Namespace::bare(&known, "legacy", known.cluster(), core::Namespace::new());
        let web = Workload::bare(&legacy, "web", deployment(&[("app", "web")], account));
        if let Some(account) = account {
            web.add_service_account(account, core::ServiceAccount::new());
        }
        sqs::Queue::new(&stack(app, "data"), "mails", Default::default()).grant_send(&web);
    })
}

#[test]
fn annotates_added_service_account_with_role() {
    let platform = granted(Some("web-account"));
    assert!(platform.manifest("serviceaccount-web-account").contains("eks.amazonaws.com/role-arn"));
    let roles = platform.resources("AWS::IAM::Role").iter().map(|it| it.props.to_string()).collect::<String>();
    assert!(roles.contains("system:serviceaccount:legacy:web-account"), "{roles}");
    assert!(!platform.assembly.files.contains_key("owners.json"));
}

#[test]
fn reports_grant_to_owner_of_shared_service_account() {
    let platform = granted(None);
    let owners = &platform.assembly.files["owners.json"];
    assert!(owners.contains("service account legacy/default"), "{owners}");
}

#[test]
fn rejects_grants_in_cluster_with_unknown_vpc() {
    let found = codes(|app| {
        let web = Workload::bare(&cluster(app).namespace("shop"), "web", deployment(&[("app", "web")], Some("web")));
        web.add_service_account("web", core::ServiceAccount::new());
        sqs::Queue::new(&stack(app, "data"), "mails", Default::default()).grant_send(&web);
    });
    assert_eq!(found, ["MS0103", "MS0132"]);
}

#[test]
fn rejects_rate_limit_of_bare_workload() {
    let found = codes(|app| {
        let web = Workload::bare(&cluster(app).namespace("shop"), "web", deployment(&[("app", "web")], None));
        web.service();
        web.add_service("web", service("web"));
        web.limit_rate("burst", RateLimit::of(10, crate::mesh::traffic::Per::Second));
    });
    assert_eq!(found, ["MS0318", "MS1031"]);
}

#[test]
fn pod_host_names_contain_the_service_of_the_stateful_set() {
    use crate::kube::batch;
    let platform = Platform::synth("shop", |app| {
        let shop = cluster(app).namespace("shop");
        let selector = meta::LabelSelector::new().match_labels([("app", "index")]);
        let spec =
            apps::StatefulSetSpec::new(selector, template(&[("app", "index")], None)).service_name("index-nodes");
        let index = StatefulSet::bare(&shop, "index", apps::StatefulSet::new().spec(spec.replicas(2)));
        index.add_service("index", service("index"));
        assert_eq!(index.pod_hosts()[1], "index-1.index-nodes.shop.svc.cluster.local");
        let container = core::Container::new("nightly").image("registry.example/nightly:1.0.0");
        let spec = core::PodSpec::new([container]).restart_policy(core::RestartPolicy::Never);
        let job = batch::JobTemplateSpec::new().spec(batch::JobSpec::new(core::PodTemplateSpec::new().spec(spec)));
        let nightly = CronJob::bare(&shop, "nightly", batch::CronJob::new(batch::CronJobSpec::new(job, "0 3 * * *")));
        nightly.calls_at("INDEX", &index);
    });
    assert!(platform.manifest("cronjob-nightly").contains("name: nightly-config"));
}
