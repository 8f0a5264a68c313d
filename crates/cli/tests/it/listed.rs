//! Objects that a cluster lists: those of users with fields of the API server, and those that controllers create.

use std::fs;
use std::path::Path;

use crate::folders::Place;

const LISTED: &str = include_str!("../adopt/manifests/listed-by-kubectl.yaml");

const WRITTEN: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: shop }
spec:
  replicas: 2
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec: { containers: [{ name: web, image: \"registry.example/web:1.0.0\" }] }
---
apiVersion: v1
kind: Service
metadata: { name: web, namespace: shop }
spec:
  type: NodePort
  selector: { app: web }
  ports: [{ name: http, port: 80, targetPort: 8080, nodePort: 31234 }]
";

/// Returns the Deployment, the Service and the objects that controllers create for them.
fn web() -> String {
    let (head, items) = LISTED.split_once("items:\n").unwrap();
    let is_of_web = |item: &&str| item.contains("name: web") || item.contains("name: web-");
    let items: String = items.split("- apiVersion:").filter(is_of_web).map(|it| format!("- apiVersion:{it}")).collect();
    format!("{head}items:\n{items}")
}

#[test]
fn listing_equals_applied_objects() {
    let place = Place::new("listed-applied");
    place.write("old/all.yaml", &web()).write("new/web.yaml", WRITTEN);
    let (code, report) = place.diff(&[]);
    assert!(code == 0 && report.contains("no changes"), "{report}");
    assert!(report.contains("`Pod`: its `ReplicaSet` creates it"), "{report}");
}

/// The listings of an API server for `fixtures/listed`, as `tests/tools/listed.py` records them.
#[test]
fn recorded_listings_equal_applied_objects() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/listed");
    for case in ["core", "pods", "others", "in_other_words", "node_ports"] {
        let read = |file: String| fs::read_to_string(folder.join(file)).unwrap();
        let place = Place::new(&format!("listed-{case}"));
        place
            .write("old/all.yaml", &read(format!("{case}.yaml")))
            .write("new/all.yaml", &read(format!("{case}.listed.yaml")));
        place.is_quiet();
    }
}

#[test]
fn unordered_list_items_have_defaults() {
    let policy = |protocol: &str| {
        let rule = |app: &str| {
            format!(
                "{{ from: [{{ podSelector: {{ matchLabels: {{ app: {app} }} }} }}], ports: [{{ port: 80{protocol} }}] \
                 }}"
            )
        };
        format!(
            "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {{ name: web, namespace: shop }}\n\
             spec: {{ podSelector: {{}}, policyTypes: [Ingress], ingress: [{}, {}] }}\n",
            rule("a"),
            rule("b")
        )
    };
    let secret = |strategy: &str| {
        format!(
            "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {{ name: db, namespace: shop }}\nspec:\n  \
             secretStoreRef: {{ name: aws, kind: ClusterSecretStore }}\n  target: {{ name: db }}\n  \
             data: [{{ secretKey: password, remoteRef: {{ key: db{strategy} }} }}]\n"
        )
    };
    let place = Place::new("listed-items");
    place.write("old/policy.yaml", &policy("")).write("new/policy.yaml", &policy(", protocol: TCP"));
    place.write("old/secret.yaml", &secret("")).write("new/secret.yaml", &secret(", conversionStrategy: Default"));
    place.is_quiet();
    place.write("new/secret.yaml", &secret(", conversionStrategy: Unicode"));
    assert_eq!(place.changes().len(), 1);
}

#[test]
fn keeps_manually_bound_volume() {
    let claim = |more: &str, note: &str| {
        format!(
            "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {{ name: files, namespace: shop{note} }}\n\
             spec: {{ accessModes: [ReadWriteMany], storageClassName: '', resources: {{ requests: {{ storage: 1Gi }} }}{more} }}\n"
        )
    };
    let place = Place::new("listed-bound");
    let bound = ", volumeName: files-of-shop";
    place.write("old/all.yaml", &claim(bound, ""));
    place.write("new/all.yaml", &claim(bound, ", uid: a, annotations: { pv.kubernetes.io/bind-completed: 'yes' }"));
    place.is_quiet();
    place.write("old/all.yaml", &claim("", ""));
    assert_eq!(place.changes().len(), 1, "another volume may be bound");
    place
        .write("new/all.yaml", &claim(bound, ", uid: a, annotations: { pv.kubernetes.io/bound-by-controller: 'yes' }"));
    place.is_quiet();
}

#[test]
fn listings_differ_only_in_fields_that_users_set() {
    let place = Place::new("listed-twice");
    let later =
        LISTED.replace("10.100.3.4", "10.100.9.9").replace("web-5d9c7b", "web-77aa4f").replace("web:1.0", "web:1.1");
    place.write("old/all.yaml", LISTED).write("new/all.yaml", &later);
    let changes = place.changes();
    assert_eq!(changes.len(), 1, "{changes:?}");
    assert_eq!(changes[0]["kind"], "Deployment", "{changes:?}");
}

#[test]
fn compares_fields_that_differ_from_default() {
    let place = Place::new("listed-differing");
    let other =
        web().replace("maxSurge: 25%", "maxSurge: 50%").replace("sessionAffinity: None", "sessionAffinity: ClientIP");
    place.write("old/all.yaml", &other).write("new/web.yaml", WRITTEN);
    let report = place.diff(&[]).1;
    assert!(report.contains("maxSurge") && report.contains("sessionAffinity"), "{report}");
}

#[test]
fn distinguishes_claims_of_stateful_set() {
    let place = Place::new("listed-claims");
    let set = "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: { name: db, namespace: shop, uid: a }\nspec:\n  serviceName: db\n  \
               selector: { matchLabels: { app: db } }\n  volumeClaimTemplates: [{ metadata: { name: data }, spec: {} }]\n";
    let claim = |metadata: &str| {
        format!(
            "{set}---\napiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {{ name: data-db-0, namespace: \
             shop{metadata} }}\n"
        )
    };
    place.write("old/all.yaml", &claim(", uid: b")).write("new/set.yaml", set);
    place.is_quiet();
    place.write("old/all.yaml", &claim(""));
    assert_eq!(place.changes().len(), 1, "a claim that somebody wrote is one");
}
