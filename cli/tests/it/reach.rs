//! `meshsynth reach`: of outputs, and of plain files.

use std::path::Path;

use serde_json::Value;

use crate::project::Project;

/// What the command says of a reference platform, and how it ends.
fn ask(case: &str, args: &[&str]) -> (String, String, i32) {
    let platform = Path::new(env!("CARGO_MANIFEST_DIR")).join("../snapshots/genai-demo-production");
    let project = Project::new(case, "exit 1");
    let output =
        project.command(&[&["reach", "--assembly", platform.to_str().unwrap()], args].concat()).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (text(output.stdout), text(output.stderr), output.status.code().unwrap())
}

#[test]
fn a_service_reaches_its_database_by_every_layer() {
    let (out, _, code) = ask("reach-why", &["--from", "order", "--to", "order-db", "--why"]);
    assert_eq!(code, 0);
    assert!(out.starts_with("allowed  genai-demo/order -> data/order-db\n"), "{out}");
    for layer in ["route", "network ACL", "security group", "network policy", "trust", "login"] {
        assert!(out.contains(&format!("  {layer:15} allowed")), "{layer}: {out}");
    }
    assert!(out.contains("AssumeRolePolicyDocument.Statement[0] at stacks/genai-demo/src/services.rs"), "{out}");
}

#[test]
fn what_stops_somebody_is_told_with_its_line() {
    let (out, _, code) = ask("reach-stop", &["--from", "payment", "--to", "order-db"]);
    assert_eq!(code, 0);
    assert!(out.starts_with("denied   genai-demo/payment -> data/order-db\n"), "{out}");
    assert!(out.contains("rds-db:connect") && out.contains("to open it:"), "{out}");
}

#[test]
fn an_expectation_decides_the_exit_code() {
    let ends = ["--from", "order", "--to", "order-db", "--expect"];
    assert_eq!(ask("reach-expect", &[ends.as_slice(), &["allowed"]].concat()).2, 0);
    let (_, err, code) = ask("reach-expect", &[ends.as_slice(), &["denied"]].concat());
    assert_eq!((code, err.as_str()), (1, "error: not every answer is `denied`\n"));
}

#[test]
fn a_wrong_name_leads_to_the_right_one() {
    let (_, err, code) = ask("reach-name", &["--from", "ordr", "--to", "order-db"]);
    assert_eq!(code, 2);
    assert!(err.contains("nothing is called `ordr`") && err.contains("did you mean `order`?"), "{err}");
    let (_, err, code) = ask("reach-name", &[]);
    assert_eq!(code, 2, "{err}");
}

#[test]
fn all_that_come_are_a_table() {
    let (out, _, _) = ask("reach-table", &["--to", "order-db", "--format", "table"]);
    let first: Vec<&str> = out.lines().take(2).collect();
    assert!(first[0].starts_with("VERDICT") && first[1].starts_with("allowed  genai-demo/order "), "{out}");
}

#[test]
fn programs_read_the_answers_as_json() {
    let (out, _, _) = ask("reach-json", &["--from", "order", "--to", "order-db", "--format", "json"]);
    let value: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((value["answers"][0]["verdict"].as_str(), value["format_version"].as_u64()), (Some("allowed"), Some(1)));
    assert!(value["digest"].as_str().unwrap().starts_with("sha256:"));
    let chain = value["answers"][0]["chain"].as_array().unwrap();
    assert!(chain.iter().any(|it| it["layer"] == "login" && it["at"]["source"].as_str().unwrap().contains(".rs:")));
}

#[test]
fn a_page_is_the_same_on_every_day_and_loads_nothing() {
    let page = || ask("reach-page", &["--from", "internet", "--format", "html"]).0;
    let first = page();
    assert_eq!(first, page());
    assert!(first.contains("sha256:") && first.contains("do not take into account"), "{first}");
    assert!(!first.contains("http://") && !first.contains("src=") && !first.contains("<script"), "{first}");
}

#[test]
fn a_chart_has_an_arrow_for_each_answer() {
    let (out, _, _) = ask("reach-chart", &["--from", "payment", "--format", "mermaid"]);
    assert!(out.starts_with("flowchart LR\n") && out.contains("[\"data/payment-db\"]"), "{out}");
    let (out, _, _) = ask("reach-chart", &["--from", "order", "--to", "order-db", "--why", "--format", "mermaid"]);
    assert!(out.contains("security group<br/>") && out.contains("classDef allowed"), "{out}");
}

#[test]
fn plain_manifests_are_asked_without_a_program() {
    let project = Project::new("reach-plain", "exit 1");
    let pod = |name: &str| {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata:\n  name: {name}\n  namespace: shop\n  labels:\n    app: {name}\nspec:\n  containers:\n    - name: main\n      image: x\n      ports:\n        - containerPort: 80\n---\n"
        )
    };
    let policy = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata:\n  name: db\n  namespace: shop\nspec:\n  podSelector:\n    matchLabels:\n      app: db\n  policyTypes: [Ingress]\n  ingress:\n    - from:\n        - podSelector:\n            matchLabels:\n              app: orders\n";
    project.write("k8s/shop.yaml", &[pod("orders"), pod("web"), pod("db"), policy.to_owned()].concat());
    let ask = |from: &str| {
        let output = project.command(&["reach", "--assembly", "k8s", "--from", from, "--to", "db"]).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    assert!(ask("orders").starts_with("allowed  shop/orders -> shop/db\n"), "{}", ask("orders"));
    let stopped = ask("web");
    assert!(stopped.starts_with("denied   shop/web -> shop/db\n"), "{stopped}");
    assert!(stopped.contains("NetworkPolicy shop/db spec.ingress at shop.yaml:"), "{stopped}");
}
