//! The Kafka versions and broker types of Amazon MSK.
//!
//! The lists are from the AWS documentation, as of 2026-11, because no schema or tool contains them. A newer version or
//! type is reported as a warning, not as an error.
//!
//! Sources: <https://docs.aws.amazon.com/msk/latest/developerguide/supported-kafka-versions.html>,
//! <https://endoflife.date/amazon-msk>, <https://docs.aws.amazon.com/msk/latest/developerguide/broker-instance-sizes.html>

/// The support status of a Kafka version in MSK.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offer {
    /// Available for new clusters. Kafka stores the metadata itself (KRaft).
    Kraft,
    /// Available for new clusters with Express brokers only, with KRaft.
    Express,
    /// Available for new clusters. ZooKeeper stores the metadata. [`migrates_in_place`] reports whether KRaft can replace it.
    ZooKeeper,
    /// Not available for new clusters. The text is the last day of support.
    Ended(&'static str),
    /// Newer than this list.
    Newer,
    /// Not a version of MSK.
    Unknown,
}

/// The default version of a cluster.
pub const DEFAULT: &str = "3.9.x.kraft";

const KRAFT: [&str; 4] = ["3.8.x.kraft", "3.9.x.kraft", "4.0.x.kraft", "4.1.x.kraft"];
const EXPRESS: [&str; 1] = ["4.2.x.kraft"];
const ZOOKEEPER: [&str; 2] = ["3.8.x", "3.9.x"];
const ENDED: [(&str, &str); 27] = [
    ("1.1.1", "2024-06-05"),
    ("2.1.0", "2024-06-05"),
    ("2.2.1", "2024-06-08"),
    ("2.3.1", "2024-06-08"),
    ("2.4.1", "2024-06-08"),
    ("2.4.1.1", "2024-06-08"),
    ("2.5.1", "2024-06-08"),
    ("2.6.0", "2024-09-11"),
    ("2.6.1", "2024-09-11"),
    ("2.6.2", "2024-09-11"),
    ("2.6.3", "2024-09-11"),
    ("2.7.0", "2024-09-11"),
    ("2.7.1", "2024-09-11"),
    ("2.7.2", "2024-09-11"),
    ("2.8.0", "2024-09-11"),
    ("2.8.1", "2024-09-11"),
    ("2.8.2.tiered", "2025-01-14"),
    ("3.1.1", "2024-09-11"),
    ("3.2.0", "2024-09-11"),
    ("3.3.1", "2024-09-11"),
    ("3.3.2", "2024-09-11"),
    ("3.4.0", "2025-08-04"),
    ("3.5.1", "2025-10-23"),
    ("3.6.0", "2026-06-01"),
    ("3.6.0.1", "2026-06-01"),
    ("3.7.x", "2026-09-01"),
    ("3.7.x.kraft", "2026-09-01"),
];

/// Returns the support status of a version.
pub fn offer(version: &str) -> Offer {
    if KRAFT.contains(&version) {
        Offer::Kraft
    } else if EXPRESS.contains(&version) {
        Offer::Express
    } else if ZOOKEEPER.contains(&version) {
        Offer::ZooKeeper
    } else if let Some((_, day)) = ENDED.iter().find(|(ended, _)| *ended == version) {
        Offer::Ended(day)
    } else if major_minor(version).is_some_and(|it| it > (4, 2)) && version.ends_with(".kraft") {
        Offer::Newer
    } else {
        Offer::Unknown
    }
}

/// Whether MSK migrates a cluster of this ZooKeeper version to KRaft in place. The cluster needs three zones, and access
/// to ZooKeeper must be disabled.
///
/// Source: <https://docs.aws.amazon.com/msk/latest/developerguide/version-upgrades.html>, since 2026-08
pub fn migrates_in_place(version: &str) -> bool {
    ZOOKEEPER.contains(&version) && major_minor(version) >= Some((3, 9))
}

/// The versions of new clusters, oldest first: with ZooKeeper, with KRaft, and with KRaft on Express brokers only.
pub const OFFERED: [&[&str]; 3] = [&ZOOKEEPER, &KRAFT, &EXPRESS];

/// Returns the first two numbers of a version.
pub fn major_minor(version: &str) -> Option<(u32, u32)> {
    let mut numbers = version.split('.').map(str::parse);
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
}

/// Returns the MSK version for a Kafka version such as `3.9.1`.
pub fn meant(version: &str) -> &'static str {
    let wanted = major_minor(version);
    KRAFT.into_iter().find(|offered| wanted.is_some() && major_minor(offered) == wanted).unwrap_or(DEFAULT)
}

/// The broker families and their sizes.
const BROKERS: [(&str, &[&str]); 4] = [
    ("kafka.t3", &["small"]),
    ("kafka.m5", &["large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge", "24xlarge"]),
    ("kafka.m7g", &["large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge"]),
    ("express.m7g", &["large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge"]),
];

/// Returns whether MSK has a broker type, or `None` if its family is not in the list.
pub fn has_broker(instance_type: &str) -> Option<bool> {
    let (family, size) = instance_type.rsplit_once('.').unwrap_or((instance_type, ""));
    let is_kafka = instance_type.starts_with("kafka.") || instance_type.starts_with("express.");
    match BROKERS.iter().find(|(known, _)| *known == family) {
        Some((_, sizes)) => Some(sizes.contains(&size)),
        None if is_kafka && !size.is_empty() && family.contains('.') => None,
        None => Some(false),
    }
}

/// Whether a broker type is an Express broker, whose storage MSK manages.
pub fn is_express(instance_type: &str) -> bool {
    instance_type.starts_with("express.")
}
