//! CloudFormation would read a secret that is in another region.
//!
//! # What it reports
//!
//! A resource contains a dynamic reference to a secret whose region differs from the region of the stack.
//!
//! # Why it matters
//!
//! CloudFormation resolves a dynamic reference in the region of its stack. The secret does not exist there, and the
//! deployment fails.
//!
//! # Fix
//!
//! Replicate the secret to that region, and refer to the replica: `secrets::SecretProps::replicas` and
//! `secrets::Secret::in_region`. For the header between a distribution and its load balancer, use
//! `cloudfront::OriginHeaderProps::replicas`.
//!
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references-secretsmanager.html>

use crate::diag::Diagnostic;
use crate::synth::{Link, Model};
use crate::val::{Data, Secret, Val};
use crate::rules::index::references::region;

pub(super) fn check(model: &Model, _: &Link, out: &mut Vec<Diagnostic>) {
    for (id, _, resource) in model.resources() {
        let Some(here) = region(model, id) else { continue };
        let mut secrets = Vec::new();
        resource.props.iter().for_each(|(_, data)| find(data, &mut secrets));
        let far = secrets.into_iter().find_map(|secret| Some((secret, place(model, secret)?)).filter(|it| it.1 != here));
        let Some((secret, there)) = far else { continue };
        let mut diagnostic = model.error(id, "MS0607", format!("a resource in `{here}` reads a secret that is stored in `{there}`"));
        if let Some(attr) = Data::from(secret.arn()).as_attr() {
            let note = format!("`{}` is defined here", model.path(attr.node).trim_end_matches("/resource"));
            diagnostic = diagnostic.note_at(note, model.node(attr.node).at);
        }
        out.push(diagnostic.help(format!("replicate the secret to `{here}`")));
    }
}

fn find<'a>(data: &'a Data, found: &mut Vec<&'a Secret>) {
    match data {
        Data::Secret(secret) => found.push(secret),
        Data::List(items) => items.iter().for_each(|item| find(item, found)),
        Data::Map(bag) => bag.iter().for_each(|(_, item)| find(item, found)),
        _ => {}
    }
}

/// Returns the region of a secret from the stack that defines it or from the text of its ARN, if known.
fn place(model: &Model, secret: &Secret) -> Option<String> {
    match secret.arn() {
        Val::Known(arn) => arn.split(':').nth(3).map(str::to_owned),
        arn => region(model, Data::from(arn).as_attr()?.node).map(str::to_owned),
    }
}

#[cfg(test)]
mod tests {
    use crate::cloudfront::{Distribution, DistributionProps, OriginHeader, OriginHeaderProps};
    use crate::kms::{Key, KeyProps};
    use crate::secrets::Replica;
    use crate::testing::codes;
    use crate::{Env, Stack};

    fn sent(is_copied: bool) -> Vec<&'static str> {
        codes(|app| {
            let stack = |id: &str, region| Stack::new(app, id, Env::new("111122223333", region));
            let key = Key::new(&stack("keys", "us-east-1"), "key", KeyProps::default());
            let copy = Replica { region: "us-east-1".to_owned(), key };
            let replicas = if is_copied { vec![copy] } else { Vec::new() };
            let props = OriginHeaderProps { replicas, ..Default::default() };
            let header = OriginHeader::new(&stack("edge", "ap-northeast-1"), "header", props);
            let props = DistributionProps { origin_header: Some(header), ..Default::default() };
            Distribution::new(&stack("global", "us-east-1"), "distribution", "origin.shop.example.com", props);
        })
    }

    #[test]
    fn reports_a_secret_of_another_region() {
        assert_eq!(sent(false), ["MS0607"]);
    }

    #[test]
    fn accepts_a_replica_in_the_same_region() {
        assert_eq!(sent(true), [""; 0]);
    }
}
