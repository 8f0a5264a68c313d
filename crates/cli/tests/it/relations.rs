//! Relations that do not work, and connections without a relation, in `synth` and `reach --check`.

use std::fs;
use std::path::Path;

use crate::project::Project;

/// Runs the check for a reference platform with one changed file; returns its output and exit code.
fn checked(case: &str, file: &str, from: &str, to: &str) -> (String, i32) {
    let platform = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../snapshots/ecommerce");
    let project = Project::new(case, "exit 1");
    copy(&platform, &project.root.join("out"));
    if !file.is_empty() {
        let path = project.root.join("out").join(file);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{text}");
        fs::write(path, text.replace(from, to)).unwrap();
    }
    let output = project.command(&["reach", "--check", "--assembly", "out"]).output().unwrap();
    (String::from_utf8(output.stderr).unwrap(), output.status.code().unwrap())
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target)
        } else {
            fs::copy(entry.path(), target).map(drop).unwrap()
        }
    }
}

#[test]
fn working_relations_have_no_findings() {
    assert_eq!(checked("relations-fine", "", "", ""), ("checked out: 0 rules\n".to_owned(), 0));
}

#[test]
fn reports_one_error_for_each_cause() {
    let policy = "k8s/platform-cluster/50-routes/ecommerce/authorizationpolicy-products.yaml";
    let (text, code) =
        checked("relations-cut", policy, "cluster.local/ns/ecommerce/sa/", "cluster.local/ns/ecommerce/sa/not-");
    assert_eq!(code, 1, "{text}");
    assert_eq!(text.matches("error[MS1225]").count(), 1, "{text}");
    let first = "error[MS1225]: `ecommerce/orders` calls `ecommerce/products-v2:8080`, but cannot reach it\n  --> \
         stacks/ecommerce/src/services.rs:";
    let also = "for the same reason, `ecommerce/saga` calls `ecommerce/products-v2:8080`, but cannot reach it";
    let why = "authorization denied: no rule of AuthorizationPolicy ecommerce/products or AuthorizationPolicy \
         ecommerce/deny-all allows cluster.local/ns/ecommerce/sa/orders on port 8080 (AuthorizationPolicy \
         ecommerce/products spec.rules)";
    let help = "= help: authorization: add ";
    for part in [first, also, why, help, "`out` violates reachability rules"] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[test]
fn connection_without_relation_is_a_warning() {
    let graph = "graph.json";
    let platform = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../snapshots/ecommerce");
    let text = fs::read_to_string(platform.join(graph)).unwrap();
    let edge = text
        .split("    {\n")
        .find(|it| it.contains("\"to\": \"services/ecommerce/customers\"") && it.contains("/orders\""))
        .unwrap();
    let (text, code) = checked("relations-way", graph, edge, &edge.replace("customers", "customers-of-others"));
    assert_eq!(code, 0, "{text}");
    let first = "warning[MS1226]: `ecommerce/orders` can reach `ecommerce/customers`, but no relation declares this \
         connection\n  --> stacks/ecommerce/src/services.rs:";
    let chain = "authorization allowed: allows cluster.local/ns/ecommerce/sa/orders (AuthorizationPolicy \
         ecommerce/customers spec.rules[";
    let help = "= help: declare the relation (`calls`, `allow_from`, `grant_*`), or close the connection: ";
    for part in [first, chain, help] {
        assert!(text.contains(part), "{part}: {text}");
    }
}
