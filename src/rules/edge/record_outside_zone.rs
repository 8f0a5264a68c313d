//! The name of a record is not in the domain of its hosted zone.
//!
//! A zone answers for its domain and the names below it. Route 53 refuses
//! another name, or takes it as one below the domain where the last dot is missing.
//!
//! Give the whole name, such as `api.shop.example.com` in the zone of
//! `shop.example.com`, or the zone that it belongs to.
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
            let diagnostic = model.error(id, "MS0603", message).help(format!("name it `{name}.{domain}`, or define it in its own hosted zone"));
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
    fn a_name_of_another_domain_is_an_error() {
        assert_eq!(named("api.example.com"), ["MS0603"]);
        assert_eq!(named("workshop.example.com"), ["MS0603"]);
    }

    #[test]
    fn the_domain_and_what_is_below_it_are_fine() {
        assert_eq!(named("shop.example.com"), [""; 0]);
        assert_eq!(named("a.b.shop.example.com."), [""; 0]);
    }
}
