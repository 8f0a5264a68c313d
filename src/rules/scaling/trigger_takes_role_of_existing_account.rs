//! A KEDA trigger uses the role of an existing service account.
//!
//! # What it reports
//!
//! A trigger with `TriggerIdentity::Workload` is added to a workload whose service account is imported.
//!
//! # Why it matters
//!
//! With `TriggerIdentity::Workload`, KEDA assumes the role of the workload, whose trust policy must allow it. The
//! program does not define the role of an existing service account, so it cannot change the trust policy.
//!
//! # Fix
//!
//! Use `TriggerIdentity::Keda`, or remove the imported service account, so that the pods get a separate one.
//!
//! Source: <https://keda.sh/docs/2.20/authentication-providers/aws/>

#[cfg(test)]
mod tests {
    use crate::mesh::addons::Keda;
    use crate::mesh::{
        ExistingServiceAccount, PodProps, ScaledJob, ScaledJobProps, ServiceAccount, Trigger, TriggerIdentity,
    };
    use crate::testing::{codes, namespace};

    fn codes_of(identity: TriggerIdentity) -> Vec<&'static str> {
        codes(|app| {
            let shop = namespace(app);
            let keda = Keda::new(shop.cluster(), "keda", shop.cluster());
            let films = crate::sqs::Queue::new(shop.cluster(), "films", Default::default());
            let account = ServiceAccount::import(&shop, "account", ExistingServiceAccount::named("cutter"));
            let pod = PodProps { service_account: Some(account), ..Default::default() };
            let props = ScaledJobProps { pod, ..Default::default() };
            let triggers = [Trigger::queue(&films, 1).under(identity)];
            ScaledJob::new(&shop, "cutter", "registry.example/cutter:2.0.0", &keda, triggers, props);
        })
    }

    #[test]
    fn reports_the_role_of_an_existing_account() {
        assert_eq!(codes_of(TriggerIdentity::Workload), ["MS0450"]);
    }

    #[test]
    fn accepts_the_role_of_keda() {
        assert_eq!(codes_of(TriggerIdentity::Keda), [""; 0]);
    }
}
