//! A gateway or workload uses a limit that the rate limit service does not have.
//!
//! # What it reports
//!
//! The name of a limit is not in the list of limits of the rate limit service.
//!
//! # Why it matters
//!
//! The service answers requests for an unknown limit with "no limit", so no request is limited.
//!
//! # Fix
//!
//! Correct the name, or add the limit to the limits of the service.
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
    fn reports_a_missing_limit() {
        assert!(applied(Access::Password, "brust").contains(&"MS0878"));
    }

    #[test]
    fn accepts_a_limit_defined_by_the_rate_limit_service() {
        assert!(!applied(Access::Password, "burst").contains(&"MS0878"));
    }
}
