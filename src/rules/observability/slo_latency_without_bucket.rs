//! A latency objective has a threshold for which the proxies' histogram has no bucket.
//!
//! The proxies of the mesh count requests in a histogram with fixed bounds. How
//! many were answered within a time is known exactly at a bound alone; between two
//! of them there is no series, and no alert would ever fire.
//!
//! Use a bound: 1, 5, 10, 25, 50, 100, 250, 500 milliseconds, 1, 2.5, 5, 10, 30 seconds.
//!
//! Source: <https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/metrics/v3/stats.proto>
