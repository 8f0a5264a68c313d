//! The primary key of a replica key is not a multi-Region key, or is in the same region.
//!
//! # What it reports
//!
//! The primary key, which the program defines, does not have `MultiRegion: true`, or the replica is in the same stack
//! or region as the primary key.
//!
//! # Why it matters
//!
//! KMS replicates the key material to another region only if the key was created as a multi-Region key, which cannot be
//! changed later. A region contains at most one of the related keys.
//!
//! # Fix
//!
//! Define the key with `multi_region: true` before it encrypts data, and define the replica in a stack of another
//! region.
//!
//! Source: <https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-keys-replicate.html>

use crate::diag::Diagnostic;
use crate::synth::{Link, Model};
use crate::val::Data;
use crate::rules::index::references::{region, source_of};

pub(super) fn check(model: &Model, _: &Link, out: &mut Vec<Diagnostic>) {
    for (id, replica) in model.of_type("AWS::KMS::ReplicaKey") {
        let Some((of, key)) = source_of(model, &replica.props, "PrimaryKeyArn") else { continue };
        if key.props.get("MultiRegion").and_then(Data::as_bool) != Some(true) {
            let message = format!("`{}` is a single-region key, which cannot have replicas", model.path(of));
            out.push(
                model
                    .error(id, "MS0312", message)
                    .note_at("the key is defined here", model.node(of).at)
                    .help("define the key with `multi_region: true`; an existing key cannot be converted"),
            );
        } else if model.stack_of(id) == model.stack_of(of) || region(model, id).is_some_and(|it| region(model, of) == Some(it)) {
            let here = region(model, id).map(|it| format!("`{it}`, ")).unwrap_or_default();
            out.push(
                model
                    .error(id, "MS0312", format!("the replica is in {here}the region of the primary key"))
                    .help("define the replica in a stack of another region"),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::kms::{Key, KeyProps};
    use crate::testing::codes;
    use crate::{Env, Stack};

    fn replicate(multi_region: bool, region: &str) -> Vec<&'static str> {
        codes(|app| {
            let key = Stack::new(app, "one", Env::region("eu-west-1"));
            let key = Key::new(&key, "key", KeyProps { multi_region, ..Default::default() });
            key.add_replica(&Stack::new(app, "two", Env::region(region)), "key");
        })
    }

    #[test]
    fn a_key_of_one_region_has_no_replica() {
        assert_eq!(replicate(false, "eu-central-1"), ["MS0312"]);
    }

    #[test]
    fn reports_a_replica_in_the_same_region() {
        assert_eq!(replicate(true, "eu-west-1"), ["MS0312"]);
    }

    #[test]
    fn accepts_a_replica_of_a_multi_region_key() {
        assert_eq!(replicate(true, "eu-central-1"), [""; 0]);
    }
}
