//! Literals: instance types, engine versions, managed policies and time zones. IAM actions have a separate module.
//!
//! A name that is missing from these lists may be newer than the lists. If a name is similar to an entry, it is treated
//! as a misspelling. If it differs from the entry only in digits, it may be a newer generation and is not treated as a
//! misspelling.
//!
//! Source: `crates/facts/schema/literals`, from the data of cfn-lint 1.58, botocore 1.35, moto 5.2, the CDK 2.276 and the tz database; see
//! `crates/facts/schema/README.md`.

use std::sync::LazyLock;

use super::instance_types::is_known;
use super::shape::nearest;
use meshsynth_model::hash::FastSet;

/// The date of the lists.
pub const JUDGED_ON: &str = "2026-10-20";

/// The result of looking up a literal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The list contains it.
    Known,
    /// The list does not contain it, and this is the most similar entry.
    Near(String),
    /// The list does not contain it or a similar entry.
    Unknown,
}

/// The service of an instance type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Instances {
    /// Amazon EC2: `m7i.large`.
    Ec2,
    /// Amazon RDS and Aurora: `db.t4g.medium`.
    Database,
    /// Amazon ElastiCache: `cache.t4g.small`.
    Cache,
    /// Amazon OpenSearch Service: `r7g.large.search`.
    Search,
    /// Amazon MQ: `mq.m5.large`.
    Broker,
}

impl Instances {
    /// Returns the list, and the prefix and suffix around family and size.
    fn list(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Instances::Ec2 => (include_str!("../schema/literals/instance-types.txt"), "", ""),
            Instances::Database => (include_str!("../schema/literals/database-classes.txt"), "db.", ""),
            Instances::Cache => (include_str!("../schema/literals/cache-node-types.txt"), "cache.", ""),
            Instances::Search => (include_str!("../schema/literals/search-instance-types.txt"), "", ".search"),
            Instances::Broker => (include_str!("../schema/literals/broker-instance-types.txt"), "mq.", ""),
        }
    }

    /// Looks up an instance type.
    pub fn judge(self, text: &str) -> Verdict {
        let (list, start, end) = self.list();
        if self == Instances::Database && text == "db.serverless" {
            return Verdict::Known;
        }
        let Some(inner) = text.strip_prefix(start).and_then(|rest| rest.strip_suffix(end)) else {
            let whole = format!("{start}{text}{end}");
            let is_there = is_in(list, &whole[start.len()..whole.len() - end.len()]);
            return if is_there { Verdict::Near(whole) } else { Verdict::Unknown };
        };
        let Some((family, size)) = inner.split_once('.') else { return Verdict::Unknown };
        if is_in(list, inner) {
            return Verdict::Known;
        }
        let of_family = list.lines().find_map(|line| line.strip_prefix(family)?.strip_prefix(' '));
        let near = match of_family {
            Some(sizes) => meant(size, sizes.split(' ')).map(|size| format!("{family}.{size}")),
            None if self == Instances::Ec2 && is_known(text) => return Verdict::Known,
            None => meant(family, list.lines().filter_map(|line| line.split(' ').next()))
                .filter(|family| is_in(list, &format!("{family}.{size}")))
                .map(|family| format!("{family}.{size}")),
        };
        near.map_or(Verdict::Unknown, |inner| Verdict::Near(format!("{start}{inner}{end}")))
    }
}

/// Whether the list contains an instance size in its family.
fn is_in(list: &str, inner: &str) -> bool {
    let Some((family, size)) = inner.split_once('.') else { return false };
    list.lines().any(|line| {
        let mut words = line.split(' ');
        words.next() == Some(family) && words.any(|known| known == size)
    })
}

/// Returns the most similar name, unless it differs only in digits, because it may then be another generation or size.
pub(super) fn meant<'a>(text: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let letters = |text: &str| text.chars().filter(|c| !c.is_ascii_digit()).collect::<String>();
    nearest(text, names).filter(|near| letters(near) != letters(text))
}

/// Returns the AWS managed policies as path and name, in the order of the list.
fn managed_policies() -> impl Iterator<Item = (&'static str, &'static str)> {
    include_str!("../schema/literals/managed-policies.txt").lines().flat_map(|line| {
        let (path, names) = line.split_once(' ').unwrap_or((line, ""));
        names.split(' ').map(move |name| (path.trim_start_matches('/'), name))
    })
}

/// Looks up an AWS managed policy by path and name, such as `service-role/AmazonEBSCSIDriverPolicy`.
pub fn managed_policy(text: &str) -> Verdict {
    static KNOWN: LazyLock<FastSet<(&str, &str)>> = LazyLock::new(|| managed_policies().collect());
    let (path, name) = text.rfind('/').map_or(("", text), |end| text.split_at(end + 1));
    if KNOWN.contains(&(path, name)) {
        return Verdict::Known;
    }
    // A policy with another number in its name is a different policy. Therefore, a name that differs only in digits is
    // reported as a misspelling.
    let names = || managed_policies().map(|(_, name)| name);
    let near = if names().any(|known| known == name) { Some(name) } else { nearest(name, names()) };
    let near = near.and_then(|near| managed_policies().find(|(_, known)| *known == near));
    near.map_or(Verdict::Unknown, |(path, name)| Verdict::Near(format!("{path}{name}")))
}

/// Returns the available versions of an engine, oldest first. The engines are `mysql`, `mariadb`, `aurora-mysql`,
/// `memcached`, `opensearch` and `elasticsearch`.
pub fn versions(engine: &str) -> impl Iterator<Item = &'static str> + Clone {
    let list = include_str!("../schema/literals/engine-versions.txt");
    let of = list.lines().find_map(|line| line.strip_prefix(engine)?.strip_prefix(' ')).unwrap_or_default();
    of.split(' ').filter(|version| !version.is_empty())
}

/// Returns the numbers of a version such as `2.19`, or `None` if a part is not a number.
pub fn numbers(version: &str) -> Option<Vec<u32>> {
    version.split('.').map(|part| part.parse().ok()).collect()
}

/// Looks up a time zone such as `Europe/Vienna`.
pub fn time_zone(text: &str) -> Verdict {
    let zones = || {
        include_str!("../schema/literals/time-zones.txt").lines().flat_map(|line| {
            let (area, places) = line.split_once(' ').unwrap_or((line, ""));
            places.split(' ').map(move |place| if area == "." { place.to_owned() } else { format!("{area}/{place}") })
        })
    };
    if zones().any(|zone| zone == text) {
        return Verdict::Known;
    }
    let all: Vec<String> = zones().collect();
    match nearest(text, all.iter().map(String::as_str)) {
        Some(near) => Verdict::Near(near.to_owned()),
        None => Verdict::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recognizes_misspellings_but_not_newer_generations() {
        let near = |text: &str| Verdict::Near(text.to_owned());
        assert_eq!(Instances::Database.judge("db.t4g.medum"), near("db.t4g.medium"));
        assert_eq!(Instances::Cache.judge("cache.t4g.smal"), near("cache.t4g.small"));
        assert_eq!(Instances::Ec2.judge("c6i.xlrge"), near("c6i.xlarge"));
        assert_eq!(Instances::Cache.judge("t4g.small"), near("cache.t4g.small"));
        assert_eq!(Instances::Database.judge("db.r6g.large"), Verdict::Known);
        assert_eq!(Instances::Database.judge("db.serverless"), Verdict::Known);
        assert_eq!(Instances::Search.judge("r6g.large.search"), Verdict::Known);
        assert_eq!(Instances::Broker.judge("mq.m5.large"), Verdict::Known);
        assert_eq!(Instances::Ec2.judge("m99i.large"), Verdict::Unknown);
        assert_eq!(Instances::Ec2.judge("m7i.96xlarge"), Verdict::Unknown);
    }

    #[test]
    fn finds_managed_policies_by_path_and_name() {
        let near = |text: &str| Verdict::Near(text.to_owned());
        assert_eq!(managed_policy("AmazonS3ReadOnlyAccess"), Verdict::Known);
        assert_eq!(managed_policy("service-role/AmazonRDSEnhancedMonitoringRole"), Verdict::Known);
        assert_eq!(managed_policy("AmazonS3ReadOnlyAcces"), near("AmazonS3ReadOnlyAccess"));
        assert_eq!(
            managed_policy("AmazonRDSEnhancedMonitoringRole"),
            near("service-role/AmazonRDSEnhancedMonitoringRole")
        );
        assert_eq!(managed_policy("TeleportEverything"), Verdict::Unknown);
    }

    #[test]
    fn returns_versions_in_order() {
        assert_eq!(versions("opensearch").last(), Some("3.7"));
        assert_eq!(versions("mysql").last(), Some("8.4.11"));
        assert_eq!(versions("postgresql").count(), 0);
    }

    #[test]
    fn accepts_time_zones_of_the_database() {
        assert_eq!(time_zone("Asia/Tokyo"), Verdict::Known);
        assert_eq!(time_zone("UTC"), Verdict::Known);
        assert_eq!(time_zone("Europe/Viena"), Verdict::Near("Europe/Vienna".to_owned()));
        assert_eq!(time_zone("Middle-earth/Shire"), Verdict::Unknown);
    }
}
