//! A CNAME record has the name of the domain of its hosted zone.
//!
//! # What it reports
//!
//! The name of a CNAME record equals the domain name of its hosted zone. Case and a trailing dot do not matter.
//!
//! # Why it matters
//!
//! A name with a CNAME record must not have other records, and the domain of a zone always has NS and SOA records.
//! Route 53 rejects the record.
//!
//! # Fix
//!
//! Use an alias (`Target::alias`), which is allowed for the domain of a zone, or use a name below the domain.
//!
//! Source: <https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/ResourceRecordTypes.html#CNAMEFormat>

use crate::diag::Diagnostic;
use crate::synth::{Link, Model};
use crate::val::Data;

pub(super) fn check(model: &Model, _: &Link, out: &mut Vec<Diagnostic>) {
    for (id, record) in model.of_type("AWS::Route53::RecordSet") {
        let text = |key: &str| record.props.get(key).and_then(Data::as_str);
        let zone = record.props.get("HostedZoneId").and_then(Data::as_attr).map(|attr| attr.node);
        let domain = zone.and_then(|zone| model.resource(zone)?.props.get("Name")?.as_str());
        let (Some(name), Some(domain)) = (text("Name"), domain.or(text("HostedZoneName"))) else { continue };
        let plain = |text: &str| text.trim_end_matches('.').to_ascii_lowercase();
        if text("Type") == Some("CNAME") && plain(name) == plain(domain) {
            out.push(
                model
                    .error(id, "MS0621", format!("the CNAME record has the name `{name}`, which is the domain of its hosted zone"))
                    .help("use an alias record, or a name below the domain"),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::route53::{HostedZone, Record, Target};
    use crate::testing::{codes, stack};

    fn named(name: &'static str) -> Vec<&'static str> {
        codes(|app| {
            let edge = stack(app, "edge");
            let zone = HostedZone::public(&edge, "zone", "example.com", Default::default());
            Record::new(&edge, "record", &zone, name, Target::Cname("shop.example.net".into()), Default::default());
        })
    }

    #[test]
    fn reports_a_cname_record_at_the_zone_apex() {
        assert_eq!(named("example.com"), ["MS0621"]);
    }

    #[test]
    fn accepts_a_cname_record_below_the_zone_apex() {
        assert_eq!(named("www.example.com"), [""; 0]);
    }
}
