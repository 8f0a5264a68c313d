//! A latency objective has a threshold for which the histogram of the proxies has no bucket.
//!
//! # What it reports
//!
//! The threshold of the objective is not the upper bound of a bucket.
//!
//! # Why it matters
//!
//! The proxies of the mesh count requests in a histogram with fixed bounds. The number of requests within a time is
//! known only at a bound. Between two bounds, there is no series, and no alert is ever triggered.
//!
//! # Fix
//!
//! Use a bound: 1, 5, 10, 25, 50, 100, 250, 500 milliseconds, 1, 2.5, 5, 10, 30 seconds.
//!
//! Source: <https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/metrics/v3/stats.proto>
