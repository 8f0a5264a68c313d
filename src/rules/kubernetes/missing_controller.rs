//! An object needs a controller that is not installed in its cluster.
//!
//! # What it reports
//!
//! The rule reports custom resources, and Ingresses and Services for the AWS Load Balancer Controller, in clusters of
//! the program. The finding is a warning, once for each controller and cluster.
//!
//! A controller counts as installed if the cluster has a Helm release of its chart, or contains its
//! CustomResourceDefinitions. Manifests without a program are not checked, because the rest of the cluster is unknown.
//!
//! # Why it matters
//!
//! The API server rejects a custom resource without its definition (`no matches for kind`), in the middle of a
//! deployment. It accepts an Ingress or a Service for the AWS Load Balancer Controller, but no load balancer is
//! created.
//!
//! # Fix
//!
//! Install the controller, usually with a construct of `mesh::addons`. If another tool installs it, declare it:
//! `cluster.comes_with(eks::Controller::Keda)`.
//!
//! Source: <https://kubernetes.io/docs/concepts/extend-kubernetes/api-extension/custom-resources/>

use std::collections::BTreeMap;

use crate::hash::FastSet;
use crate::diag::Diagnostic;
use crate::node::{Kind, Object};
use crate::synth::{Link, Model};
use crate::tree::NodeId;
use crate::val::{Bag, Data};

/// A controller, and how the rule recognizes it.
struct Controller {
    /// The word that declares an installation by another tool.
    word: &'static str,
    name: &'static str,
    /// The API groups of its objects.
    groups: &'static [&'static str],
    /// Its charts, including charts that contain only its definitions.
    charts: &'static [&'static str],
    /// The construct that installs it, and the variant of `eks::Controller` that declares it.
    help: [&'static str; 2],
}

const BALANCER: usize = 0;
const CONTROLLERS: [Controller; 10] = [
    Controller {
        word: "load-balancer-controller",
        name: "the AWS Load Balancer Controller",
        groups: &["elbv2.k8s.aws"],
        charts: &["aws-load-balancer-controller"],
        help: ["mesh::addons::LoadBalancerController", "LoadBalancerController"],
    },
    Controller {
        word: "argo-rollouts",
        name: "Argo Rollouts",
        groups: &["argoproj.io"],
        charts: &["argo-rollouts"],
        help: ["mesh::addons::ArgoRollouts", "ArgoRollouts"],
    },
    Controller {
        word: "cert-manager",
        name: "cert-manager",
        groups: &["acme.cert-manager.io", "cert-manager.io"],
        charts: &["cert-manager"],
        help: ["mesh::addons::CertManager", "CertManager"],
    },
    Controller {
        word: "external-dns",
        name: "ExternalDNS",
        groups: &["externaldns.k8s.io"],
        charts: &["external-dns"],
        help: ["mesh::addons::ExternalDns", "ExternalDns"],
    },
    Controller {
        word: "external-secrets",
        name: "the External Secrets Operator",
        groups: &["external-secrets.io", "generators.external-secrets.io"],
        charts: &["external-secrets"],
        help: ["mesh::addons::ExternalSecrets", "ExternalSecrets"],
    },
    Controller {
        word: "gateway-api",
        name: "the Gateway API",
        groups: &["gateway.networking.k8s.io"],
        charts: &["gateway-crds-helm", "gateway-helm", "traefik", "traefik-crds"],
        help: ["mesh::addons::GatewayApiDefinitions", "GatewayApi"],
    },
    Controller {
        word: "istio",
        name: "Istio",
        groups: &["extensions.istio.io", "networking.istio.io", "security.istio.io", "telemetry.istio.io"],
        charts: &["ambient", "base", "istio-base"],
        help: ["mesh::Istio", "Istio"],
    },
    Controller {
        word: "karpenter",
        name: "Karpenter",
        groups: &["karpenter.k8s.aws", "karpenter.sh"],
        charts: &["karpenter", "karpenter-crd"],
        help: ["mesh::addons::Karpenter", "Karpenter"],
    },
    Controller {
        word: "keda",
        name: "KEDA",
        groups: &["eventing.keda.sh", "keda.sh"],
        charts: &["keda"],
        help: ["mesh::addons::Keda", "Keda"],
    },
    Controller {
        word: "prometheus-operator",
        name: "the Prometheus operator",
        groups: &["monitoring.coreos.com"],
        charts: &["kube-prometheus", "kube-prometheus-stack", "prometheus-operator-crds"],
        help: ["mesh::addons::Prometheus", "PrometheusOperator"],
    },
];

/// Kinds of Argo Rollouts. Other kinds of its group belong to Argo CD and Argo Workflows.
const OF_ROLLOUTS: [&str; 5] = ["AnalysisRun", "AnalysisTemplate", "ClusterAnalysisTemplate", "Experiment", "Rollout"];
/// The class and the annotation of services for the load balancer controller.
const CLASS: &str = "service.k8s.aws/nlb";
const TYPE: &str = "service.beta.kubernetes.io/aws-load-balancer-type";

pub(super) fn check(model: &Model, _: &Link, out: &mut Vec<Diagnostic>) {
    let mut needs: BTreeMap<(NodeId, usize), (NodeId, usize)> = BTreeMap::new();
    let mut installed: FastSet<(NodeId, usize)> = FastSet::default();
    let mut need = |target: NodeId, controller: usize, id: NodeId| {
        needs.entry((target, controller)).and_modify(|(_, more)| *more += 1).or_insert((id, 0));
    };
    for (id, _, object) in model.objects() {
        let Some(target) = of_program(model, id) else { continue };
        if object.kind == "CustomResourceDefinition" {
            let text = |path: &str| object.body.at(path).and_then(Data::as_str).unwrap_or_default();
            installed.extend(of_kind(text("spec.group"), text("spec.names.kind")).map(|controller| (target, controller)));
        } else if let Some(controller) = needed(object) {
            need(target, controller, id);
            // A controller in the cluster creates the service of such a gateway, with these annotations.
            let of_service = object.body.at("spec.infrastructure.annotations").and_then(Data::as_map);
            if of_service.is_some_and(of_type) {
                need(target, BALANCER, id);
            }
        }
    }
    for (id, release) in model.releases() {
        let Some(target) = of_program(model, id) else { continue };
        let controller = CONTROLLERS.iter().position(|it| it.charts.contains(&release.chart.as_str()));
        installed.extend(controller.map(|controller| (target, controller)));
        let service = release.values.get("service").and_then(Data::as_map);
        let of_service = service.and_then(|it| it.get("annotations")).and_then(Data::as_map);
        if service.is_some_and(of_class) || of_service.is_some_and(of_type) {
            need(target, BALANCER, id);
        }
    }
    for ((target, controller), (id, more)) in needs {
        let known = &CONTROLLERS[controller];
        if installed.contains(&(target, controller)) || provided(model, target).contains(&known.word) {
            continue;
        }
        let [construct, word] = known.help;
        let what = match &model.node(id).kind {
            Kind::Object(object) => crate::rules::index::pods::called(object),
            _ => format!("Helm release `{}`", model.node(id).id),
        };
        let message = format!("{what} requires {}, which is not installed in its cluster", known.name);
        let help = format!("install it with `{construct}`, or declare that it is installed: `cluster.comes_with(eks::Controller::{word})`");
        let diagnostic = model.warning(id, "MS0959", message).help(help);
        out.push(match more {
            0 => diagnostic,
            more => diagnostic.note(format!("{more} more of its objects also require it")),
        });
    }
}

/// Returns the cluster of a node, if the program defines it. The controllers of other clusters are unknown.
fn of_program(model: &Model, id: NodeId) -> Option<NodeId> {
    model.target_of(id).filter(|target| model.stack_of(*target).is_some())
}

fn provided(model: &Model, target: NodeId) -> &[&'static str] {
    match &model.node(target).kind {
        Kind::Target(target) => &target.provided,
        _ => &[],
    }
}

/// Returns the controller of a kind.
fn of_kind(group: &str, kind: &str) -> Option<usize> {
    let is_of_others = group == "argoproj.io" && !OF_ROLLOUTS.contains(&kind);
    CONTROLLERS.iter().position(|it| it.groups.contains(&group)).filter(|_| !is_of_others)
}

/// Returns the controller that an object needs.
fn needed(object: &Object) -> Option<usize> {
    match (crate::rules::index::group(object), object.kind.as_ref()) {
        ("networking.k8s.io", "Ingress") => {
            let class = object.body.at("spec.ingressClassName").and_then(Data::as_str);
            (class == Some("alb")).then_some(BALANCER)
        }
        ("", "Service") => {
            let spec = object.body.at("spec").and_then(Data::as_map)?;
            let is_one = spec.get("type").and_then(Data::as_str) == Some("LoadBalancer");
            let of_object = object.body.at("metadata.annotations").and_then(Data::as_map);
            (is_one && (of_class(spec) || of_object.is_some_and(of_type))).then_some(BALANCER)
        }
        (group, kind) => of_kind(group, kind),
    }
}

fn of_class(spec: &Bag) -> bool {
    spec.get("loadBalancerClass").and_then(Data::as_str) == Some(CLASS)
}

fn of_type(annotations: &Bag) -> bool {
    matches!(annotations.get(TYPE).and_then(Data::as_str), Some("external" | "nlb-ip"))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::aws::{Vpc, VpcProps};
    use crate::eks::{Cluster, Controller};
    use crate::mesh::addons::{GatewayApiDefinitions, Keda, LoadBalancerController};
    use crate::mesh::{GatewayProps, Istio, LoadBalancerService, Namespace, Workload};
    use crate::testing::{codes, stack};
    use crate::tree::{At, Construct};
    use crate::{App, Manifest};
    use crate::rules::testing::manifests::{closed, data};

    const SCALER: (&str, &str) = ("keda.sh/v1alpha1", "ScaledObject");
    const GATEWAY: (&str, &str) = ("gateway.networking.k8s.io/v1", "Gateway");

    /// Defines a cluster without controllers.
    fn bare(app: &App) -> Cluster {
        let run = stack(app, "run");
        Cluster::new(&run, "main", &Vpc::new(&run, "vpc", VpcProps::default()), Default::default())
    }

    /// Returns the findings for an object in a cluster that the function changes first.
    fn with((api_version, kind): (&str, &str), spec: Value, before: fn(&Cluster)) -> Vec<&'static str> {
        let found = codes(|app| {
            let cluster = bare(app);
            before(&cluster);
            let shop = Namespace::new(&cluster, "shop", &cluster, Default::default());
            let object = json!({ "apiVersion": api_version, "kind": kind, "metadata": { "name": "it" }, "spec": spec });
            Manifest::new(data(&object), At::caller()).expect("it is one").define(&shop, "it");
        });
        found.into_iter().filter(|code| *code == "MS0959").collect()
    }

    #[test]
    fn warns_about_an_object_without_its_controller() {
        for (kind, spec) in [
            (SCALER, json!({})),
            (GATEWAY, json!({})),
            (("argoproj.io/v1alpha1", "Rollout"), json!({})),
            (("cert-manager.io/v1", "Certificate"), json!({})),
            (("elbv2.k8s.aws/v1beta1", "TargetGroupBinding"), json!({})),
            (("external-secrets.io/v1", "ExternalSecret"), json!({})),
            (("monitoring.coreos.com/v1", "ServiceMonitor"), json!({})),
            (("networking.istio.io/v1", "VirtualService"), json!({})),
            (("networking.k8s.io/v1", "Ingress"), json!({ "ingressClassName": "alb" })),
            (("v1", "Service"), json!({ "type": "LoadBalancer", "loadBalancerClass": "service.k8s.aws/nlb" })),
        ] {
            assert_eq!(with(kind, spec, |_| ()), ["MS0959"], "{kind:?}");
        }
    }

    #[test]
    fn accepts_objects_of_installed_and_unknown_controllers() {
        let keda = |cluster: &Cluster| drop(Keda::new(cluster, "keda", cluster));
        assert_eq!(with(SCALER, json!({}), keda), [""; 0]);
        let elsewhere = |cluster: &Cluster| drop(cluster.comes_with(Controller::Keda).clone());
        assert_eq!(with(SCALER, json!({}), elsewhere), [""; 0]);
        let definitions = |cluster: &Cluster| drop(GatewayApiDefinitions::new(cluster, "gateway-api", cluster));
        assert_eq!(with(GATEWAY, json!({}), definitions), [""; 0]);
        let annotations = json!({ "service.beta.kubernetes.io/aws-load-balancer-type": "external" });
        let balanced = json!({ "infrastructure": { "annotations": annotations } });
        assert_eq!(with(GATEWAY, balanced.clone(), definitions), ["MS0959"]);
        assert_eq!(with(GATEWAY, balanced, |_| ()), ["MS0959"; 2]);
        assert_eq!(with(("argoproj.io/v1alpha1", "Application"), json!({}), |_| ()), [""; 0]);
        let ingress = json!({ "ingressClassName": "nginx" });
        assert_eq!(with(("networking.k8s.io/v1", "Ingress"), ingress, |_| ()), [""; 0]);
        assert_eq!(with(("v1", "Service"), json!({ "type": "LoadBalancer" }), |_| ()), [""; 0]);
    }

    #[test]
    fn ignores_controllers_of_other_clusters() {
        let found = codes(|app| {
            let near = bare(app);
            let far = Cluster::new(&near.scope().stack(), "far", near.vpc(), Default::default());
            LoadBalancerController::new(&far, "balancers", &far);
            let shop = Namespace::new(&near, "shop", &near, Default::default());
            let orders = Workload::new(&shop, "orders", "registry.example/orders:1.0.0", Default::default());
            LoadBalancerService::new(&orders, "entry", Default::default());
        });
        assert_eq!(found, ["MS0959"]);
    }

    #[test]
    fn checks_load_balancers_of_charts_but_not_manifests() {
        let found = codes(|app| {
            let cluster = bare(app);
            let istio = Istio::new(&cluster, "istio", &cluster, Default::default());
            istio.add_gateway("ingress", GatewayProps::default());
        });
        assert_eq!(found, ["MS0959"]);
        let text = "apiVersion: keda.sh/v1alpha1\nkind: TriggerAuthentication\nmetadata: { name: a }\nspec: {}\n";
        assert_eq!(closed(text).into_iter().filter(|code| *code == "MS0959").count(), 0);
    }

    #[test]
    fn accepts_a_declared_controller() {
        for controller in Controller::ALL {
            assert!(super::CONTROLLERS.iter().any(|it| it.word == controller.word()), "{controller:?}");
        }
    }
}
