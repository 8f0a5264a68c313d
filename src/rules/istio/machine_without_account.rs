//! A virtual machine of the mesh has a service account that is not defined.
//!
//! # What it reports
//!
//! The service account of a `WorkloadGroup` or `WorkloadEntry` is not defined in its namespace. In manifests that do
//! not contain the complete namespace, the finding is a note, unless an account with a similar name exists.
//!
//! # Why it matters
//!
//! The machines join the mesh with a token of a service account of their namespace. Without the account, there is no
//! token, and the machine cannot join.
//!
//! # Fix
//!
//! Define the `ServiceAccount` in the namespace of the object, or correct the name.
//!
//! Source: <https://istio.io/latest/docs/reference/config/networking/workload-entry/#WorkloadEntry>,
//! <https://kiali.io/docs/features/validations/>

use crate::diag::Diagnostic;
use crate::rules::index::pods::called;
use crate::rules::index::{CORE, Mesh, NETWORKING};
use crate::val::Data;

const MACHINES: [(&str, &str); 2] = [("WorkloadEntry", "spec.serviceAccount"), ("WorkloadGroup", "spec.template.serviceAccount")];

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Diagnostic>) {
    for (kind, path) in MACHINES {
        for machine in mesh.all(NETWORKING, kind) {
            let account = machine.object.body.at(path).and_then(Data::as_str);
            let Some(account) = account.filter(|account| !matches!(*account, "" | "default")) else { continue };
            if !mesh.may_be_missing(CORE, "ServiceAccount", machine.place, account) {
                continue;
            }
            let message = format!(
                "{} uses the service account `{account}`, which is not defined in namespace `{}`",
                called(machine.object),
                machine.place.1
            );
            let near = mesh.near(CORE, "ServiceAccount", machine.place, account);
            let diagnostic = mesh.model.error(machine.id, "MS0865", message).field(path).help("define the account, or correct the name");
            out.push(mesh.unresolved(diagnostic, near));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::manifests::{fields, noted, open, with_orders};

    fn group(account: &str) -> String {
        with_orders(&format!(
            "apiVersion: v1\nkind: ServiceAccount\nmetadata: {{ name: ratings }}\n---\n\
             apiVersion: networking.istio.io/v1\nkind: WorkloadGroup\nmetadata: {{ name: vm }}\n\
             spec: {{ template: {{ serviceAccount: {account} }} }}\n"
        ))
    }

    #[test]
    fn reports_a_misspelled_account() {
        assert_eq!(open(&group("rating")), ["MS0865"]);
        assert_eq!(fields(&group("rating")), ["spec.template.serviceAccount"]);
    }

    #[test]
    fn notes_an_account_that_may_exist_elsewhere() {
        assert_eq!(noted(&group("machines")), ["MS0865"]);
    }

    #[test]
    fn accepts_an_existing_account() {
        assert_eq!(noted(&group("ratings")), [""; 0]);
    }
}
