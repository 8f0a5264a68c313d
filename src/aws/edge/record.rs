//! Records of Route 53.

use crate::cfn::route53::RecordSet;
use crate::cfn::route53::record_set;
use crate::name;
use crate::tree::{Construct, Scope};
use crate::units::Duration;
use crate::val::Val;

use super::health_check::HealthCheck;
use super::zone::HostedZone;

/// What has a name in AWS that an alias record can stand for.
pub trait AliasTarget {
    /// Its name, and the zone of AWS which that name is in.
    fn alias(&self) -> (Val<String>, Val<String>);

    /// Whether Route 53 may ask for its health. A CloudFront distribution has none.
    fn has_health(&self) -> bool {
        true
    }

    /// Whether it has IPv6 addresses as well: its alias then answers for both.
    fn has_ipv6(&self) -> bool {
        false
    }
}

/// What a record says.
#[derive(Clone, Debug)]
pub enum Target {
    /// IPv4 addresses.
    A(Vec<Val<String>>),
    /// Another name; not for the domain itself, which takes an alias.
    Cname(Val<String>),
    /// Texts, without their quotes.
    Txt(Vec<String>),
    /// Whatever AWS serves under `name`: free of charge, and allowed for the domain itself.
    Alias {
        /// The name in AWS.
        name: Val<String>,
        /// The zone which that name is in.
        zone: Val<String>,
        /// Whether an unhealthy target is left out of answers.
        evaluate_health: bool,
        /// Whether it has IPv6 addresses as well.
        ipv6: bool,
    },
}

impl Target {
    /// An alias of a load balancer, a distribution or an accelerator.
    pub fn alias(of: &impl AliasTarget) -> Self {
        let (name, zone) = of.alias();
        Target::Alias { name, zone, evaluate_health: of.has_health(), ipv6: of.has_ipv6() }
    }
}

/// Which of several records of one name answers. It is one choice, so that routings cannot mix in a record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Routing {
    /// There is one record of the name.
    #[default]
    Simple,
    /// By its share of the weights of all records of the name, 0 to 255.
    Weighted(u8),
    /// The one whose region is the quickest for whoever asks, by the name of the region.
    Latency(String),
    /// The primary while it is healthy.
    Failover(Failover),
}

/// Which of the two records of a failover a record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failover {
    /// It answers while it is healthy; give it a health check, or an alias whose health is evaluated.
    Primary,
    /// It answers while the primary is not healthy.
    Secondary,
}

/// Properties of a [`Record`].
#[derive(Clone)]
pub struct RecordProps {
    /// Which of several records of the name answers. Default: `Simple`.
    pub routing: Routing,
    /// Leaves the record out of answers while this check fails. Default: none.
    pub health_check: Option<HealthCheck>,
    /// How long others may keep the answer; an alias has that of its target. Default: 5 minutes.
    pub ttl: Duration,
}

impl Default for RecordProps {
    fn default() -> Self {
        Self { routing: Routing::Simple, health_check: None, ttl: Duration::minutes(5) }
    }
}

/// A record of a hosted zone.
///
/// It lives in the stack of its own scope, which may be in another region than
/// the zone. Where the routing asks for a set identifier, it is the record's
/// path, so that records of one name in several stacks never meet. An alias of
/// what has IPv6 addresses, such as a distribution, is two records.
///
/// # Diagnostics
///
/// - `MS0602`: records of one name that do not go together.
/// - `MS0603`: the name lies outside of the zone's domain.
///
/// # Example
///
/// ```
/// # use meshsynth::{testing, App, route53};
/// # use meshsynth::route53::{Record, RecordProps, Routing, Target};
/// # let app = App::new("shop");
/// # let edge = testing::stack(&app, "edge");
/// # let zone = route53::HostedZone::public(&edge, "zone", "shop.example.com", Default::default());
/// Record::new(&edge, "api-blue", &zone, "api.shop.example.com", Target::Cname("blue.example.net".into()), RecordProps {
///     routing: Routing::Weighted(90),
///     ..Default::default()
/// });
/// ```
///
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-route53-recordset.html>
#[derive(Clone)]
pub struct Record {
    scope: Scope,
    name: String,
}

impl Record {
    /// Defines a record. `name` is the whole name, such as `api.shop.example.com`.
    #[track_caller]
    pub fn new(
        scope: &impl Construct,
        id: &str,
        zone: &HostedZone,
        name: &str,
        target: Target,
        props: RecordProps,
    ) -> Self {
        let scope = scope.scope().construct(id);
        let ttl = props.ttl.as_seconds().to_string();
        let records = match target {
            Target::A(addresses) => vec![RecordSet::new(name, "A").resource_records(addresses).ttl(ttl)],
            Target::Cname(other) => vec![RecordSet::new(name, "CNAME").resource_records([other]).ttl(ttl)],
            Target::Txt(texts) => {
                let quoted = texts.iter().map(|text| format!("\"{}\"", text.replace('"', "\\\""))).collect::<Vec<_>>();
                vec![RecordSet::new(name, "TXT").resource_records(quoted).ttl(ttl)]
            }
            Target::Alias { name: of, zone, evaluate_health, ipv6 } => {
                let alias = record_set::AliasTarget::new(of, zone).evaluate_target_health(evaluate_health);
                let types = if ipv6 { &["A", "AAAA"][..] } else { &["A"] };
                types.iter().map(|type_| RecordSet::new(name, *type_).alias_target(alias.clone())).collect()
            }
        };
        for (record, id) in records.into_iter().zip(["resource", "ipv6"]) {
            routed(record, &scope, zone, &props).define(&scope, id);
        }
        Self { scope, name: name.to_owned() }
    }

    /// The name that the record answers for.
    pub fn name(&self) -> &str {
        &self.name
    }
}

/// Says which zone a record is of, and when it answers.
fn routed(record: RecordSet, scope: &Scope, zone: &HostedZone, props: &RecordProps) -> RecordSet {
    let mut record = record.hosted_zone_id(Val::<String>::from(zone.zone_id()));
    if let Some(check) = &props.health_check {
        record = record.health_check_id(check.health_check_id());
    }
    if props.routing != Routing::Simple {
        record = record.set_identifier(name::fit(&scope.path(), 128));
    }
    match &props.routing {
        Routing::Simple => record,
        Routing::Weighted(weight) => record.weight(*weight),
        Routing::Latency(region) => record.region(region.as_str()),
        Routing::Failover(Failover::Primary) => record.failover(record_set::Failover::Primary),
        Routing::Failover(Failover::Secondary) => record.failover(record_set::Failover::Secondary),
    }
}

impl Construct for Record {
    fn scope(&self) -> &Scope {
        &self.scope
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::edge::route53::{HealthCheckProps, ZoneProps};
    use crate::testing::{Platform, stack};

    #[test]
    fn a_failover_pair_depends_on_the_health_of_the_first() {
        let platform = Platform::synth("shop", |app| {
            let edge = stack(app, "edge");
            let zone = HostedZone::public(&edge, "zone", "shop.example.com", ZoneProps::default());
            let check = HealthCheck::new(&edge, "check", "tokyo.shop.example.com", HealthCheckProps::default());
            let record = |id, to: &str, role, health_check| {
                let props = RecordProps { routing: Routing::Failover(role), health_check, ..Default::default() };
                Record::new(&edge, id, &zone, "api.shop.example.com", Target::Cname(to.into()), props);
            };
            record("first", "tokyo.shop.example.com", Failover::Primary, Some(check));
            record("second", "osaka.shop.example.com", Failover::Secondary, None);
        });
        let records = platform.resources("AWS::Route53::RecordSet");
        let first = records.iter().find(|it| it.props["Failover"] == "PRIMARY").expect("the primary");
        let second = records.iter().find(|it| it.props["Failover"] == "SECONDARY").expect("the secondary");
        assert!(first.props["HealthCheckId"].is_object());
        assert_ne!(first.props["SetIdentifier"], second.props["SetIdentifier"]);
        assert!(second.props["HealthCheckId"].is_null());
    }

    #[test]
    fn a_simple_record_has_no_set_identifier() {
        let platform = Platform::synth("shop", |app| {
            let edge = stack(app, "edge");
            let zone = HostedZone::public(&edge, "zone", "shop.example.com", ZoneProps::default());
            let target = Target::Txt(vec!["v=spf1 -all".to_owned()]);
            Record::new(&edge, "mail", &zone, zone.domain(), target, RecordProps::default());
        });
        let record = platform.resource("AWS::Route53::RecordSet");
        assert!(record.props["SetIdentifier"].is_null());
        assert_eq!(record.props["ResourceRecords"][0], "\"v=spf1 -all\"");
        assert_eq!(record.props["TTL"], "300");
    }
}
