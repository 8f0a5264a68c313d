//! Answers for a workload whose mesh membership is undetermined.

use std::collections::HashSet;

use crate::link::{Link, Verdict};

/// Returns the links that several possibilities have in common. If their verdicts differ, returns the most permissive
/// links without those that deny, and an unknown link.
pub(super) fn agreed(each: Vec<Vec<Link>>, unknown: Link) -> Vec<Link> {
    let worst = |links: &[Link]| links.iter().fold(Verdict::Allowed, |all, it| all.and(it.verdict));
    let verdicts: HashSet<Verdict> = each.iter().map(|it| worst(it)).collect();
    let best = each.into_iter().min_by_key(|it| worst(it)).unwrap_or_default();
    if verdicts.len() < 2 {
        return best;
    }
    best.into_iter().filter(|it| it.verdict != Verdict::Denied).chain([unknown]).collect()
}
