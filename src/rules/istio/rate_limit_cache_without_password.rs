//! The rate limit service uses a cache that accepts only IAM authentication.
//!
//! # What it reports
//!
//! The cache of a rate limit service is not defined with `access: elasticache::Access::Password`.
//!
//! # Why it matters
//!
//! The reference implementation of the rate limit service logs in with a password. A cache without a password accepts
//! only IAM users.
//!
//! # Fix
//!
//! Define the cache with `access: elasticache::Access::Password`.
//!
//! Source: <https://github.com/envoyproxy/ratelimit#redis>

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
    fn reports_a_cache_with_iam_authentication() {
        assert!(applied(Access::Iam, "burst").contains(&"MS0877"));
    }

    #[test]
    fn accepts_a_cache_with_a_password() {
        assert!(!applied(Access::Password, "burst").contains(&"MS0877"));
    }
}
