//! The region of a stack is not an AWS region.
//!
//! # What it reports
//!
//! The region is empty, is not a region name such as `eu-west-1`, or is an Availability Zone such as `eu-west-1a`. If
//! an unknown name has the form of a region, the finding is a warning, because AWS adds regions. Stacks with the same
//! wrong region share one finding.
//!
//! # Why it matters
//!
//! Without this check, the mistake appears only when the deployment contacts an AWS endpoint that does not exist. A
//! wrong region usually comes from an unset variable or from the name of a zone.
//!
//! # Fix
//!
//! Write the region in `Env::region` in the program, so that the program produces the same output on every machine.
//!
//! Source: <https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html>

use std::collections::BTreeMap;

use crate::diag::Diagnostic;
use crate::facts::regions::REGIONS;
use crate::name::is_region;
use crate::synth::{Link, Model};
use crate::tree::NodeId;
use crate::rules::index::references::also;

pub(super) fn check(model: &Model, _: &Link, out: &mut Vec<Diagnostic>) {
    let mut by_region: BTreeMap<&str, Vec<NodeId>> = BTreeMap::new();
    for (id, stack) in model.stacks() {
        by_region.entry(&stack.env.region).or_default().push(id);
    }
    for (region, stacks) in by_region {
        if REGIONS.split(' ').any(|known| known == region) {
            continue;
        }
        let (message, is_error) = match region {
            "" => ("the stack has no region".to_owned(), true),
            _ if is_region(region) => {
                (format!("this version of meshsynth does not recognize the region `{region}`"), false)
            }
            _ => (format!("`{region}` is not an AWS region"), true),
        };
        let about = if is_error { Model::error } else { Model::warning };
        out.push(also(model, &stacks, about(model, stacks[0], "MS0115", message)).help(near(region)));
    }
}

/// The help text: the regions with the same prefix, or an example.
fn near(region: &str) -> String {
    let zone = region.trim_end_matches(|c: char| c.is_ascii_lowercase());
    let start = region.split('-').next().unwrap_or_default();
    let mut alike = REGIONS.split(' ').filter(|known| known.split('-').next() == Some(start)).peekable();
    if REGIONS.split(' ').any(|known| known == zone) {
        return format!("`{region}` is an Availability Zone: use `Env::region(\"{zone}\")`");
    }
    match alike.peek() {
        Some(_) => format!("the regions are {}", alike.collect::<Vec<_>>().join(", ")),
        None => "set the region, such as `Env::region(\"eu-west-1\")`".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use crate::diag::Severity;
    use crate::testing::diagnostics;
    use crate::{App, Env, Stack, kms};

    fn in_region(app: &App, region: &str) {
        kms::Key::new(&Stack::new(app, "data", Env::region(region)), "key", kms::KeyProps::default());
    }

    fn said(region: &str) -> Vec<(Severity, String, String)> {
        let found = diagnostics("shop", |app| in_region(app, region));
        assert!(found.iter().all(|it| it.code == "MS0115"), "{found:?}");
        found.into_iter().map(|it| (it.severity, it.message, it.help.unwrap_or_default())).collect()
    }

    #[test]
    fn reports_an_invalid_region() {
        let (severity, text, help) = said("").remove(0);
        assert_eq!((severity, text.as_str()), (Severity::Error, "the stack has no region"));
        assert_eq!(help, "set the region, such as `Env::region(\"eu-west-1\")`");
        assert_eq!(said("tokyo")[0].0, Severity::Error);
        assert_eq!(said("eu-west-1a")[0].2, "`eu-west-1a` is an Availability Zone: use `Env::region(\"eu-west-1\")`");
    }

    #[test]
    fn warns_about_an_unknown_region() {
        let (severity, _, help) = said("ca-east-1").remove(0);
        assert_eq!((severity, help.as_str()), (Severity::Warning, "the regions are ca-central-1, ca-west-1"));
    }

    #[test]
    fn accepts_a_region() {
        assert!(said("eu-west-1").is_empty() && said("us-gov-west-1").is_empty());
    }
}
