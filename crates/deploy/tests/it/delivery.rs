//! Tests delivery with Argo CD and Flux: the order and the dependencies of releases.

use std::collections::BTreeMap;

use meshsynth_deploy::assembly::{Assembly, Manifest};
use meshsynth_deploy::delivery::{Delivery, Tool};
use meshsynth_deploy::plan::Plan;
use serde_json::json;

/// Returns a mesh whose control plane depends on a root certificate in a late wave, and two gateways with the same
/// name.
fn mesh() -> Assembly {
    let paths = [
        "00-namespaces/namespace-istio.yaml",
        "20-configuration/istio-system/secret-cacerts.yaml",
        "40-workloads/deployment-orders.yaml",
    ];
    let object =
        |path: &str| json!({ "path": format!("k8s/run/{path}"), "construct": path, "source": "src/main.rs:9:5" });
    let release = |name: &str, namespace: &str, after: &[&str]| {
        json!({
            "name": name, "namespace": namespace, "chart": name, "version": "1.30.3",
            "repository": "oci://charts.example.com/istio", "values": "helm/run/x.values.yaml", "after": after,
            "construct": format!("{namespace}/{name}")
        })
    };
    let releases = [
        release("istiod", "istio-system", &["istio-system/base", "20-configuration/istio-system/secret-cacerts.yaml"]),
        release("base", "istio-system", &[]),
        release("gateway", "east", &["istio-system/istiod"]),
        release("gateway", "west", &["istio-system/istiod"]),
    ];
    let files: BTreeMap<String, String> = paths
        .iter()
        .map(|path| (format!("k8s/run/{path}"), format!("kind: {path}\n")))
        .chain([("helm/run/x.values.yaml".to_owned(), "a: 1\n".to_owned())])
        .collect();
    let manifest = json!({
        "app": "shop", "stacks": [], "files": files.keys().collect::<Vec<_>>(),
        "clusters": [{ "id": "run", "name": "run", "objects": paths.map(object), "releases": releases }]
    });
    let manifest: Manifest = serde_json::from_value(manifest).unwrap();
    Assembly { folder: "synth.out/shop".into(), manifest, files, bindings: BTreeMap::new() }
}

fn files(tool: Tool) -> BTreeMap<String, String> {
    let assembly = mesh();
    let plan = Plan::new(&assembly, None).unwrap();
    let repository = "https://git.example.com/shop.git".to_owned();
    let delivery = Delivery { tool, repository, revision: "main".to_owned(), path: "rendered".to_owned() };
    delivery.files(&assembly, &plan, assembly.files.clone()).unwrap()
}

const ORDER: [&str; 7] = [
    "shop-run-00-namespaces",
    "shop-run-base",
    "shop-run-ahead-of-istiod",
    "shop-run-istiod",
    "shop-run-east-gateway",
    "shop-run-west-gateway",
    "shop-run-40-workloads",
];

#[test]
fn argo_cd_syncs_in_deployment_order() {
    let files = files(Tool::ArgoCd);
    for (idx, name) in ORDER.iter().enumerate() {
        let text = &files[&format!("delivery/run/{idx:02}-{name}.yaml")];
        assert!(text.contains(&format!("sync-wave: \"{idx}\"")), "{text}");
    }
    let rest: Vec<&str> = files.keys().map(String::as_str).filter(|path| !path.starts_with("delivery/")).collect();
    insta::assert_debug_snapshot!(rest, @r#"
    [
        "helm/run/x.values.yaml",
        "k8s/run/00-namespaces/namespace-istio.yaml",
        "k8s/run/40-workloads/deployment-orders.yaml",
        "k8s/run/ahead-of-istiod/istio-system/secret-cacerts.yaml",
    ]
    "#);
    insta::assert_snapshot!(files["delivery/run/03-shop-run-istiod.yaml"], @r#"
    apiVersion: argoproj.io/v1alpha1
    kind: Application
    metadata:
      annotations:
        argocd.argoproj.io/sync-wave: "3"
      name: shop-run-istiod
      namespace: argocd
    spec:
      destination:
        namespace: istio-system
        server: https://kubernetes.default.svc
      project: default
      source:
        chart: istiod
        helm:
          releaseName: istiod
          valuesObject:
            a: 1
        repoURL: charts.example.com/istio
        targetRevision: "1.30.3"
      syncPolicy:
        automated:
          prune: true
          selfHeal: true
        syncOptions:
        - CreateNamespace=true
        - ServerSideApply=true
    "#);
}

#[test]
fn flux_waits_for_each_step() {
    let files = files(Tool::Flux);
    for (idx, name) in ORDER.iter().enumerate() {
        let text = &files[&format!("delivery/run/{idx:02}-{name}.yaml")];
        let before = idx.checked_sub(1).map(|idx| format!("dependsOn:\n  - name: {}\n", ORDER[idx]));
        assert!(text.contains("wait: true"), "{text}");
        match before {
            Some(before) => assert!(text.replace("\n    - name", "\n  - name").contains(&before), "{text}"),
            None => assert!(!text.contains("dependsOn"), "{text}"),
        }
    }
    insta::assert_snapshot!(files["delivery/run/03-shop-run-istiod.yaml"], @"
    apiVersion: kustomize.toolkit.fluxcd.io/v1
    kind: Kustomization
    metadata:
      name: shop-run-istiod
      namespace: flux-system
    spec:
      dependsOn:
      - name: shop-run-ahead-of-istiod
      interval: 10m
      path: ./rendered/releases/run/istiod
      prune: true
      sourceRef:
        kind: GitRepository
        name: shop
      timeout: 15m
      wait: true
    ");
    insta::assert_snapshot!(files["releases/run/istiod/release.yaml"], @r#"
    apiVersion: source.toolkit.fluxcd.io/v1
    kind: HelmRepository
    metadata:
      name: shop-run-istiod
      namespace: flux-system
    spec:
      interval: 1h
      type: oci
      url: oci://charts.example.com/istio
    ---
    apiVersion: helm.toolkit.fluxcd.io/v2
    kind: HelmRelease
    metadata:
      name: shop-run-istiod
      namespace: flux-system
    spec:
      chart:
        spec:
          chart: istiod
          sourceRef:
            kind: HelmRepository
            name: shop-run-istiod
          version: "1.30.3"
      install:
        createNamespace: true
      interval: 10m
      releaseName: istiod
      storageNamespace: istio-system
      targetNamespace: istio-system
      values:
        a: 1
    "#);
}
