//! A trigger uses the identity of a workload that gets its role from EKS Pod Identity.
//!
//! # What it reports
//!
//! A trigger with `TriggerIdentity::Workload` is in a cluster whose identity is not `Identity::Irsa`.
//!
//! # Why it matters
//!
//! KEDA reads the role of a workload from the annotation of its service account. With Pod Identity, there is no such
//! annotation, so KEDA finds no role and the trigger never becomes ready.
//!
//! # Fix
//!
//! Let KEDA use its own role (`TriggerIdentity::Keda`), which gets exactly the permissions of the trigger, or use a
//! cluster with `Identity::Irsa`.
//!
//! Source: <https://github.com/kedacore/keda/issues/6418>

#[cfg(test)]
mod tests {
    use crate::mesh::addons::Keda;
    use crate::mesh::{Events, Scale, Trigger, TriggerIdentity, Workload, WorkloadProps};
    use crate::testing::{codes, stack};
    use crate::{App, aws, eks, mesh, sqs};

    fn worker(app: &App, identity: eks::Identity) {
        let run = stack(app, "run");
        let vpc = aws::Vpc::new(&run, "vpc", aws::VpcProps::default());
        let props = eks::ClusterProps { identity, ..Default::default() };
        let cluster = eks::Cluster::new(&run, "cluster", &vpc, props);
        let shop = mesh::Namespace::new(&run, "shop", &cluster, Default::default());
        let keda = Keda::new(&run, "keda", &cluster);
        let mails = sqs::Queue::new(&run, "mails", Default::default());
        let trigger = Trigger::queue(&mails, 10).under(TriggerIdentity::Workload);
        let props = WorkloadProps { scale: Scale::Events(Events::new(&keda, [trigger])), ..Default::default() };
        Workload::new(&shop, "mailer", "registry.example/mailer:1.0.0", props);
    }

    #[test]
    fn reports_a_role_with_pod_identity() {
        assert_eq!(codes(|app| worker(app, eks::Identity::PodIdentity)), ["MS0951"]);
    }

    #[test]
    fn accepts_a_role_with_irsa() {
        assert_eq!(codes(|app| worker(app, eks::Identity::Irsa)), [""; 0]);
    }
}
