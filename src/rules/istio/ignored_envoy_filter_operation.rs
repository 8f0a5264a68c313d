//! A patch of an `EnvoyFilter` has an operation that Istio ignores for its target.
//!
//! # What it reports
//!
//! The rule reports `REPLACE` for targets other than `HTTP_FILTER`, `NETWORK_FILTER` and `VIRTUAL_HOST`. It also
//! reports `ADD` and `REMOVE` for a `ROUTE_CONFIGURATION` or an `HTTP_ROUTE`.
//!
//! # Why it matters
//!
//! istiod accepts the object and omits the patch.
//!
//! # Fix
//!
//! Use `MERGE`, or patch the surrounding element.
//!
//! Source: <https://istio.io/latest/docs/reference/config/analysis/ist0152/>,
//! <https://istio.io/latest/docs/reference/config/analysis/ist0153/>,
//! <https://istio.io/latest/docs/reference/config/analysis/ist0154/>

use crate::diag::Diagnostic;
use crate::rules::index::envoy_filters::{Patch, patches};
use crate::rules::index::pods::called;
use crate::rules::index::{Mesh, NETWORKING};

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Diagnostic>) {
    for filter in mesh.all(NETWORKING, "EnvoyFilter") {
        for Patch { path, target, operation, .. } in patches(filter.object).into_iter().filter(Patch::is_ignored) {
            let message = format!("a patch of {} uses `{operation}` for `{target}`, which Istio ignores", called(filter.object));
            out.push(
                mesh.model
                    .error(filter.id, "MS0837", message)
                    .field(format!("{path}.patch.operation"))
                    .help("use `MERGE`, or patch the enclosing object"),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::manifests::{fields, open};

    fn filter(operation: &str, target: &str) -> String {
        format!(
            "apiVersion: networking.istio.io/v1alpha3\nkind: EnvoyFilter\nmetadata: {{ name: a }}\n\
             spec: {{ priority: 10, configPatches: [{{ applyTo: {target}, match: {{ context: ANY }}, patch: {{ operation: {operation}, value: {{ name: b }} }} }}] }}\n"
        )
    }

    #[test]
    fn reports_an_operation_that_is_ignored() {
        for (operation, target) in [("REPLACE", "CLUSTER"), ("ADD", "HTTP_ROUTE"), ("REMOVE", "ROUTE_CONFIGURATION")] {
            assert_eq!(open(&filter(operation, target)), ["MS0837"]);
        }
        assert_eq!(fields(&filter("ADD", "HTTP_ROUTE")), ["spec.configPatches[0].patch.operation"]);
    }

    #[test]
    fn accepts_other_operations() {
        for (operation, target) in [("REPLACE", "HTTP_FILTER"), ("ADD", "CLUSTER"), ("MERGE", "HTTP_ROUTE")] {
            assert_eq!(open(&filter(operation, target)), [""; 0]);
        }
    }
}
