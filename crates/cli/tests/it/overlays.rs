//! `meshsynth diff` of folders with conflicting definitions of the same objects: overlays, environments and
//! installation variants.

use serde_json::json;

use crate::folders::{Place, deployment, rows};

fn service(port: u16) -> String {
    json!({ "apiVersion": "v1", "kind": "Service", "metadata": { "name": "web" }, "spec": { "ports": [{ "port": port }] } })
        .to_string()
}

/// Writes two variants of an installation in one file each. One of them has its own image.
fn variants(case: &str) -> Place {
    let place = Place::new(case);
    for (file, image) in [("install", "shop/web:1"), ("ha", "shop/web:1-ha")] {
        place.write(&format!("old/{file}.yaml"), &format!("{}---\n{}\n", deployment("web", image), service(80)));
    }
    place
}

#[test]
fn matches_variants_in_other_folders() {
    let place = variants("variants-moved");
    for (file, image) in [("shop", "shop/web:1"), ("available", "shop/web:1-ha")] {
        place.write(&format!("new/{file}.yaml"), &format!("{}---\n{}\n", deployment("web", image), service(80)));
    }
    place.is_quiet();
    let place = variants("variants-split");
    for (folder, image) in [("install", "shop/web:1"), ("ha", "shop/web:1-ha")] {
        place.write(&format!("new/k8s/{folder}/web.yaml"), &deployment("web", image));
        place.write(&format!("new/k8s/{folder}/service.json"), &service(80));
    }
    place.is_quiet();
}

#[test]
fn reports_only_changes_of_moved_variant() {
    let place = variants("variants-changed");
    place.write("new/shop.yaml", &format!("{}---\n{}\n", deployment("web", "shop/web:1"), service(8080)));
    place.write("new/ha.yaml", &format!("{}---\n{}\n", deployment("web", "shop/web:1-ha"), service(80)));
    assert_eq!(rows(&place.changes()), ["in place Service web"]);
}

#[test]
fn plain_installation_matches_one_of_two_new_variants() {
    let place = Place::new("variants-second");
    place.write("old/web.yaml", &deployment("web", "shop/web:1")).write("old/service.json", &service(80));
    for (folder, image) in [("prod", "shop/web:1"), ("dev", "shop/web:dev")] {
        place.write(&format!("new/{folder}/web.yaml"), &deployment("web", image));
        place.write(&format!("new/{folder}/service.json"), &service(80));
    }
    assert_eq!(rows(&place.changes()), ["create Deployment web", "create Service web"]);
}

#[test]
fn objects_in_different_variants_do_not_match() {
    let place = variants("variants-other");
    let job = "---\napiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\n";
    place.write("old/ha.yaml", &format!("{}{job}", deployment("web", "shop/web:1-ha")));
    place.write("old/install.yaml", &deployment("web", "shop/web:1"));
    place.write("new/ha.yaml", &deployment("web", "shop/web:1-ha"));
    place.write("new/install.yaml", &format!("{}{job}", deployment("web", "shop/web:1")));
    assert_eq!(rows(&place.changes()), ["prune ConfigMap a", "create ConfigMap a"]);
}
