//! `meshsynth reach` with outputs and with plain files.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::project::Project;

/// Runs the command for a reference platform; returns its output and exit code.
fn ask(case: &str, args: &[&str]) -> (String, String, i32) {
    let platform = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../snapshots/genai-demo-production");
    let project = Project::new(case, "exit 1");
    let output =
        project.command(&[&["reach", "--assembly", platform.to_str().unwrap()], args].concat()).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (text(output.stdout), text(output.stderr), output.status.code().unwrap())
}

#[test]
fn service_reaches_database_through_every_layer() {
    let (out, _, code) = ask("reach-why", &["--from", "order", "--to", "order-db", "--why"]);
    assert_eq!(code, 0);
    assert!(out.starts_with("allowed  genai-demo/order -> data/order-db\n"), "{out}");
    for layer in ["route", "network ACL", "security group", "network policy", "trust", "login"] {
        assert!(out.contains(&format!("  {layer:15} allowed")), "{layer}: {out}");
    }
    assert!(out.contains("AssumeRolePolicyDocument.Statement[0] at stacks/genai-demo/src/services.rs"), "{out}");
}

#[test]
fn reports_line_of_denial() {
    let (out, _, code) = ask("reach-stop", &["--from", "payment", "--to", "order-db"]);
    assert_eq!(code, 0);
    assert!(out.starts_with("denied   genai-demo/payment -> data/order-db\n"), "{out}");
    assert!(out.contains("rds-db:connect") && out.contains("to allow it:"), "{out}");
}

#[test]
fn expectation_determines_exit_code() {
    let ends = ["--from", "order", "--to", "order-db", "--expect"];
    assert_eq!(ask("reach-expect", &[ends.as_slice(), &["allowed"]].concat()).2, 0);
    let (_, err, code) = ask("reach-expect", &[ends.as_slice(), &["denied"]].concat());
    assert_eq!((code, err.as_str()), (1, "error: the expected result is `denied`, but another result was found\n"));
}

#[test]
fn suggests_similar_name() {
    let (_, err, code) = ask("reach-name", &["--from", "ordr", "--to", "order-db"]);
    assert_eq!(code, 2);
    assert!(
        err.contains("there is no resource or workload named `ordr`") && err.contains("did you mean `order`?"),
        "{err}"
    );
    let (_, err, code) = ask("reach-name", &[]);
    assert_eq!(code, 2, "{err}");
}

#[test]
fn lists_all_sources_in_table() {
    let (out, _, _) = ask("reach-table", &["--to", "order-db", "--format", "table"]);
    let first: Vec<&str> = out.lines().take(2).collect();
    assert!(first[0].starts_with("VERDICT") && first[1].starts_with("allowed  genai-demo/order "), "{out}");
}

#[test]
fn writes_results_as_json() {
    let (out, _, _) = ask("reach-json", &["--from", "order", "--to", "order-db", "--format", "json"]);
    let value: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((value["answers"][0]["verdict"].as_str(), value["format_version"].as_u64()), (Some("allowed"), Some(1)));
    assert!(value["digest"].as_str().unwrap().starts_with("sha256:"));
    let chain = value["answers"][0]["chain"].as_array().unwrap();
    assert!(chain.iter().any(|it| it["layer"] == "login" && it["at"]["source"].as_str().unwrap().contains(".rs:")));
}

#[test]
fn page_is_reproducible_and_self_contained() {
    let page = || ask("reach-page", &["--from", "internet", "--format", "html"]).0;
    let first = page();
    assert_eq!(first, page());
    assert!(first.contains("sha256:") && first.contains("Limits of this analysis"), "{first}");
    assert!(!first.contains("http://") && !first.contains("src=") && !first.contains("<script"), "{first}");
}

#[test]
fn page_contains_review_information() {
    let (page, _, _) = ask("reach-review", &["--from", "internet", "--format", "html"]);
    for heading in
        ["What can the internet reach?", "<h2>Scope</h2>", "<h2>Allowed</h2>", "<h2>Denied</h2>", "<h2>Signature</h2>"]
    {
        assert!(page.contains(heading), "{heading}: {page}");
    }
    assert!(
        page.contains("CloudFront::Distribution edge-global/distribution → ElasticLoadBalancingV2::ListenerRule"),
        "{page}"
    );
    assert!(page.contains("<td>edge-global</td><td>us-east-1</td>") && page.contains("data/order-db"), "{page}");
    assert!(page.contains("size: A4") && page.contains("<details open>"), "what is printed is whole");
}

#[test]
fn chart_has_arrow_for_each_result() {
    let (out, _, _) = ask("reach-chart", &["--from", "payment", "--format", "mermaid"]);
    assert!(out.starts_with("flowchart LR\n") && out.contains("[\"data/payment-db\"]"), "{out}");
    let (out, _, _) = ask("reach-chart", &["--from", "order", "--to", "order-db", "--why", "--format", "mermaid"]);
    assert!(out.contains("security group<br/>") && out.contains("classDef allowed"), "{out}");
}

#[test]
fn reads_plain_manifests_without_program() {
    let project = pods("reach-plain", "[apps.shop]\nrun = [\"true\"]\n");
    let ask = |from: &str| {
        let output = project.command(&["reach", "--assembly", "k8s", "--from", from, "--to", "db"]).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    assert!(ask("orders").starts_with("allowed  shop/orders -> shop/db\n"), "{}", ask("orders"));
    let stopped = ask("web");
    assert!(stopped.starts_with("denied   shop/web -> shop/db\n"), "{stopped}");
    assert!(stopped.contains("NetworkPolicy shop/db spec.ingress at shop.yaml:"), "{stopped}");
}

/// Creates a project with two pods and a network policy that allows one to connect to the other.
fn pods(case: &str, rules: &str) -> Project {
    let project = Project::new(case, "exit 1");
    let pod = |name: &str| {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata:\n  name: {name}\n  namespace: shop\n  labels:\n    app: \
             {name}\nspec:\n  containers:\n    - name: main\n      image: x\n      ports:\n        - containerPort: \
             80\n---\n"
        )
    };
    let policy = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata:\n  name: db\n  namespace: \
         shop\nspec:\n  podSelector:\n    matchLabels:\n      app: db\n  policyTypes: [Ingress]\n  ingress:\n    - \
         from:\n        - podSelector:\n            matchLabels:\n              app: orders\n";
    project.write("k8s/shop.yaml", &[pod("orders"), pod("web"), pod("db"), policy.to_owned()].concat());
    project.write("meshsynth.toml", rules);
    project
}

fn checked(project: &Project) -> (String, i32) {
    let output = project.command(&["reach", "--check", "--assembly", "k8s"]).output().unwrap();
    (String::from_utf8(output.stderr).unwrap(), output.status.code().unwrap())
}

#[test]
fn checks_rules_without_program() {
    let held = "[[reach]]\nnever = \"web\"\nto = \"db\"\n\n[[reach]]\nalways = [\"orders\"]\nto = \"db:80\"\n";
    let (text, code) = checked(&pods("reach-rules", held));
    assert_eq!((text.as_str(), code), ("checked k8s: 2 rules\n", 0));

    let broken = "[[reach]]\nnever = \"orders\"\nto = \"db\"\n\n[[reach]]\nalways = \"web\"\nto = \"db\"\n";
    let (text, code) = checked(&pods("reach-rules", broken));
    assert_eq!(code, 1);
    assert!(text.contains("error[MS1220]: `shop/orders` reaches `shop/db`\n  --> meshsynth.toml:1:1"), "{text}");
    assert!(text.contains("error[MS1222]: `shop/web` does not reach `shop/db`\n  --> meshsynth.toml:5:1"), "{text}");
    assert!(text.contains("network policy denied: "), "{text}");
}

#[test]
fn reports_unexpected_sources() {
    let project = pods("reach-only", "[[reach]]\nonly = \"orders\"\nto = \"db\"\n");
    assert_eq!(checked(&project).1, 0);
    project.write(
        "k8s/admin.yaml",
        &fs::read_to_string(project.root.join("k8s/shop.yaml"))
            .unwrap()
            .replace("app: orders", "app: web")
            .replace("name: db", "name: db-admin"),
    );
    let (text, code) = checked(&project);
    assert_eq!(code, 1);
    assert!(text.contains("error[MS1221]: `shop/web` reaches `shop/db`, but only `orders` is allowed"), "{text}");
}

#[test]
fn reports_mistakes_in_rules() {
    let said = |rules: &str| checked(&pods("reach-mistakes", rules));
    let (text, code) = said("[[reach]]\nnever = \"web\"\nto = \"dbb\"\n");
    assert_eq!(code, 1);
    assert!(text.contains("error[MS1224]: there is no resource or workload named `dbb`"), "{text}");
    let (text, code) = said("[[reach]]\nto = \"db\"\n");
    assert_eq!(code, 2);
    assert!(text.contains("a rule requires `to`, and `never`, `only` or `always`"), "{text}");
    let (text, _) = said("[[reach]]\nnever = \"a\"\nonly = \"b\"\nto = \"db\"\n");
    assert!(text.contains("`only` and `never` belong to different rules"), "{text}");
    let (text, _) = said("[[reach]]\nnver = \"a\"\nto = \"db\"\n");
    assert!(text.contains("did you mean `never`?"), "{text}");
}

#[test]
fn broken_rule_prevents_synthesis() {
    let project = Project::new("reach-synth", crate::project::GOOD);
    let apps = fs::read_to_string(project.root.join("meshsynth.toml")).unwrap();
    project.write("meshsynth.toml", &format!("{apps}\n[[reach]]\nnever = \"internet\"\nto = \"nobody\"\n"));
    let output = project.command(&["synth"]).output().unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(
        text.contains("error[MS1224]: there is no resource or workload named `nobody`\n  --> meshsynth.toml:4:1"),
        "{text}"
    );
    assert!(!project.root.join("synth.out/shop/manifest.json").exists());
}
