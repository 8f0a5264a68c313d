//! The program both defines and imports the same service account.
//!
//! # What it reports
//!
//! An import refers to an object that has the kind, name, namespace and cluster of an object of the program.
//!
//! # Why it matters
//!
//! An import means that another tool manages the object. The definition and the import each have their own role, and
//! both write the role annotation of the same object.
//!
//! # Fix
//!
//! Pass the workload that owns the service account to the grants, or change the name in the import. If pods share a
//! role, define them as one workload, or use a service account that neither of them defines.
//!
//! Source: <https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html>

use crate::diag::Diagnostic;
use crate::rules::index::pods::place;
use crate::synth::{Link, Model};

pub(super) fn check(model: &Model, _: &Link, out: &mut Vec<Diagnostic>) {
    for (target, known) in model.targets() {
        for (kind, namespace, name) in &known.existing {
            let twin = model
                .objects()
                .find(|(id, _, it)| it.kind == *kind && it.name == *name && place(model, *id, it) == (Some(target), namespace));
            if let Some((id, ..)) = twin {
                let message = format!("{kind} `{name}` of namespace `{namespace}` is both defined and imported");
                let help = "remove the import, or import an object of another name";
                out.push(model.error(id, "MS0453", message).help(help));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::mesh::{ExistingServiceAccount, ServiceAccount};
    use crate::testing::{codes, workload};

    fn importing(name: &'static str) -> Vec<&'static str> {
        codes(|app| {
            let orders = workload(app);
            ServiceAccount::import(orders.namespace(), "account", ExistingServiceAccount::named(name));
        })
    }

    #[test]
    fn reports_an_imported_service_account_of_a_defined_workload() {
        assert_eq!(importing("orders"), ["MS0453"]);
    }

    #[test]
    fn accepts_an_imported_service_account_of_another_tool() {
        assert_eq!(importing("collector"), [""; 0]);
    }
}
