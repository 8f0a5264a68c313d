//! Compares templates and manifests of any tool with deployed stacks and cluster objects. AWS and the cluster are
//! simulated on the loopback interface.

use std::fs;

use serde_json::{Value, json};

use crate::place::{DATA, Place, deployment, namespace, said};

#[test]
fn compares_template_with_stack_of_same_name() {
    let place = Place::new("stack");
    place.write("deploy/data.yaml", DATA).stack("data", DATA, &[("Stage", "live")], &[]);
    let (code, report) = place.diff(&["--head", "deploy"]);
    assert!(code == 0 && report.contains("no changes"), "{report}");
    // The stack has a parameter value, so a changed default replaces no resource.
    let new = DATA.replace("Default: dev", "Default: prod").replace("VisibilityTimeout: 30", "VisibilityTimeout: 60");
    place.write("deploy/data.yaml", &new);
    let (code, report) = place.diff(&["--head", "deploy"]);
    assert!(code == 1 && report.contains("1 change: 1 in place") && report.contains("30 → 60"), "{report}");
    assert!(report.contains("the parameter `Stage` keeps `live`"), "{report}");
    place.write("deploy/data.yaml", &DATA.replace("-orders", "-sales"));
    let (_, report) = place.diff(&["--head", "deploy"]);
    assert!(report.contains("live-orders → live-sales") && report.contains("--> deploy/data.yaml:5:3"), "{report}");
    // The head can be a file, and the stack can be in another region.
    let (code, report) = place.diff(&["--head", "deploy/data.yaml", "--region", "us-east-1"]);
    assert!(
        code == 1 && report.contains("2 create") && report.contains("there is no deployed stack `data`"),
        "{report}"
    );
    let (_, _, errors) = said(
        place.command(&["diff", "--base", "deployed", "--head", "deploy"]).env("AWS_ENDPOINT_URL", &place.aws.address),
    );
    assert!(
        errors.contains("the region of the stack `data` is not specified") && errors.contains("--region"),
        "{errors}"
    );
}

#[test]
fn map_file_names_the_stack_of_a_template() {
    let place = Place::new("map");
    place.write("network/template.yaml", DATA).write("data/template.yaml", DATA);
    place.stack("prod-data", DATA, &[("Stage", "dev")], &[]).stack("prod-network", DATA, &[("Stage", "dev")], &[]);
    let errors = place.fails(&["--head", "."]);
    assert!(errors.contains("have the stack name `template`") && errors.contains("[[stack]]"), "{errors}");
    let row = |of: &str| format!("[[stack]]\ntemplate = \"{of}/template.yaml\"\nname = \"prod-{of}\"\n");
    place.write("map.toml", &format!("{}{}", row("data"), row("network")));
    let (code, report) = place.diff(&["--head", ".", "--map", "map.toml"]);
    assert!(code == 0 && report.contains("no changes"), "{report}");
    place.write("map.toml", &row("dat"));
    let errors = place.fails(&["--head", ".", "--map", "map.toml"]);
    assert!(errors.contains("there is no template `dat/template.yaml`") && errors.contains("map.toml:1:1"), "{errors}");
}

#[test]
fn resolves_nested_stacks_and_uploaded_files() {
    let place = Place::new("nested");
    let parent = |url: &str, code: &str| {
        format!(
            "Resources:\n  Data:\n    Type: AWS::CloudFormation::Stack\n    Properties:\n      TemplateURL: {url}\n  \
             Handler:\n    Type: AWS::Lambda::Function\n    Properties:\n      Handler: a.b\n      Runtime: python3.13\n      \
             Role: arn:aws:iam::111122223333:role/r\n      Code: {code}\n"
        )
    };
    place.write("deploy/shop.yaml", &parent("./parts/data.yaml", "./src")).write("deploy/parts/data.yaml", DATA);
    let deployed = parent("https://s3.eu-west-1.amazonaws.com/b/1.template", "{ S3Bucket: b, S3Key: k }");
    place.stack("shop", &deployed, &[], &[("Data", "shop-Data-1ABC")]);
    place.stack("shop-Data-1ABC", DATA, &[("Stage", "dev")], &[]);
    let (code, report) = place.diff(&["--head", "deploy"]);
    assert!(code == 0 && report.contains("`Data.TemplateURL`, `Handler.Code` is not compared"), "{report}");
    place.write("deploy/parts/data.yaml", &DATA.replace(": 30", ": 60"));
    let (code, report) = place.diff(&["--head", "deploy"]);
    assert!(code == 1 && report.contains("AWS: stack data\n") && report.contains("1 change: 1 in place"), "{report}");
    fs::remove_file(place.root.join("deploy/parts/data.yaml")).unwrap();
    let (code, report) = place.diff(&["--head", "deploy"]);
    assert!(code == 0 && report.contains("not compared: the nested stack `Data` of `shop`"), "{report}");
}

#[test]
fn reports_stacks_that_are_busy_or_were_never_created() {
    let place = Place::new("states");
    place.write("deploy/data.yaml", DATA).stack("data", DATA, &[], &[]);
    let set = |status: &str| {
        let mut world = place.aws.world.lock().unwrap();
        status.clone_into(&mut world.find_mut("eu-west-1", "data").unwrap().stack.status);
    };
    set("UPDATE_IN_PROGRESS");
    assert!(place.fails(&["--head", "deploy"]).contains("stack `data` (eu-west-1) has an operation in progress"));
    for status in ["REVIEW_IN_PROGRESS", "ROLLBACK_COMPLETE"] {
        set(status);
        let (code, report) = place.diff(&["--head", "deploy"]);
        assert!(code == 1 && report.contains("2 create"), "{report}");
    }
}

/// Returns the object as an API server stores it.
fn kept(mut object: Value) -> Value {
    object["spec"]["progressDeadlineSeconds"] = json!(600);
    let container = &mut object["spec"]["template"]["spec"]["containers"][0];
    container["imagePullPolicy"] = json!("IfNotPresent");
    container["ports"][0]["protocol"] = json!("TCP");
    object["status"] = json!({ "replicas": 2 });
    object
}

const WEB: &str = "/apis/apps/v1/namespaces/shop/deployments/web";

#[test]
fn compares_objects_applied_by_helm_or_kubectl() {
    for manager in ["helm", "kubectl-client-side-apply"] {
        let place = Place::new(manager);
        place.kubeconfig().object("/api/v1/namespaces/shop", "kubectl-create", &namespace());
        let mut live = kept(deployment("shop/web:1", &["A", "B"]));
        if manager != "helm" {
            let given = deployment("shop/web:1", &["A", "B"]).to_string();
            live["metadata"]["annotations"]["kubectl.kubernetes.io/last-applied-configuration"] = given.into();
        }
        place.object(WEB, manager, &live);
        place.write("k8s/web.json", &deployment("shop/web:1", &["A", "B"]).to_string());
        let (code, report) = place.diff(&["--head", "k8s"]);
        assert!(code == 0 && report.contains("cluster `cluster` uses the context `one`"), "{report}");
        // A field that a user or a controller added is not a change. For a manifest field with another value, the
        // value in the cluster is the old side.
        {
            let cluster = place.server.cluster.lock().unwrap();
            cluster.edit(WEB, "kubectl-edit", |it| {
                it["spec"]["template"]["spec"]["containers"][0]["image"] = json!("shop/web:hotfix")
            });
            cluster.edit(WEB, "kubectl-annotate", |it| it["metadata"]["annotations"]["by"] = json!("hand"));
            cluster.edit(WEB, "istio-sidecar-injector", |it| {
                let pods = &mut it["spec"]["template"]["spec"]["containers"];
                pods.as_array_mut().unwrap().push(json!({ "name": "istio-proxy", "image": "proxy" }));
            });
        }
        let (_, report) = place.diff(&["--head", "k8s"]);
        assert!(
            report.contains("1 change: 1 rollout restart") && report.contains("shop/web:hotfix → shop/web:1"),
            "{report}"
        );
        assert!(!report.contains("istio-proxy") && !report.contains("hand"), "{report}");
        // The old manifest contained this field, so its removal is a change.
        place.write("k8s/web.json", &deployment("shop/web:hotfix", &["A"]).to_string());
        let (_, report) = place.diff(&["--head", "k8s"]);
        assert!(report.contains("- ") && report.contains("env[B]"), "{manager}: {report}");
        assert!(!report.contains("imagePullPolicy") && !report.contains("progressDeadline"), "{report}");
        // Without permission for a dry run, the manifest itself is compared.
        place.server.cluster.lock().unwrap().no_dry_run.set(true);
        place.write("k8s/web.json", &deployment("shop/web:2", &["A", "B"]).to_string());
        let (_, report) = place.diff(&["--head", "k8s"]);
        assert!(report.contains("shop/web:hotfix → shop/web:2") && report.contains("rejects a dry run"), "{report}");
        assert!(report.contains("1 change: "), "{report}");
        let log = place.server.cluster.lock().unwrap().log.borrow().clone();
        assert!(log.is_empty(), "it only looks: {log:?}");
    }
}

#[test]
fn reports_unknown_objects_without_deleting_them() {
    let place = Place::new("others");
    place.kubeconfig().object("/api/v1/namespaces/shop", "kubectl-create", &namespace());
    let map = |name: &str, instance: &str| {
        json!({ "apiVersion": "v1", "kind": "ConfigMap", "data": { "a": "1" },
            "metadata": { "name": name, "namespace": "shop", "labels": { "app.kubernetes.io/instance": instance } } })
    };
    for (name, instance) in [("one", "shop"), ("two", "shop"), ("old", "shop"), ("other", "else")] {
        place.object(&format!("/api/v1/namespaces/shop/configmaps/{name}"), "helm", &map(name, instance));
    }
    place.write("k8s/one.json", &map("one", "shop").to_string()).write("k8s/two.json", &map("two", "shop").to_string());
    place.write("k8s/new.json", &map("new", "shop").to_string());
    let secret = "apiVersion: v1\nkind: Secret\nmetadata: { name: login, namespace: shop }\nstringData: { password: \
         very-secret }\n";
    place.write("k8s/secret.yaml", secret);
    let (code, report) = place.diff(&["--head", "k8s"]);
    assert!(code == 1 && report.contains("2 changes: 2 create"), "{report}");
    assert!(report.contains("of the same releases: ConfigMap `shop/old`") && !report.contains("other`"), "{report}");
    assert!(!report.contains("very-secret"), "{report}");
    let live = json!({ "apiVersion": "v1", "kind": "Secret", "type": "Opaque", "metadata": { "name": "login", "namespace": "shop" },
        "data": { "password": "dmVyeS1zZWNyZXQ=" } });
    place.object("/api/v1/namespaces/shop/secrets/login", "kubectl-create", &live);
    let (_, report) = place.diff(&["--head", "k8s"]);
    assert!(report.contains("1 change: 1 create"), "{report}");
}

#[test]
fn maps_clusters_to_contexts() {
    let place = Place::new("clusters");
    place.kubeconfig().object("/api/v1/namespaces/shop", "kubectl-create", &namespace());
    place.object(WEB, "helm", &kept(deployment("shop/web:1", &[])));
    for cluster in ["tokyo", "osaka"] {
        place.write(&format!("k8s/{cluster}/web.json"), &deployment("shop/web:2", &[]).to_string());
    }
    let both = ["--head", "k8s", "--cluster", "tokyo=tokyo", "--cluster", "osaka=osaka"];
    let errors = place.fails(&both);
    assert!(
        errors.contains("cluster `osaka`: the kubeconfig has no context `osaka`") && errors.contains("`tokyo`"),
        "{errors}"
    );
    let (_, report) = place.diff(&[&both[..], &["--context", "osaka=one"]].concat());
    assert!(
        report.contains("2 changes: 2 rollout restart") && report.contains("`tokyo` uses the context `tokyo`"),
        "{report}"
    );
    let errors = place.fails(&[&both[..], &["--context", "one"]].concat());
    assert!(errors.contains("specifies one context, but there are 2 clusters"), "{errors}");
    // Different overlays cannot belong to one cluster.
    place.write("k8s/osaka/web.json", &deployment("shop/web:3", &[]).to_string());
    let errors = place.fails(&["--head", "k8s"]);
    assert!(errors.contains("contain different definitions of the same objects"), "{errors}");
}

#[test]
fn reports_which_service_requires_sign_in() {
    let place = Place::new("nobody");
    place.write("k8s/web.json", &deployment("shop/web:1", &[]).to_string());
    let bare = |args: &[&str]| said(place.command(args).env("AWS_REGION", "eu-west-1"));
    let (code, _, errors) = bare(&["diff", "--base", "deployed", "--head", "k8s"]);
    assert!(code == 2 && errors.contains("the kubeconfig cannot be read") && !errors.contains("AWS"), "{errors}");
    place.kubeconfig();
    *place.server.refused.lock().unwrap() = 50;
    let (code, _, errors) = bare(&["diff", "--base", "deployed", "--head", "k8s"]);
    assert!(code == 2 && errors.contains("cluster `cluster`") && errors.contains("sign in again"), "{errors}");
    fs::remove_file(place.root.join("kubeconfig")).unwrap();
    place.write("k8s/data.yaml", DATA);
    let (code, _, errors) = bare(&["diff", "--base", "deployed", "--head", "k8s"]);
    assert!(
        code == 2 && errors.contains("not signed in to AWS") && errors.contains("the kubeconfig cannot be read"),
        "{errors}"
    );
    let (code, _, errors) = bare(&["diff", "--base", "deployed", "--head", "k8s", "--stacks-only"]);
    assert!(code == 2 && errors.contains("not signed in to AWS") && !errors.contains("kubeconfig cannot"), "{errors}");
}
