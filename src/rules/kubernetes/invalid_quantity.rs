//! An amount of CPU, memory or storage is not a Kubernetes quantity.
//!
//! # What it reports
//!
//! The rule checks requests and limits of containers, and the storage of volume claims. A quantity is a number with one
//! of the suffixes `m`, `k`, `M`, `G`, `T`, `P`, `E`, `Ki`, `Mi`, `Gi`, `Ti`, `Pi` and `Ei`, or an exponent such as
//! `1e3`. It has no space before the suffix and no `B` after it. Texts with a `$` are placeholders and not checked.
//!
//! # Why it matters
//!
//! The API server rejects the object.
//!
//! # Fix
//!
//! Write `512Mi` for mebibytes and `250m` for a quarter of a CPU.
//!
//! Source: <https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/>

use crate::diag::Diagnostic;
use crate::rules::index::items;
use crate::rules::index::pods::{self, called};
use crate::rules::index::quantity::quantity;
use crate::synth::{Link, Model};
use crate::val::Data;

pub(super) fn check(model: &Model, _: &Link, out: &mut Vec<Diagnostic>) {
    claims(model, out);
    for pods in pods::all(model) {
        for (path, container) in pods.numbered() {
            for list in ["requests", "limits"] {
                let amounts = container.get("resources").and_then(|it| it.at(list)).and_then(Data::as_map);
                for (resource, amount) in amounts.into_iter().flat_map(|amounts| amounts.iter()) {
                    let Some(text) = amount.as_str().filter(|text| !text.contains('$') && quantity(text).is_none()) else {
                        continue;
                    };
                    let name = container.get("name").map(Data::to_text).unwrap_or_default();
                    let message =
                        format!("the {resource} value of container `{name}` of {} is `{text}`, which is not a quantity", called(pods.object));
                    out.push(
                        model
                            .error(pods.id, "MS0428", message)
                            .field(format!("{path}.resources.{list}.{resource}"))
                            .help("write a number with a suffix, such as `250m` for CPU or `512Mi` for memory"),
                    );
                }
            }
        }
    }
}

/// Checks the storage of volume claims and of volume claim templates.
fn claims(model: &Model, out: &mut Vec<Diagnostic>) {
    for (id, _, object) in model.objects() {
        let claims: Vec<(String, &Data)> = match object.kind.as_ref() {
            "PersistentVolumeClaim" => vec![("spec".to_owned(), object.body.get("spec"))],
            "StatefulSet" => items(object.body.at("spec.volumeClaimTemplates"), "spec.volumeClaimTemplates")
                .map(|(path, claim)| (format!("{path}.spec"), claim.at("spec")))
                .collect(),
            _ => continue,
        }
        .into_iter()
        .filter_map(|(path, spec)| Some((path, spec?)))
        .collect();
        for (path, spec) in claims {
            let size = spec.at("resources.requests.storage").and_then(Data::as_str);
            let Some(text) = size.filter(|text| !text.contains('$') && quantity(text).is_none()) else { continue };
            out.push(
                model
                    .error(id, "MS0428", format!("{} requests the storage size `{text}`, which is not a quantity", called(object)))
                    .field(format!("{path}.resources.requests.storage"))
                    .help("write a number with a suffix, such as `10Gi`"),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::rules::testing::pods::{codes_of, orders};

    fn with(memory: Value) -> Value {
        let resources = json!({ "requests": { "memory": memory } });
        orders(json!({ "containers": [{ "name": "a", "image": "a:1.0", "resources": resources }] }))
    }

    #[test]
    fn reports_invalid_quantities() {
        assert_eq!(codes_of([with(json!("512MB"))]), ["MS0428"]);
        assert_eq!(codes_of([with(json!("512 Mi"))]), ["MS0428"]);
    }

    #[test]
    fn checks_the_size_of_a_volume_claim() {
        let claim = |size: &str| {
            let spec = json!({ "accessModes": ["ReadWriteOnce"], "resources": { "requests": { "storage": size } } });
            json!({ "apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": { "name": "a" }, "spec": spec })
        };
        assert_eq!(codes_of([claim("10GB")]), ["MS0428"]);
        assert_eq!(codes_of([claim("10Gi")]), [""; 0]);
    }

    #[test]
    fn accepts_numbers_and_suffixes() {
        for memory in [json!("512Mi"), json!("1e9"), json!(1_000_000_000), json!(0.5e9), json!("${MEMORY}")] {
            assert_eq!(codes_of([with(memory)]), [""; 0]);
        }
    }
}
