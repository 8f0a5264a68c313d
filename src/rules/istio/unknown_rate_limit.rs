//! A limit is applied that the rate limit service does not have.
//!
//! The service answers what it does not know with "no limit", so nothing would be
//! limited.
//!
//! Correct the name, or add the limit to those of the service.
//!
//! Source: <https://github.com/envoyproxy/ratelimit#configuration>

#[cfg(test)]
mod tests {
    use crate::elasticache::{Access, ReplicationGroup, ReplicationGroupProps};
    use crate::mesh::traffic::{Per, RateLimit, RateLimitService};
    use crate::Construct;
    use crate::testing::{codes, mesh_workload};

    fn applied(access: Access, limit: &str) -> Vec<&'static str> {
        codes(|app| {
            let orders = mesh_workload(app);
            let shop = orders.namespace();
            let props = ReplicationGroupProps { access, ..Default::default() };
            let cache = ReplicationGroup::new(&shop.scope().stack(), "counters", shop.cluster().vpc(), props);
            let limits = [("burst", RateLimit::of(10, Per::Second))];
            let image = "registry.example/ratelimit:2026.7.1";
            RateLimitService::new(shop, "rate-limits", image, &cache, limits, Default::default()).apply(limit, &orders);
        })
    }

    #[test]
    fn a_limit_that_is_not_there_is_an_error() {
        assert!(applied(Access::Password, "brust").contains(&"MS0878"));
    }

    #[test]
    fn a_limit_of_the_service_is_fine() {
        assert!(!applied(Access::Password, "burst").contains(&"MS0878"));
    }
}
