//! A trigger reads a cluster or cache that KEDA cannot authenticate to.
//!
//! # What it reports
//!
//! A Kafka trigger uses an MSK cluster without IAM authentication, or a cache trigger uses a cache without password
//! authentication.
//!
//! # Why it matters
//!
//! KEDA authenticates to Amazon MSK with its IAM role, and to a cache with a user name and a password. It cannot sign
//! IAM tokens for ElastiCache. With other authentication methods, KEDA cannot connect, and the workload never scales.
//!
//! # Fix
//!
//! Enable IAM authentication on the cluster (`msk::Authentication::Iam`), and password authentication on the cache
//! (`elasticache::Access::Password`).
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
    fn reports_a_store_with_a_login_that_keda_does_not_support() {
        assert_eq!(list(Access::Iam), ["MS0952"]);
        assert_eq!(topic(vec![msk::Authentication::Scram]), ["MS0952"]);
    }

    #[test]
    fn accepts_password_and_iam_authentication() {
        assert_eq!(list(Access::Password), [""; 0]);
        assert_eq!(topic(vec![msk::Authentication::Scram, msk::Authentication::Iam]), [""; 0]);
    }
}
