//! The engine versions of Amazon ElastiCache.
//!
//! Sources: the list of cfn-lint 1.58 (2026-10) for single cache clusters, and the table of support dates. A newer
//! version of Valkey or Memcached is reported as a warning, not as an error. ElastiCache adds no newer versions of
//! Redis OSS.
//!
//! Source: <https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/engine-versions.html>

/// The default Valkey version of a cache.
pub const VALKEY: &str = "8.2";

/// The default Redis version of a cache.
pub const REDIS: &str = "7.1";

/// The available versions of each engine.
pub const OFFERED: [(&str, &[&str]); 3] = [
    ("valkey", &["7.2", "8.0", "8.1", "8.2", "9.0", "9.1"]),
    (
        "memcached",
        &["1.4.5", "1.4.14", "1.4.24", "1.4.33", "1.4.34", "1.5.10", "1.5.16", "1.6.6", "1.6.12", "1.6.17", "1.6.22"],
    ),
    ("redis", &["4.0.10", "5.0.6", "6.0", "6.2", "7.0", "7.1"]),
];

/// The major versions in paid extended support, each with the start date of this support.
pub const EXTENDED: [(&str, &str, &str); 2] = [("redis", "4", "2026-02-01"), ("redis", "5", "2026-02-01")];

/// Returns the parameter group family of a version.
pub fn family(engine: &str, version: &str) -> String {
    let mut parts = version.split('.');
    let (major, minor) = (parts.next().unwrap_or_default(), parts.next().unwrap_or("0"));
    match (engine, major) {
        ("redis", "6") => "redis6.x".to_owned(),
        ("redis", "4" | "5") => format!("redis{major}.{minor}"),
        _ => format!("{engine}{major}"),
    }
}

/// Returns the first two numbers of a version.
pub fn major_minor(version: &str) -> Option<(u32, u32)> {
    let mut numbers = version.split('.').map(str::parse);
    Some((numbers.next()?.ok()?, numbers.next().map_or(Some(0), Result::ok)?))
}
