//! A trigger of KEDA asks under the role of a service account that exists already.
//!
//! With `TriggerIdentity::Workload` KEDA takes the role of the workload, whose trust policy must say so. The role of a service
//! account that exists already is not written by this platform.
//!
//! Use `TriggerIdentity::Keda`, or let the pods have a service account of their own.
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
    fn the_role_of_an_account_that_exists_is_not_lent() {
        assert_eq!(codes_of(TriggerIdentity::Workload), ["MS0450"]);
    }

    #[test]
    fn keda_asks_under_its_own_role() {
        assert_eq!(codes_of(TriggerIdentity::Keda), [""; 0]);
    }
}
