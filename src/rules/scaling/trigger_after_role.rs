//! A trigger of a version uses the workload's role, which is defined before the version.
//!
//! # What it reports
//!
//! A version with a trigger and `TriggerIdentity::Workload` is added to a workload after the first grant to it.
//!
//! # Why it matters
//!
//! KEDA assumes the role of the workload, so the trust policy of the role must allow KEDA's role. The first grant
//! defines the role and its trust policy, which cannot be changed afterwards.
//!
//! # Fix
//!
//! Define the version before the first grant to its workload, or use KEDA's own role (`TriggerIdentity::Keda`).
//!
//! Source: <https://keda.sh/docs/2.20/authentication-providers/aws/>

#[cfg(test)]
mod tests {
    use crate::aws::Grantee;
    use crate::mesh::addons::Keda;
    use crate::mesh::{Events, Scale, Trigger, TriggerIdentity, VersionProps, Workload};
    use crate::sqs::Queue;
    use crate::testing::{codes, mesh_workload};

    fn version(identity: TriggerIdentity, before: fn(&Workload)) -> Vec<&'static str> {
        codes(|app| {
            let orders = mesh_workload(app);
            let cluster = orders.namespace().cluster();
            let keda = Keda::new(cluster, "keda", cluster);
            let triggers = [Trigger::queue(&Queue::new(cluster, "mails", Default::default()), 10).under(identity)];
            before(&orders);
            let props = VersionProps { scale: Scale::Events(Events::new(&keda, triggers)), ..Default::default() };
            orders.version("v2", "registry.example/orders:2.0.0", props);
        })
    }

    #[test]
    fn reports_a_trigger_that_is_added_after_the_role() {
        assert_eq!(version(TriggerIdentity::Workload, |orders| drop(orders.role())), ["MS0960"]);
    }

    #[test]
    fn accepts_a_trigger_before_the_role_or_with_the_role_of_keda() {
        assert_eq!(version(TriggerIdentity::Workload, |_| ()), [""; 0]);
        assert_eq!(version(TriggerIdentity::Keda, |orders| drop(orders.role())), [""; 0]);
    }
}
