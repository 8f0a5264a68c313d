//! A rate limit lets nothing through, or has the name of another one.
//!
//! The name tells the buckets of limits apart: two of one name would share one.
//!
//! Raise the limit to 1 or more, and give each its own name.
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
    fn a_limit_of_nothing_and_a_name_taken_are_errors() {
        assert_eq!(limits(&[("burst", 0)]), ["MS0876"]);
        assert_eq!(limits(&[("burst", 5), ("burst", 9)]), ["MS0876"]);
    }

    #[test]
    fn several_limits_are_fine() {
        assert_eq!(limits(&[("burst", 5), ("minute", 90)]), [""; 0]);
    }
}
