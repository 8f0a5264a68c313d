//! A rate limit allows no requests, or has the name of another limit.
//!
//! # What it reports
//!
//! The number of requests is 0, or two limits of a workload or service have the same name.
//!
//! # Why it matters
//!
//! A limit of 0 blocks every request. The name identifies the token bucket of a limit, so two limits with one name
//! would share a bucket.
//!
//! # Fix
//!
//! Set the limit to 1 or more, and give each limit a unique name. To block requests, remove the route or the caller.
//!
//! Source: <https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/local_rate_limit_filter>

#[cfg(test)]
mod tests {
    use crate::mesh::traffic::{Per, RateLimit};
    use crate::testing::{codes, mesh_workload};

    fn limits(limits: &[(&str, u32)]) -> Vec<&'static str> {
        codes(|app| {
            let orders = mesh_workload(app);
            for (name, requests) in limits {
                orders.limit_rate(name, RateLimit::of(*requests, Per::Minute));
            }
        })
    }

    #[test]
    fn reports_zero_limits_and_duplicate_names() {
        assert_eq!(limits(&[("burst", 0)]), ["MS0876"]);
        assert_eq!(limits(&[("burst", 5), ("burst", 9)]), ["MS0876"]);
    }

    #[test]
    fn accepts_several_limits() {
        assert_eq!(limits(&[("burst", 5), ("minute", 90)]), [""; 0]);
    }
}
