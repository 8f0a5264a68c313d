//! Amazon Route 53 records.

use crate::cfn::route53::RecordSet;
use crate::cfn::route53::record_set;
use crate::diag::Diagnostic;
use crate::name;
use crate::owner_task::OwnerTask;
use crate::tree::{Construct, Scope};
use crate::units::Duration;
use crate::val::{Data, Val};

use super::health_check::HealthCheck;
use super::target::{self, Content, Target};
use super::zone::HostedZone;

/// The routing policy of a record. It is an enum, so that a record cannot mix routing policies.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Routing {
    /// Simple routing: the name has one record.
    #[default]
    Simple,
    /// Weighted routing: the weight relative to all records of the name, from 0 to 255.
    Weighted(u8),
    /// Latency-based routing, by region name. Route 53 returns the record of the region with the lowest latency for the
    /// client.
    Latency(String),
    /// Failover routing: Route 53 returns the secondary record only while the primary record is unhealthy.
    Failover(Failover),
}

/// The role of a record in a failover pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failover {
    /// The primary record, which Route 53 returns while it is healthy. It needs a health check, or an alias with
    /// evaluated target health.
    Primary,
    /// The secondary record, which Route 53 returns while the primary record is unhealthy.
    Secondary,
}

/// Properties of a [`Record`].
#[derive(Clone)]
pub struct RecordProps {
    /// The routing policy. Default: `Simple`.
    pub routing: Routing,
    /// The health check of the record. Route 53 omits the record from answers while the check fails. Default: none.
    pub health_check: Option<HealthCheck>,
    /// The time to live (TTL) of the record in DNS caches. An alias record has the TTL of its target. Default: 5
    /// minutes.
    pub ttl: Duration,
}

impl Default for RecordProps {
    fn default() -> Self {
        Self { routing: Routing::Simple, health_check: None, ttl: Duration::minutes(5) }
    }
}

/// A record of a hosted zone.
///
/// The record belongs to the stack that defines it, which can be in another region than the zone. If the routing policy
/// requires a set identifier, the path of the record is used, so that records in several stacks differ. An alias of a
/// target with IPv6 addresses, such as a distribution, defines an A record and an AAAA record. If the zone's owner
/// writes the records, the record becomes an owner task.
///
/// # Diagnostics
///
/// - `MS0602`: records with the same name contradict each other.
/// - `MS0603`: the name is outside the zone's domain.
/// - `MS0621`: a CNAME record for the zone's own domain.
///
/// # Diagnostics
///
/// - `MS0619`: the record has no value.
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
    /// Defines a record. `name` is the full name, such as `api.shop.example.com`.
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
        for ((kind, content), id) in target.records().into_iter().zip(["resource", "ipv6"]) {
            if let Content::Values(Data::List(values)) = &content
                && values.is_empty()
            {
                let message = format!("the {kind} record of `{name}` has no value");
                let help = "add a value, or remove the record";
                scope.report(Diagnostic::error("MS0619", message).help(help));
            }
            if zone.is_left_to_owner() {
                scope.owner_task(OwnerTask {
                    owner: zone.zone_id().into(),
                    what: format!("add the {kind} record of {name} to the hosted zone"),
                    document: Some(target::document(name, kind, content, &ttl).into()),
                });
                continue;
            }
            let record = RecordSet::new(name, kind);
            let record = match content {
                Content::Values(values) => record.raw("ResourceRecords", values).ttl(ttl.clone()),
                Content::Alias(alias) => record.alias_target(alias),
            };
            routed(record, &scope, zone, &props).define(&scope, id);
        }
        Self { scope, name: name.to_owned() }
    }

    /// Returns the DNS name of the record.
    pub fn name(&self) -> &str {
        &self.name
    }
}

/// Sets the zone, the routing policy and the health check of a record.
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
    use crate::aws::edge::route53::{Caa, ExistingZone, HealthCheckProps, Server, ZoneProps};
    use crate::testing::{Platform, stack};

    #[test]
    fn failover_pair_has_primary_health_check() {
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
    fn defines_mx_caa_srv_and_ns_records() {
        let platform = Platform::synth("shop", |app| {
            let edge = stack(app, "edge");
            let zone = HostedZone::public(&edge, "zone", "example.com", ZoneProps::default());
            let record = |id, name: &str, target| {
                Record::new(&edge, id, &zone, name, target, RecordProps::default());
            };
            record("mx", "example.com", Target::Mx(vec![(10, "mail.example.net".into())]));
            record("caa", "example.com", Target::Caa(vec![Caa::Issue("amazon.com".to_owned())]));
            let server = Server { priority: 1, weight: 5, port: 5060, host: "sip.example.net".into() };
            record("srv", "_sip._tcp.example.com", Target::Srv(vec![server]));
            record("ns", "eu.example.com", Target::name_servers(["ns-1.example.net", "ns-2.example.net"]));
        });
        let of = |kind: &str| {
            let found = platform.resources_where("AWS::Route53::RecordSet", "Type", kind);
            found.first().expect("it is defined").props["ResourceRecords"][0].clone()
        };
        assert_eq!((of("MX"), of("SRV")), ("10 mail.example.net".into(), "1 5 5060 sip.example.net".into()));
        assert_eq!((of("CAA"), of("NS")), ("0 issue \"amazon.com\"".into(), "ns-1.example.net".into()));
    }

    #[test]
    fn adds_owner_task_instead_of_record() {
        let platform = Platform::synth("shop", |app| {
            let edge = stack(app, "edge");
            let existing =
                ExistingZone { owner_writes_records: true, ..ExistingZone::new("example.com", "Z0123456789AB") };
            let zone = HostedZone::import(&edge, "zone", existing);
            let target = Target::Cname("shop.example.net".into());
            Record::new(&edge, "shop", &zone, "shop.example.com", target, RecordProps::default());
            HostedZone::public(&edge, "own", "own.example.org", ZoneProps::default());
        });
        assert!(platform.resources("AWS::Route53::RecordSet").is_empty());
        assert!(platform.assembly.files["owners.json"].contains("shop.example.net"));
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
