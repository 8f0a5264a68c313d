//! A container mounts a volume that its pod does not have.
//!
//! # What it reports
//!
//! The name in `volumeMounts` or `volumeDevices` is neither in `volumes` nor in the claim templates of a `StatefulSet`.
//! Pods with a volume whose name is known only at deployment are not checked.
//!
//! # Why it matters
//!
//! The API server rejects the pod template.
//!
//! # Fix
//!
//! Define the volume under `volumes`, or in the claim templates of a `StatefulSet`, or correct its name.
//!
//! Source: <https://kubernetes.io/docs/concepts/storage/volumes/>

use crate::diag::Diagnostic;
use crate::rules::index::named;
use crate::rules::index::pods::{self, called};
use crate::synth::{Link, Model};
use crate::val::Data;

pub(super) fn check(model: &Model, _: &Link, out: &mut Vec<Diagnostic>) {
    for pods in pods::all(model) {
        let volumes = pods.spec.get("volumes").map(Data::items).unwrap_or_default();
        let claims = pods.object.body.at("spec.volumeClaimTemplates").map(Data::items).unwrap_or_default();
        let names = volumes.iter().filter_map(|it| it.at("name")).chain(claims.iter().filter_map(|it| it.at("metadata.name")));
        let names: Vec<Option<&str>> = names.map(Data::as_str).collect();
        // A name that is known only at deployment may match.
        if names.contains(&None) {
            continue;
        }
        for (path, container) in pods.numbered() {
            let name = container.get("name").map(Data::to_text).unwrap_or_default();
            for (list, key) in [("volumeMounts", "name"), ("volumeDevices", "name")] {
                let mounts = container.get(list).map(Data::items).unwrap_or_default();
                for (idx, mount) in mounts.iter().enumerate() {
                    let Some(volume) = mount.at(key).and_then(Data::as_str) else { continue };
                    if names.contains(&Some(volume)) {
                        continue;
                    }
                    let message =
                        format!("container `{name}` of {} mounts the volume `{volume}`, which its pod does not define", called(pods.object));
                    let known = match names.is_empty() {
                        true => "the pod defines no volumes".to_owned(),
                        false => format!("the pod defines {}", named(names.iter().flatten().copied())),
                    };
                    out.push(
                        model
                            .error(pods.id, "MS0420", message)
                            .field(format!("{path}.{list}[{idx}].{key}"))
                            .note(known)
                            .help("define the volume under `volumes`, or correct its name"),
                    );
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::rules::testing::pods::{codes_of, orders};

    fn mounting(volumes: Value) -> Value {
        let mounts = json!([{ "name": "cache", "mountPath": "/cache" }]);
        orders(json!({ "containers": [{ "name": "a", "image": "a:1.0", "volumeMounts": mounts }], "volumes": volumes }))
    }

    #[test]
    fn reports_a_missing_volume() {
        assert_eq!(codes_of([mounting(json!([{ "name": "cash", "emptyDir": {} }]))]), ["MS0420"]);
        assert_eq!(codes_of([mounting(json!([]))]), ["MS0420"]);
    }

    #[test]
    fn accepts_a_volume_of_the_pod() {
        assert_eq!(codes_of([mounting(json!([{ "name": "cache", "emptyDir": {} }]))]), [""; 0]);
    }
}
