//! An object is in a namespace that is not defined.
//!
//! # What it reports
//!
//! The program does not define the namespace of an object or a Helm release in the same cluster. `default`,
//! `kube-system`, `kube-public` and `kube-node-lease` always exist. Manifests are not checked, because another tool may
//! create the namespace.
//!
//! # Why it matters
//!
//! A new cluster rejects the object: `namespaces "shop" not found`.
//!
//! # Fix
//!
//! Define the namespace with `mesh::Namespace`, or correct its name.
//!
//! Source: <https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/#initial-namespaces>

use crate::hash::FastSet;
use crate::diag::Diagnostic;
use crate::synth::{Link, Model};
use crate::rules::index::pods::called;

const ALWAYS: [&str; 4] = ["default", "kube-node-lease", "kube-public", "kube-system"];

pub(super) fn check(model: &Model, _: &Link, out: &mut Vec<Diagnostic>) {
    if model.is_open {
        return;
    }
    let mut defined: FastSet<_> =
        model.of_kind("Namespace").map(|(id, object)| (model.target_of(id), object.name.as_str())).collect();
    for (id, target) in model.targets() {
        defined.extend(target.known_in_part.iter().map(|namespace| (Some(id), namespace.as_str())));
    }
    let objects =
        model.objects().filter_map(|(id, _, object)| Some((id, object.namespace.as_deref()?, called(object))));
    let releases = model.releases().map(|(id, it)| (id, it.namespace.as_str(), format!("Helm release `{}`", it.name)));
    for (id, namespace, what) in objects.chain(releases) {
        if ALWAYS.contains(&namespace) || defined.contains(&(model.target_of(id), namespace)) {
            continue;
        }
        out.push(
            model
                .error(id, "MS0407", format!("{what} is in namespace `{namespace}`, which is not defined"))
                .help("define the namespace in the same cluster with `mesh::Namespace`, or correct its name"),
        );
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::rules::testing::pods::codes_of;

    #[test]
    fn reports_an_undefined_namespace() {
        let config =
            json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": "a", "namespace": "shopp" } });
        assert_eq!(codes_of([config]), ["MS0407"]);
    }

    #[test]
    fn accepts_defined_and_built_in_namespaces() {
        let config = |namespace: &str| json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": "a", "namespace": namespace } });
        assert_eq!(codes_of([config("shop"), config("kube-system")]), [""; 0]);
    }
}
