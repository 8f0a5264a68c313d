//! A resource is outside a stack, an object is outside a cluster, or a value belongs to another app.
//!
//! # What it reports
//!
//! The rule reports:
//!
//! - a resource that has no stack above it
//! - a Kubernetes object that has no cluster above it, or no namespace although its kind requires one
//! - a value, cluster or construct of one app that is used in another app
//!
//! # Why it matters
//!
//! A resource without a stack would be in no template, and an object without a cluster or namespace in no manifest. An
//! app is a unit of deployment, so it cannot use values of another app.
//!
//! # Fix
//!
//! Define the resource below a `Stack`, and the object below a cluster or namespace. Define related constructs in one
//! app, or import the resources of the other app by name or ARN.

#[cfg(test)]
mod tests {
    use crate::testing::{codes, diagnostics, stack};
    use crate::mesh::{Namespace, NamespaceProps, Workload, WorkloadProps};
    use crate::{App, Construct, aws, cfn, eks};

    #[test]
    fn reports_a_resource_outside_a_stack() {
        assert_eq!(codes(|app| drop(cfn::sqs::Queue::new().define(app.scope(), "jobs"))), ["MS0103"]);
    }

    #[test]
    fn reports_a_value_of_another_app_once() {
        let other = App::new("other");
        let key = cfn::kms::Key::new().define(&stack(&other, "keys"), "key");
        let found = diagnostics("shop", |app| {
            cfn::sqs::Queue::new().kms_master_key_id(key.arn()).define(&stack(app, "run"), "jobs");
        });
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!((found[0].code, &*found[0].construct), ("MS0103", "run/jobs"));
        assert_eq!(found[0].message, "`Arn` is an attribute of another app");
    }

    #[test]
    fn reports_a_construct_of_another_app() {
        let other = App::new("other");
        let vpc = aws::Vpc::new(&stack(&other, "network"), "vpc", aws::VpcProps::default());
        let cluster = eks::Cluster::new(&stack(&other, "cluster"), "main", &vpc, eks::ClusterProps::default());
        let found = diagnostics("shop", |app| {
            let run = stack(app, "run");
            eks::Cluster::new(&run, "cluster", &vpc, eks::ClusterProps::default());
            let shop = Namespace::new(&run, "shop", &cluster, NamespaceProps::default());
            Workload::new(&shop, "orders", "orders:1", WorkloadProps::default());
        });
        let messages: Vec<(&str, &str)> = found.iter().map(|it| (it.code, &*it.message)).collect();
        let wanted = [
            ("MS0103", "`SubnetId` is an attribute of another app"),
            ("MS0103", "its cluster is part of another app"),
        ];
        assert_eq!(messages, wanted);
    }

    #[test]
    fn accepts_a_resource_in_a_stack() {
        let found = codes(|app| {
            cfn::sqs::Queue::new().define(&stack(app, "run"), "jobs");
        });
        assert_eq!(found, [""; 0]);
    }

    #[test]
    fn reports_a_construct_outside_a_stack_once() {
        let found = diagnostics("shop", |app| drop(aws::Vpc::new(app, "vpc", aws::VpcProps::default())));
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].message.starts_with("`vpc` and its "), "{found:?}");
    }
}
