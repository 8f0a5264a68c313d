//! The program defines a service account that it imports too.
//!
//! An import says that somebody else makes it. Here both are one: each has a role of its own, and the annotation of the one is
//! to be written over by the other.
//!
//! Hand the workload that has the service account to the grants, or give the import the name of another one. Pods that are to
//! share a role are one workload, or run as a service account that neither of them defines.
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
                let message = format!("{kind} `{name}` of namespace `{namespace}` is defined here, and imported as well");
                let help = "leave the import out, or import one of another name";
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
    fn the_account_of_a_workload_of_the_program_is_an_error() {
        assert_eq!(importing("orders"), ["MS0453"]);
    }

    #[test]
    fn somebody_elses_is_fine() {
        assert_eq!(importing("collector"), [""; 0]);
    }
}
