//! A trigger reads a cluster or a cache that KEDA cannot authenticate to.
//!
//! KEDA logs in to Amazon MSK with its IAM role, and to a cache with a user and
//! a password: it cannot sign a token for ElastiCache. A cluster or a cache
//! that takes only other clients keeps it out, and the workload is never scaled.
//!
//! Let the cluster take clients by IAM too (`msk::Authentication::Iam`), and the
//! cache clients with a password (`elasticache::Access::Password`).
//!
//! Source: <https://keda.sh/docs/2.20/scalers/redis-lists/>

#[cfg(test)]
mod tests {
    use crate::elasticache::{Access, ReplicationGroup, ReplicationGroupProps};
    use crate::mesh::addons::Keda;
    use crate::mesh::{Events, Scale, Trigger, Workload, WorkloadProps};
    use crate::testing::{codes, namespace};
    use crate::{App, msk};

    fn worker(app: &App, trigger: impl FnOnce(&crate::eks::Cluster) -> Trigger) {
        let shop = namespace(app);
        let keda = Keda::new(shop.cluster(), "keda", shop.cluster());
        let scale = Scale::Events(Events { max: 3, ..Events::new(&keda, [trigger(shop.cluster())]) });
        let props = WorkloadProps { scale, ..Default::default() };
        Workload::new(&shop, "worker", "registry.example/worker:1.0.0", props);
    }

    fn list(access: Access) -> Vec<&'static str> {
        codes(|app| {
            worker(app, |cluster| {
                let props = ReplicationGroupProps { access, ..Default::default() };
                Trigger::list(&ReplicationGroup::new(cluster, "cache", cluster.vpc(), props), "mails", 5)
            });
        })
    }

    fn topic(authentication: Vec<msk::Authentication>) -> Vec<&'static str> {
        codes(|app| {
            worker(app, |cluster| {
                let props = msk::ClusterProps { authentication, ..Default::default() };
                let kafka = msk::Cluster::new(cluster, "kafka", cluster.vpc(), props);
                Trigger::kafka(&kafka.topic("orders"), "billing", 10)
            });
        })
    }

    #[test]
    fn a_store_that_keda_cannot_log_in_to_is_an_error() {
        assert_eq!(list(Access::Iam), ["MS0952"]);
        assert_eq!(topic(vec![msk::Authentication::Scram]), ["MS0952"]);
    }

    #[test]
    fn a_password_and_iam_are_fine() {
        assert_eq!(list(Access::Password), [""; 0]);
        assert_eq!(topic(vec![msk::Authentication::Scram, msk::Authentication::Iam]), [""; 0]);
    }
}
