//! An Availability Zone does not belong to the region of its stack.
//!
//! # What it reports
//!
//! The rule checks the properties `AvailabilityZone`, `AvailabilityZones`, `PreferredAvailabilityZone` and
//! `PreferredCacheClusterAZs`. It skips stacks whose region is unknown. A zone name is the region and a letter, such as
//! `eu-west-1a`, or the region and the name of a local zone.
//!
//! # Why it matters
//!
//! In EC2, each region has only its own zones, so the resource cannot be created.
//!
//! # Fix
//!
//! Use a zone of the stack's region, or omit the zones so that the construct chooses them.
//!
//! Source: <https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-availability-zones.html>

use crate::diag::Diagnostic;
use crate::facts::regions::REGIONS;
use crate::name::is_region;
use crate::rules::index::literals::each_text;
use crate::rules::index::references::region;
use crate::synth::{Link, Model};

/// The properties that name zones.
const PROPERTIES: [&str; 4] = ["AvailabilityZone", "AvailabilityZones", "PreferredAvailabilityZone", "PreferredCacheClusterAZs"];

pub(super) fn check(model: &Model, _: &Link, out: &mut Vec<Diagnostic>) {
    for (id, _, resource) in model.resources() {
        let Some(here) = region(model, id).filter(|region| is_region(region)) else { continue };
        each_text(&resource.props, &mut |key, text| {
            if PROPERTIES.contains(&key) && names_zone(text) && !is_zone_of(text, here) {
                let message = format!("`{text}` is not an availability zone of `{here}`");
                out.push(
                    model.error(id, "MS0134", message).help(format!("use a zone of the region, such as `{here}a`")),
                );
            }
        });
    }
}

/// Whether a text has the form of a zone: a region and a suffix.
fn names_zone(text: &str) -> bool {
    let region = text.trim_end_matches(|c: char| c.is_ascii_lowercase());
    let goes_on = |region: &str| text.strip_prefix(region).is_some_and(|rest| rest.starts_with(|c: char| !c.is_ascii_digit()));
    is_region(region) || text.split('-').count() > 3 || REGIONS.split(' ').any(goes_on)
}

fn is_zone_of(zone: &str, region: &str) -> bool {
    zone.strip_prefix(region).is_some_and(|rest| match rest.as_bytes() {
        [letter] => letter.is_ascii_lowercase(),
        [first, ..] => *first == b'-',
        [] => false,
    })
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::templates::{found, template};
    use crate::testing::{codes, stack};
    use crate::{Env, World, cfn, check_templates};

    const SUBNET: &str = r#"{ "Resources": { "Subnet": { "Type": "AWS::EC2::Subnet",
        "Properties": { "VpcId": "vpc-0123abcd", "CidrBlock": "10.0.0.0/24", "AvailabilityZone": "cn-north-1a" } } } }"#;

    fn volume_in(zone: &str) -> Vec<&'static str> {
        codes(|app| {
            cfn::ec2::Volume::new().availability_zone(zone).size(10).encrypted(true).define(&stack(app, "data"), "volume").retain();
        })
    }

    #[test]
    fn reports_a_zone_of_another_region() {
        assert_eq!(volume_in("eu-west-1a"), ["MS0134"]);
        assert_eq!(volume_in("ap-northeast-3a"), ["MS0134"]);
        for zone in ["ap-northeast-1z9", "ap-northeast-1aa"] {
            assert_eq!(volume_in(zone), ["MS0134"], "{zone}");
        }
    }

    #[test]
    fn accepts_a_zone_of_the_region() {
        assert_eq!(volume_in("ap-northeast-1a"), [""; 0]);
        assert_eq!(volume_in("ap-northeast-1-tpe-1a"), [""; 0]);
    }

    #[test]
    fn accepts_any_zone_in_an_unknown_region() {
        assert!(found(SUBNET).is_empty());
        let deployed = template(SUBNET).in_env(Env::region("eu-west-1"));
        let codes: Vec<_> = check_templates(&[deployed], World::Open).into_iter().map(|it| it.code).collect();
        assert_eq!(codes, ["MS0134"]);
    }
}
