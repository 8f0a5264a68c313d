//! A cache has a node type that a global datastore does not support.
//!
//! # What it reports
//!
//! A member of a global datastore has nodes of a burstable family (`cache.t1` to `cache.t4g`), or of an old generation
//! (M1 to M4, R3, R4).
//!
//! # Why it matters
//!
//! A global datastore supports nodes of size `large` or more in these families: M5, M6g, M7g, R5, R6g, R6gd, R7g and
//! C7gn. ElastiCache rejects other node types when the datastore is created.
//!
//! # Fix
//!
//! Choose another node type for the primary cache, such as `cache.m7g.large`. Secondary caches use the same type.
//!
//! Source: <https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Redis-Global-Datastores-Getting-Started.html>

use crate::diag::Diagnostic;
use crate::synth::{Link, Model};
use crate::val::Data;
use crate::rules::index::references::source_of;

/// Unsupported families: burstable types and generations before those of the list.
const REFUSED: [&str; 10] = ["t1", "t2", "t3", "t4g", "m1", "m2", "m3", "m4", "r3", "r4"];

pub(super) fn check(model: &Model, _: &Link, out: &mut Vec<Diagnostic>) {
    for (id, global) in model.of_type("AWS::ElastiCache::GlobalReplicationGroup") {
        let n_members = global.props.get("Members").map_or(0, |members| members.items().len());
        for idx in 0..n_members {
            let member = format!("Members.{idx}.ReplicationGroupId");
            let Some((of, group)) = source_of(model, &global.props, &member) else { continue };
            let Some(node_type) = group.props.get("CacheNodeType").and_then(Data::as_str) else { continue };
            let family = node_type.split('.').nth(1).unwrap_or_default();
            if REFUSED.contains(&family) {
                let message = format!("a global datastore does not support `{node_type}` nodes: it requires size `large` or larger of another family");
                out.push(
                    model
                        .error(id, "MS0314", message)
                        .note_at(format!("`{}` is defined here", model.path(of)), model.node(of).at)
                        .help("use `cache.m7g.large`, `cache.r7g.large` or a larger node type"),
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::aws;
    use crate::elasticache::{GlobalDatastore, ReplicationGroup, ReplicationGroupProps};
    use crate::testing::{codes, stack};

    fn global(node_type: &str) -> Vec<&'static str> {
        codes(|app| {
            let data = stack(app, "data");
            let vpc = aws::Vpc::new(&data, "vpc", aws::VpcProps::default());
            let props = ReplicationGroupProps { node_type: node_type.to_owned(), ..Default::default() };
            GlobalDatastore::new(&data, "global", &ReplicationGroup::new(&data, "cache", &vpc, props));
        })
    }

    #[test]
    fn reports_burstable_nodes() {
        assert_eq!(global("cache.t4g.medium"), ["MS0314"]);
    }

    #[test]
    fn accepts_nodes_of_a_current_family() {
        assert_eq!(global("cache.r7g.large"), [""; 0]);
    }
}
