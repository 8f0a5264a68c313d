//! Pods use a service account of another namespace.
//!
//! # What it reports
//!
//! A workload has a `service_account` that is imported in another namespace.
//!
//! # Why it matters
//!
//! A pod names its service account without a namespace, so it always uses an account of its own namespace. The pods
//! would run as another account with the same name, or not start.
//!
//! # Fix
//!
//! Import the service account in the namespace of the pods. Alternatively, remove `service_account`, so that the pods
//! get a separate service account.
//!
//! Source: <https://kubernetes.io/docs/concepts/security/service-accounts/#how-to-use>

#[cfg(test)]
mod tests {
    use crate::mesh::{ExistingServiceAccount, Job, JobProps, Namespace, PodProps, ServiceAccount};
    use crate::testing::{codes, namespace};

    fn codes_of(is_beside: bool) -> Vec<&'static str> {
        codes(|app| {
            let shop = namespace(app);
            let other = Namespace::new(shop.cluster(), "batch", shop.cluster(), Default::default());
            let home = if is_beside { &shop } else { &other };
            let account = ServiceAccount::import(home, "account", ExistingServiceAccount::named("exports"));
            let pod = PodProps { service_account: Some(account), ..Default::default() };
            Job::new(&shop, "export", "registry.example/export:1.2.0", JobProps { pod, ..Default::default() });
        })
    }

    #[test]
    fn reports_a_service_account_of_another_namespace() {
        assert_eq!(codes_of(false), ["MS0449"]);
    }

    #[test]
    fn accepts_a_service_account_of_the_same_namespace() {
        assert_eq!(codes_of(true), [""; 0]);
    }
}
