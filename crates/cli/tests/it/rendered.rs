//! `meshsynth check --render`: with scripts instead of kustomize and helm, and with the real tools if they are
//! installed.

#![cfg(unix)]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use serde_json::Value;

use crate::project::{GOOD, Project, assert_shown};

/// Records the arguments, and prints the files of the folder.
pub const KUSTOMIZE: &str = r#"#!/bin/sh
PATH=/bin:/usr/bin
echo "kustomize $*" >> calls.txt
if [ -f "$2/fail" ]; then echo "Error: accumulating resources: no such file" >&2; exit 1; fi
case "$2" in
  */meshsynth-*) cat "$2/kustomization.yaml" >> calls.txt; echo >> calls.txt; cat overlays/prod/rendered.txt ;;
  *) cat "$2/rendered.txt" ;;
esac
"#;

const HELM: &str = r#"#!/bin/sh
PATH=/bin:/usr/bin
echo "helm $*" >> calls.txt
printf -- '---\n# Source: shop/templates/service.yaml\n'
cat "$3/rendered.txt"
"#;

pub const SERVICE: &str =
    "apiVersion: v1\nkind: Service\nmetadata:\n  name: a\nspec:\n  selector: { app: a }\n  ports:\n    - port: 80\n";

/// Returns a Service with an unknown field.
fn faulty() -> String {
    SERVICE.replace("port: 80", "prot: 80")
}

/// Creates a project with scripts instead of the tools.
pub fn project(case: &str, tools: &[(&str, &str)]) -> Project {
    let project = Project::new(case, GOOD);
    fs::create_dir_all(project.root.join("bin")).unwrap();
    for (name, script) in tools {
        let path = project.root.join("bin").join(name);
        fs::write(&path, script).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }
    // Marks the root of a repository, to which paths of Argo CD and Flux are relative.
    fs::create_dir_all(project.root.join(".git")).unwrap();
    project
}

pub fn run(project: &Project, args: &[&str]) -> String {
    let output = project.command(args).env("PATH", project.root.join("bin")).output().unwrap();
    project.show(args, &output)
}

fn report(project: &Project, args: &[&str]) -> Value {
    let args = [args, &["--format", "json", "--quiet"]].concat();
    let output = project.command(&args).env("PATH", project.root.join("bin")).output().unwrap();
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)))
}

fn calls(project: &Project) -> String {
    fs::read_to_string(project.root.join("calls.txt")).unwrap_or_default()
}

pub fn kustomization(project: &Project, folder: &str, text: &str, rendered: &str) {
    project.write(&format!("{folder}/kustomization.yaml"), text);
    project.write(&format!("{folder}/rendered.txt"), rendered);
}

#[test]
fn runs_tools_only_on_request() {
    let project = project("render-not-asked", &[("kustomize", KUSTOMIZE), ("helm", HELM)]);
    kustomization(&project, "k8s/a", "resources: []\n", SERVICE);
    kustomization(&project, "k8s/b", "resources: []\n", SERVICE);
    project.write("k8s/shop/Chart.yaml", "name: shop\n");
    project.write("k8s/service.yaml", SERVICE);
    let text = run(&project, &["check", "k8s"]);
    assert!(text.contains("exit code: 0\n"), "{text}");
    assert!(
        text.contains(
            "k8s/a and another folder: a kustomization: check its output with `meshsynth check --render k8s`"
        ),
        "{text}"
    );
    assert!(text.contains("k8s/shop: a Helm chart: check its output with `meshsynth check --render k8s`"), "{text}");
    assert_eq!(calls(&project), "");
}

#[test]
fn renders_unreferenced_kustomizations() {
    let project = project("render-kustomize", &[("kustomize", KUSTOMIZE)]);
    kustomization(&project, "base", "resources: [service.yaml]\n", "not rendered: [\n");
    kustomization(&project, "part", "kind: Component\n", "not rendered: [\n");
    kustomization(&project, "overlays/prod", "resources: [../../base]\ncomponents: [../../part]\n", &faulty());
    let text = run(&project, &["check", "--render", "."]);
    assert_shown!("check_rendered", text);
    assert_eq!(calls(&project), "kustomize build ./overlays/prod\n");
}

#[test]
fn renders_base_that_the_user_specifies() {
    let project = project("render-given", &[("kubectl", &KUSTOMIZE.replace("kustomize $*", "kubectl $*"))]);
    kustomization(&project, "base", "resources: [service.yaml]\n", SERVICE);
    let report = report(&project, &["check", "--render", "base"]);
    assert_eq!(report["objects"], 1);
    assert_eq!(calls(&project), "kubectl kustomize base\n");
}

#[test]
fn findings_in_charts_have_source_files() {
    let project = project("render-helm", &[("helm", HELM)]);
    project.write("charts/shop/Chart.yaml", "name: shop\n");
    project.write("charts/shop/templates/service.yaml", "{{ .Values.all }}\n");
    project.write("charts/shop/rendered.txt", &faulty());
    project.write("prod.yaml", "replicas: 2\n");
    let args = ["check", "--render", "charts", "--values", "prod.yaml", "--namespace", "shop"];
    let report = report(&project, &args);
    let found = &report["diagnostics"][0];
    assert_eq!(found["file"], "charts/shop (rendered)");
    assert_eq!(found["construct"], "shop/service-a");
    assert!(found["notes"].to_string().contains("rendered from `charts/shop/templates/service.yaml`"), "{found:#}");
    let call =
        "helm template shop charts/shop --namespace shop --kube-version 1.36 --include-crds --values prod.yaml\n";
    assert_eq!(calls(&project), call);
}

#[test]
fn reports_command_for_missing_chart_dependencies() {
    let project = project("render-dependencies", &[("helm", HELM)]);
    project.write(
        "shop/Chart.yaml",
        "name: shop\ndependencies:\n  - { name: redis, version: 1.0.0, repository: 'https://charts.example.com' }\n",
    );
    project.write("shop/rendered.txt", SERVICE);
    let text = run(&project, &["check", "--render", "shop"]);
    assert!(text.contains("exit code: 1\n") && text.contains("`helm dependency build shop`"), "{text}");
    assert_eq!(calls(&project), "");
    project.write("shop/charts/redis-1.0.0.tgz", "");
    assert!(run(&project, &["check", "--render", "shop"]).contains("exit code: 0\n"));
}

#[test]
fn reports_missing_or_failed_tool() {
    let project = project("render-missing", &[]);
    kustomization(&project, "k8s", "resources: []\n", SERVICE);
    let text = run(&project, &["check", "--render", "k8s"]);
    assert!(text.contains("exit code: 1\n") && text.contains("neither `kustomize` nor `kubectl` is in PATH"), "{text}");
    let project = self::project("render-fails", &[("kustomize", KUSTOMIZE)]);
    kustomization(&project, "k8s", "resources: []\n", SERVICE);
    project.write("k8s/fail", "");
    let text = run(&project, &["check", "--render", "k8s"]);
    assert!(
        text.contains("exit code: 1\n")
            && text.contains("error[MS0126]: `kustomize build k8s` failed: Error: accumulating"),
        "{text}"
    );
    assert!(text.contains("k8s/kustomization.yaml:1:1"), "{text}");
}

#[test]
fn renders_deliveries_of_argo() {
    let project = project("render-argo", &[("kustomize", KUSTOMIZE), ("helm", HELM)]);
    project.write(
        "apps.yaml",
        "\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: { name: prod, namespace: argocd }
spec:
  project: default
  destination: { server: 'https://kubernetes.default.svc', namespace: shop }
  source:
    repoURL: https://git.example.com/shop
    path: overlays/prod
    kustomize: { namePrefix: prod-, images: ['a=registry.example.com/a:1.2'] }
---
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: { name: cache, namespace: argocd }
spec:
  project: default
  destination: { server: 'https://kubernetes.default.svc', namespace: cache }
  source:
    repoURL: https://git.example.com/shop
    path: charts/cache
    helm:
      valueFiles: [prod.yaml]
      parameters: [{ name: size, value: '3' }]
",
    );
    kustomization(&project, "overlays/prod", "resources: []\n", SERVICE);
    project.write("charts/cache/Chart.yaml", "name: cache\n");
    project.write("charts/cache/prod.yaml", "a: 1\n");
    project.write("charts/cache/rendered.txt", &SERVICE.replace("prot", "port"));
    let report = report(&project, &["check", "--render", "."]);
    assert_eq!(report["objects"], 4, "{report:#}");
    let calls = calls(&project);
    for part in [r#""namePrefix":"prod-""#, r#""newName":"registry.example.com/a""#, r#"overlays/prod"]"#] {
        assert!(calls.contains(part), "{part}: {calls}");
    }
    let call = calls.lines().find(|line| line.starts_with("helm")).unwrap();
    assert!(
        call.starts_with("helm template cache ./charts/cache --namespace cache ") && call.ends_with("--set size=3"),
        "{call}"
    );
    assert!(call.contains("charts/cache/prod.yaml"), "{call}");
    assert_eq!(
        calls.lines().filter(|line| line.starts_with("kustomize") || line.starts_with("helm")).count(),
        2,
        "{calls}"
    );
}

#[test]
fn renders_deliveries_of_flux() {
    let project = project("render-flux", &[("kustomize", KUSTOMIZE), ("helm", HELM)]);
    project.write(
        "clusters/shop.yaml",
        "\
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: { name: plain, namespace: flux-system }
spec: { interval: 10m, prune: true, path: ./plain, targetNamespace: shop, sourceRef: { kind: GitRepository, name: flux-system } }
---
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: { name: cache, namespace: flux-system }
spec:
  interval: 10m
  targetNamespace: cache
  chart: { spec: { chart: ./charts/cache, sourceRef: { kind: GitRepository, name: flux-system } } }
  values: { size: 3 }
",
    );
    project.write("plain/service.yaml", &faulty());
    project.write("charts/cache/Chart.yaml", "name: cache\n");
    project.write("charts/cache/rendered.txt", SERVICE);
    let report = report(&project, &["check", "--render", "."]);
    let constructs: Vec<&str> =
        report["diagnostics"].as_array().unwrap().iter().filter_map(|it| it["construct"].as_str()).collect();
    assert!(constructs.contains(&"shop/service-a"), "{report:#}");
    let calls = calls(&project);
    assert!(calls.starts_with("helm template cache-cache ./charts/cache --namespace cache "), "{calls}");
    assert!(calls.contains("values-0.json"), "{calls}");
    assert_eq!(calls.lines().count(), 1, "{calls}");
}

#[test]
fn substitutes_variables_of_flux() {
    let project = project("render-substitute", &[("kustomize", KUSTOMIZE)]);
    let kustomization_of = |path: &str, post_build: &str| {
        format!(
            "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {{ name: {path}, namespace: flux-system }}\n\
             spec: {{ interval: 10m, prune: true, path: ./{path}, sourceRef: {{ kind: GitRepository, name: flux-system }}, postBuild: {post_build} }}\n"
        )
    };
    project.write("clusters/plain.yaml", &kustomization_of("plain", "{ substitute: { field: prot } }"));
    project.write(
        "clusters/built.yaml",
        &kustomization_of("built", "{ substitute: { name: b }, substituteFrom: [{ kind: ConfigMap, name: c }] }"),
    );
    project.write("plain/service.yaml", &SERVICE.replace("port: 80", "${field}: ${number:=80}"));
    kustomization(&project, "built", "resources: []\n", &faulty().replace("name: a", "name: ${name}-${stage}"));
    let report = report(&project, &["check", "--render", "."]);
    let found: Vec<(&str, &str)> = report["diagnostics"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|it| it["code"] == "MS0106")
        .filter_map(|it| Some((it["construct"].as_str()?, it["field"].as_str()?)))
        .collect();
    // Only the cluster defines the variable `stage`, so the name still contains it.
    let expected = [("default/service-b---stage-", "spec.ports[0].prot"), ("default/service-a", "spec.ports[0].prot")];
    assert_eq!(found, expected, "{report:#}");
}

#[test]
fn follows_application_sets() {
    let project = project("render-set", &[("kustomize", KUSTOMIZE)]);
    project.write(
        "sets.yaml",
        "\
apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: { name: apps, namespace: argocd }
spec:
  generators:
    - git: { repoURL: a, revision: HEAD, directories: [{ path: apps/* }, { path: apps/left, exclude: true }] }
    - clusters: {}
  template:
    metadata: { name: '{{path.basename}}' }
    spec:
      project: default
      destination: { namespace: '{{path.basename}}' }
      source: { repoURL: a, path: '{{path}}' }
---
apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: { name: stages, namespace: argocd }
spec:
  goTemplate: true
  generators: [{ list: { elements: [{ stage: prod }] } }]
  template:
    metadata: { name: '{{.stage}}' }
    spec:
      project: default
      destination: { namespace: 'shop-{{ .stage }}' }
      source: { repoURL: a, path: 'stages/{{.stage}}' }
",
    );
    for folder in ["apps/orders", "apps/left", "stages/prod", "stages/test"] {
        project.write(&format!("{folder}/service.yaml"), &faulty());
    }
    let report = report(&project, &["check", "--render", "."]);
    let all = report["diagnostics"].as_array().unwrap();
    let of = |code: &str| -> Vec<&Value> { all.iter().filter(|it| it["code"] == code).collect() };
    let mut constructs: Vec<&str> = of("MS0106").iter().filter_map(|it| it["construct"].as_str()).collect();
    constructs.sort_unstable();
    assert_eq!(
        constructs,
        ["default/service-a", "default/service-a.2", "orders/service-a", "shop-prod/service-a"],
        "{report:#}"
    );
    let told = of("MS0126");
    assert_eq!(told.len(), 1, "{report:#}");
    assert_eq!(told[0]["severity"], "note", "{report:#}");
    assert!(told[0]["message"].as_str().unwrap().contains("`clusters`"), "{report:#}");
}

#[test]
fn renders_with_real_tools() {
    let (Ok(kubectl), Ok(helm)) = (std::env::var("MESHSYNTH_KUBECTL"), std::env::var("MESHSYNTH_HELM")) else { return };
    let project = project("render-real", &[]);
    project.write("base/kustomization.yaml", "resources: [service.yaml]\n");
    project.write("base/service.yaml", SERVICE);
    project.write("overlays/prod/kustomization.yaml", "namespace: prod\nresources: [../../base]\n");
    project.write(
        "app.yaml",
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: { name: test, \
         namespace: argocd }\nspec: { project: default, destination: { namespace: test }, source: { repoURL: a, path: \
         base, kustomize: { namePrefix: test-, namespace: test } } }\n",
    );
    project.write("charts/shop/Chart.yaml", "apiVersion: v2\nname: shop\nversion: 1.0.0\n");
    project.write(
        "charts/shop/templates/service.yaml",
        &faulty().replace("name: a", "name: {{ .Release.Name }}-{{ .Values.name }}"),
    );
    project.write("charts/shop/values.yaml", "name: b\n");
    let folders = [&kubectl, &helm].map(|tool| Path::new(tool).parent().unwrap().to_owned());
    let path = std::env::join_paths(folders).unwrap();
    let args = ["check", "--render", ".", "--format", "json", "--quiet"];
    let output = project.command(&args).env("PATH", path).output().unwrap();
    let report: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
    let found = &report["diagnostics"][0];
    assert_eq!(found["construct"], "default/service-shop-b", "{report:#}");
    assert!(found["notes"].to_string().contains("charts/shop/templates/service.yaml"), "{found:#}");
    // The four objects: the Application, and the Services of the overlay, of the Application and of the chart.
    assert_eq!(report["objects"], 4, "{report:#}");
}

#[test]
fn reports_cycle_of_kustomizations() {
    let project = project("render-circle", &[("kustomize", KUSTOMIZE)]);
    kustomization(&project, "k8s/a", "resources: [../b]\n", SERVICE);
    kustomization(&project, "k8s/b", "resources: [../c]\n", SERVICE);
    kustomization(&project, "k8s/c", "resources: [../b, ../d]\n", SERVICE);
    kustomization(&project, "k8s/d", "resources: []\n", SERVICE);
    kustomization(&project, "k8s/e", "resources: [../f]\n", SERVICE);
    kustomization(&project, "k8s/f", "resources: [../e]\n", SERVICE);
    for folder in ["a", "e"] {
        project.write(&format!("k8s/{folder}/fail"), "");
    }
    let text = run(&project, &["check", "k8s", "--render"]);
    // `a` refers to `b` and `c`; `e` and `f` only refer to each other.
    assert_eq!(calls(&project), "kustomize build k8s/a\nkustomize build k8s/e\n");
    assert!(text.contains("exit code: 1") && text.matches("error[MS0126]").count() == 2, "{text}");
}

#[test]
fn common_base_is_not_a_duplicate() {
    let project = project("render-common", &[("kustomize", KUSTOMIZE)]);
    let another = SERVICE.replace("name: a", "name: b");
    kustomization(&project, "k8s/default", "resources: []\n", &format!("{SERVICE}---\n{another}"));
    kustomization(&project, "k8s/minimal", "resources: []\n", SERVICE);
    let text = run(&project, &["check", "k8s", "--render"]);
    assert!(text.contains("exit code: 0") && !text.contains("MS0408"), "{text}");
    // A duplicate in the output of one kustomization is a mistake.
    kustomization(&project, "k8s/minimal", "resources: []\n", &format!("{another}---\n{another}"));
    let text = run(&project, &["check", "k8s", "--render"]);
    assert_eq!(text.matches("[MS0408]").count(), 1, "{text}");
}
