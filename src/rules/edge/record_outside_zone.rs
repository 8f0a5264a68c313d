//! The name of a record is not in the domain of its hosted zone.
//!
//! # What it reports
//!
//! The name of a record is neither the domain of its hosted zone nor a name below it. The rule needs a zone that the
//! program defines, or the property `HostedZoneName`.
//!
//! # Why it matters
//!
//! A hosted zone contains only its domain and the names below it. Route 53 rejects another name, or treats it as a
//! relative name below the domain if the trailing dot is missing.
//!
//! # Fix
//!
//! Write the complete name, such as `api.shop.example.com` in the zone of `shop.example.com`, or define the record in
//! the zone of its domain.
//!
//! Source: <https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resource-record-sets-values-basic.html>

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
        let (name, domain) = (plain(name), plain(domain));
        if name != domain && !name.ends_with(&format!(".{domain}")) {
            let message = format!("the record `{name}` is not in the hosted zone `{domain}`");
            let diagnostic = model.error(id, "MS0603", message).help(format!("use the name `{name}.{domain}`, or define the record in the hosted zone of its domain"));
            out.push(match zone {
                Some(zone) => diagnostic.note_at("the zone is defined here", model.node(zone).at),
                None => diagnostic,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::route53::{HostedZone, Record, Target};
    use crate::testing::{codes, stack};
    use crate::val::Val;

    fn named(name: &'static str) -> Vec<&'static str> {
        codes(|app| {
            let edge = stack(app, "edge");
            let zone = HostedZone::public(&edge, "zone", "shop.example.com", Default::default());
            let target = Target::A(vec![Val::from("192.0.2.1")]);
            Record::new(&edge, "record", &zone, name, target, Default::default());
        })
    }

    #[test]
    fn reports_a_record_name_in_another_domain() {
        assert_eq!(named("api.example.com"), ["MS0603"]);
        assert_eq!(named("workshop.example.com"), ["MS0603"]);
    }

    #[test]
    fn accepts_the_domain_and_names_below_it() {
        assert_eq!(named("shop.example.com"), [""; 0]);
        assert_eq!(named("a.b.shop.example.com."), [""; 0]);
    }
}
