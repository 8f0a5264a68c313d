//! A patch of an `EnvoyFilter` depends on the order of filters, and the filter has no priority.
//!
//! # What it reports
//!
//! A patch with the operation `INSERT_BEFORE`, `INSERT_AFTER`, `REPLACE` or `REMOVE` is in an `EnvoyFilter` whose
//! `priority` is not set or 0. The finding is a warning.
//!
//! # Why it matters
//!
//! These operations search for an existing element. If another `EnvoyFilter` adds this element, the order of the
//! filters determines the result. Without `priority`, the older object is applied first, so a new cluster can behave
//! differently from the old one. If a patch is for one `proxyVersion`, an upgrade of the proxies also changes the
//! result.
//!
//! # Fix
//!
//! Set `priority` (lower numbers are applied first), or use `INSERT_FIRST` or `ADD`.
//!
//! Source: <https://istio.io/latest/docs/reference/config/analysis/ist0151/>,
//! <https://istio.io/latest/docs/reference/config/analysis/ist0155/>

use crate::diag::Diagnostic;
use crate::rules::index::envoy_filters::{Patch, patches};
use crate::rules::index::pods::called;
use crate::rules::index::{Mesh, NETWORKING};
use crate::val::Data;

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Diagnostic>) {
    for filter in mesh.all(NETWORKING, "EnvoyFilter") {
        let body = &filter.object.body;
        if body.at("spec.priority").and_then(Data::as_int).is_some_and(|priority| priority != 0) {
            continue;
        }
        let patches = patches(filter.object);
        let is_for_a_version = patches.iter().any(|patch| patch.is_for_a_version);
        for Patch { path, operation, .. } in patches.into_iter().filter(Patch::is_relative) {
            let message = format!("a patch of {} uses `{operation}`, but the filter has no priority", called(filter.object));
            let mut diagnostic = mesh
                .model
                .warning(filter.id, "MS0838", message)
                .field(path)
                .help("set `priority`, or use `INSERT_FIRST` or `ADD`");
            if is_for_a_version {
                diagnostic = diagnostic.note("a patch of the filter applies to one proxy version only, so an upgrade changes the order");
            }
            out.push(diagnostic);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::manifests::{fields, open};

    fn filter(priority: &str, operation: &str) -> String {
        format!(
            "apiVersion: networking.istio.io/v1alpha3\nkind: EnvoyFilter\nmetadata: {{ name: a }}\n\
             spec: {{ {priority} configPatches: [{{ applyTo: HTTP_FILTER, match: {{ context: ANY }}, patch: {{ operation: {operation}, value: {{ name: b }} }} }}] }}\n"
        )
    }

    #[test]
    fn warns_about_a_relative_operation_without_priority() {
        assert_eq!(open(&filter("", "INSERT_BEFORE")), ["MS0838"]);
        assert_eq!(open(&filter("", "REMOVE")), ["MS0838"]);
        assert_eq!(fields(&filter("", "REPLACE")), ["spec.configPatches[0]"]);
    }

    #[test]
    fn accepts_a_filter_with_a_priority_or_an_absolute_operation() {
        assert_eq!(open(&filter("priority: 10,", "INSERT_BEFORE")), [""; 0]);
        assert_eq!(open(&filter("", "INSERT_FIRST")), [""; 0]);
    }
}
