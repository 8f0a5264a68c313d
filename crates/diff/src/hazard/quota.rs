//! Quotas that the change exceeds.

use std::collections::{BTreeMap, BTreeSet};

use meshsynth_facts::{self as facts, resources::Quota};

use crate::change::{Change, Hazard, Section};
use crate::effect::Verdict;
use crate::side::{Pair, Side};

/// Reports exceeded quotas for each type with a created resource.
pub fn find(pair: &Pair, changes: &[Change], hazards: &mut Vec<Hazard>) {
    let is_new = |change: &&Change| change.verdict == Verdict::Create && matches!(change.section, Section::Stack(_));
    let created: BTreeSet<&str> = changes.iter().filter(is_new).map(|change| change.kind.as_str()).collect();
    for type_name in created {
        let Some(Quota { count: quota, page }) = facts::resource(type_name).quota else { continue };
        let before = counts(pair.base, type_name);
        for (place, n) in counts(pair.head, type_name) {
            let old = before.get(&place).copied().unwrap_or_default();
            if n > quota && n > old {
                let place = match &place {
                    Place::Region(_, region) => region.clone(),
                    Place::Stack(stack) => format!("stack `{stack}`"),
                };
                hazards.push(Hazard {
                    text: format!("{place} has {n} `{type_name}` after the change, but the default quota is {quota}"),
                    help: format!("request an increase before the deployment: <{page}>"),
                });
            }
        }
    }
}

/// The place to which a quota applies, as far as it is known.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    /// A region of an account.
    Region(Option<String>, String),
    /// A stack of unknown region, which may be in a separate region.
    Stack(String),
}

fn counts(side: &Side, type_name: &str) -> BTreeMap<Place, usize> {
    let mut counts = BTreeMap::new();
    for stack in &side.manifest.stacks {
        // Texts are searched before a document is parsed.
        let n = match side.text(&stack.template).contains(type_name) {
            true => side.resources_of(stack).filter(|(.., resource)| resource["Type"] == type_name).count(),
            false => 0,
        };
        let place = match stack.region.as_str() {
            "" => Place::Stack(stack.id.clone()),
            region => Place::Region(stack.account.clone(), region.to_owned()),
        };
        *counts.entry(place).or_default() += n;
    }
    counts
}
