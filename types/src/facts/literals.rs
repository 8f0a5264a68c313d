//! Literals of AWS and the world: types of instances, versions of engines, managed policies, time zones; actions of IAM are
//! beside it.
//!
//! What is not in these lists may be newer than they are. A name that is nearly one of them is taken for a misspelling,
//! unless it differs in a digit alone, as a newer generation does.
//!
//! Source: `types/schema/literals`, from the data of cfn-lint 1.58, botocore 1.35, moto 5.2, the CDK 2.276 and the tz database; see
//! `types/schema/README.md`.

use std::sync::LazyLock;

use super::instance_types::is_known;
use super::shape::nearest;
use crate::hash::FastSet;

/// The day of which the lists are.
pub const JUDGED_ON: &str = "2026-10-20";

/// What a list says of a literal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is in the list.
    Known,
    /// It is not, and this is what was probably meant.
    Near(String),
    /// It is not, and nothing is near.
    Unknown,
}

/// What a type of instances is for.
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
    /// The list, and what stands before and behind family and size.
    fn list(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Instances::Ec2 => (include_str!("../../schema/literals/instance-types.txt"), "", ""),
            Instances::Database => (include_str!("../../schema/literals/database-classes.txt"), "db.", ""),
            Instances::Cache => (include_str!("../../schema/literals/cache-node-types.txt"), "cache.", ""),
            Instances::Search => (include_str!("../../schema/literals/search-instance-types.txt"), "", ".search"),
            Instances::Broker => (include_str!("../../schema/literals/broker-instance-types.txt"), "mq.", ""),
        }
    }

    /// What is known of a type of instances.
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

/// Whether a family has a size.
fn is_in(list: &str, inner: &str) -> bool {
    let Some((family, size)) = inner.split_once('.') else { return false };
    list.lines().any(|line| {
        let mut words = line.split(' ');
        words.next() == Some(family) && words.any(|known| known == size)
    })
}

/// The nearest name, unless it differs in digits alone: that is another generation or size.
pub(super) fn meant<'a>(text: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let letters = |text: &str| text.chars().filter(|c| !c.is_ascii_digit()).collect::<String>();
    nearest(text, names).filter(|near| letters(near) != letters(text))
}

/// The managed policies of AWS as path and name, in the order of the list.
fn managed_policies() -> impl Iterator<Item = (&'static str, &'static str)> {
    include_str!("../../schema/literals/managed-policies.txt").lines().flat_map(|line| {
        let (path, names) = line.split_once(' ').unwrap_or((line, ""));
        names.split(' ').map(move |name| (path.trim_start_matches('/'), name))
    })
}

/// Looks up a managed policy of AWS by path and name, such as `service-role/AmazonEBSCSIDriverPolicy`.
pub fn managed_policy(text: &str) -> Verdict {
    static KNOWN: LazyLock<FastSet<(&str, &str)>> = LazyLock::new(|| managed_policies().collect());
    let (path, name) = text.rfind('/').map_or(("", text), |end| text.split_at(end + 1));
    if KNOWN.contains(&(path, name)) {
        return Verdict::Known;
    }
    // A policy with another version in its name is another policy, unlike a generation of instances.
    let names = || managed_policies().map(|(_, name)| name);
    let near = if names().any(|known| known == name) { Some(name) } else { nearest(name, names()) };
    let near = near.and_then(|near| managed_policies().find(|(_, known)| *known == near));
    near.map_or(Verdict::Unknown, |(path, name)| Verdict::Near(format!("{path}{name}")))
}

/// The versions of an engine that can be made, the oldest first: of `mysql`, `mariadb`, `aurora-mysql`, `memcached`,
/// `opensearch` and `elasticsearch`.
pub fn versions(engine: &str) -> impl Iterator<Item = &'static str> + Clone {
    let list = include_str!("../../schema/literals/engine-versions.txt");
    let of = list.lines().find_map(|line| line.strip_prefix(engine)?.strip_prefix(' ')).unwrap_or_default();
    of.split(' ').filter(|version| !version.is_empty())
}

/// The numbers of a version such as `2.19`; none where a part of it is not a number.
pub fn numbers(version: &str) -> Option<Vec<u32>> {
    version.split('.').map(|part| part.parse().ok()).collect()
}

/// What is known of a time zone such as `Europe/Vienna`.
pub fn time_zone(text: &str) -> Verdict {
    let zones = || {
        include_str!("../../schema/literals/time-zones.txt").lines().flat_map(|line| {
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
    fn a_misspelling_is_near_and_a_newer_generation_is_not() {
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
    fn a_managed_policy_is_known_by_path_and_name() {
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
    fn versions_come_in_their_order() {
        assert_eq!(versions("opensearch").last(), Some("3.7"));
        assert_eq!(versions("mysql").last(), Some("8.4.11"));
        assert_eq!(versions("postgresql").count(), 0);
    }

    #[test]
    fn a_time_zone_is_a_name_of_the_database() {
        assert_eq!(time_zone("Asia/Tokyo"), Verdict::Known);
        assert_eq!(time_zone("UTC"), Verdict::Known);
        assert_eq!(time_zone("Europe/Viena"), Verdict::Near("Europe/Vienna".to_owned()));
        assert_eq!(time_zone("Middle-earth/Shire"), Verdict::Unknown);
    }
}
