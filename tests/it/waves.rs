//! Waves of objects: they depend only on the kind, and not on how the object is defined.

use std::fs;

use meshsynth::facts::{self, known_kinds};
use meshsynth::testing::{Platform, namespace};
use meshsynth::val::{Bag, Data};
use meshsynth::{At, Manifest};

use crate::support::{files, root};

/// Returns `apiVersion`, `kind` and wave of every typed kind from its source.
fn typed_waves() -> Vec<(String, String, String)> {
    let mut found = Vec::new();
    for file in files(&root().join("crates/kube/src"), &["rs"]) {
        for line in fs::read_to_string(file).expect("a source is text").lines() {
            let words: Vec<&str> = line.split_whitespace().collect();
            let text = |word: &str| word.trim_matches('"').to_owned();
            if let [_, "=", version, kind, wave, ..] = words.as_slice()
                && version.starts_with('"')
                && kind.starts_with('"')
            {
                found.push((text(version), text(kind), (*wave).to_owned()));
            }
        }
    }
    found
}

#[test]
fn applies_typed_and_raw_objects_in_the_same_wave() {
    let typed = typed_waves();
    assert_eq!(typed.len(), known_kinds().count(), "every kind has a type");
    for (version, kind, wave) in typed {
        assert_eq!(format!("{:?}", facts::wave(&version, &kind)), wave, "{version} {kind}");
    }
}

#[test]
fn kinds_without_a_schema_and_older_versions_have_a_wave() {
    for (version, kind, wave) in [
        ("elbv2.k8s.aws/v1beta1", "TargetGroupBinding", "Routes"),
        ("external-secrets.io/v1alpha1", "PushSecret", "Configuration"),
        ("apiextensions.k8s.io/v1", "CustomResourceDefinition", "Crds"),
        ("networking.istio.io/v1beta1", "VirtualService", "Routes"),
        ("example.com/v1", "Deployment", "Configuration"),
    ] {
        assert_eq!(format!("{:?}", facts::wave(version, kind)), wave, "{version} {kind}");
    }
}

#[test]
fn writes_raw_manifests_to_the_folder_of_their_wave() {
    let platform = Platform::synth("shop", |app| {
        let shop = namespace(app);
        for (version, kind) in [("v1", "Endpoints"), ("elbv2.k8s.aws/v1beta1", "TargetGroupBinding")] {
            let body = Bag::default().with("apiVersion", version).with("kind", kind);
            let body = body.with("metadata", Bag::default().with("name", "raw").with("namespace", "shop"));
            let raw = Manifest::new(Data::Map(body), At::caller()).expect("it is one");
            raw.define(&shop, &kind.to_lowercase());
        }
    });
    let paths = platform.assembly.files.keys();
    let raw: Vec<&str> = paths.filter(|path| path.ends_with("-raw.yaml")).map(String::as_str).collect();
    assert_eq!(raw.len(), 2, "{raw:?}");
    assert!(raw.iter().any(|path| path.contains("40-workloads") && path.contains("endpoints")), "{raw:?}");
    assert!(raw.iter().any(|path| path.contains("50-routes") && path.contains("targetgroupbinding")), "{raw:?}");
}
