//! The effect of policy statements together with all layers: statements behind a path, statements without a path, and
//! statements that the engine does not model.

use std::collections::{BTreeMap, BTreeSet};

use meshsynth_reach::{Layer, Verdict};

use super::comparison::Comparison;
use super::existing_network;
use super::fold::Told;
use super::statement_targets::StatementTargets;
use super::way::{Decider, Place, Way};
use super::written::{is_same_direction, names_in};
use crate::access::group_name;
use crate::change::{About, Access, Standing};

/// Sets the effect of each statement, and adds to each path the statements behind it. Returns the paths to resources
/// outside of the platform.
pub fn judge(comparison: &Comparison<'_>, access: &mut [Access], told: &mut [Told]) -> Vec<Way> {
    let head = StatementTargets::new(&comparison.engines[1], &comparison.ends[1]);
    let deciders = Deciders::new(told);
    let mut outside = Vec::new();
    for (at, row) in access.iter_mut().enumerate() {
        let members = head.members(row);
        let internet = members.as_ref().map(|members| head.best_of_strangers(members));
        // If another layer blocks strangers, the statement is not public.
        row.public = match filter(&row.about) {
            Some(layer) => {
                let is_it = |it: &Told| it.way.public && it.way.by.iter().any(|it| it.layer == layer);
                row.stranger && told.iter().any(is_it)
            }
            // The requests of the engine meet no conditions, so its denial is not decisive.
            None => row.stranger && (row.conditional || internet != Some(Verdict::Denied)),
        };
        let mut behind = deciders.named_by(row, told.len());
        behind.retain(|it| is_behind(row, &told[*it].way));
        let decides = !behind.is_empty();
        if !decides {
            // The statement does not decide the path, but the path requires it.
            behind = deciders.with_row(at).filter(|it| row.widened == told[*it].way.opens).collect();
        }
        let is_public_way = behind.iter().any(|it| told[*it].way.public);
        if !behind.is_empty() && (decides || is_public_way || !row.public) {
            row.standing = Standing::Way;
            row.public = row.stranger && (is_public_way || row.about == About::Trust);
            // A trust policy explains the role of a source, but not its access. It is listed only if it decides the
            // path.
            let is_said = decides || row.about != About::Trust;
            for it in behind.into_iter().filter(|_| is_said) {
                let way = &mut told[it].way;
                if !way.said.contains(&row.text) {
                    way.said.push(row.text.clone());
                }
            }
            continue;
        }
        let of_existing = members.as_ref().filter(|_| row.widened).and_then(|members| head.in_existing(row, members));
        if let Some(way) = of_existing {
            (row.standing, row.public) = (Standing::Way, way.public);
            outside.push(way);
            continue;
        }
        let is_without_way = match (&members, &row.about) {
            (None, About::Group) if row.widened && head.is_external_group(&row.subject) => {
                outside.push(of_outside(row));
                (row.standing, row.public) = (Standing::Way, row.stranger);
                continue;
            }
            (Some(members), About::Group) if members.is_empty() => {
                if row.widened {
                    outside.push(of_outside(row));
                    (row.standing, row.public) = (Standing::Way, row.stranger);
                }
                continue;
            }
            // The policy selects no pod of the platform. If the platform has no pods in its namespace, it selects
            // external pods.
            (Some(members), About::Pods { namespace, .. }) if members.is_empty() => head.has_pods_in(namespace),
            (Some(members), About::Group | About::Address) => head.are_stores(members),
            _ => false,
        };
        if is_without_way {
            row.public = false;
            row.standing = Standing::NoWay;
        }
    }
    outside
}

/// Returns the path through a security group that no resource of the platform has. Its members are external and
/// unknown.
fn of_outside(row: &Access) -> Way {
    let to = vec![Place { name: row.subject.clone(), construct: row.subject.clone() }];
    let why = "no resource in the platform uses this security group, and its other users are unknown".to_owned();
    let from = if row.stranger { "internet" } else { &row.who };
    existing_network::undecided(from, to, row.stranger, &row.at, Layer::SecurityGroup, why, vec![row.text.clone()])
}

/// Whether a statement decides a path and changes in the same direction.
fn is_behind(row: &Access, way: &Way) -> bool {
    if let Some(layer) = filter(&row.about) {
        let mut all = way.by.iter().chain(&way.was);
        return row.widened == way.opens && all.any(|it| it.layer == layer);
    }
    let is_it = |it: &Decider| {
        let names = [it.construct.as_str(), it.what.as_str(), group_name(&it.construct)];
        let ends = |at: &str| !at.is_empty() && (names.contains(&at) || it.what.ends_with(&format!("/{at}")));
        is_same_direction(&row.about, &it.field) && (ends(&row.at) || ends(&row.subject))
    };
    // A role policy has many statements about different resources.
    if row.about == About::Permission && row.widened == way.opens {
        let names = names_in(&row.subject);
        let is_named = way.to.iter().any(|it| names.contains(&it.construct));
        let is_general = row.subject.contains('*') && !row.subject.contains("${");
        if !is_named && !is_general {
            return false;
        }
    }
    row.widened == way.opens && way.by.iter().chain(&way.was).any(is_it)
}

/// Returns the layer of a statement that only filters requests.
fn filter(about: &About) -> Option<&'static str> {
    match about {
        About::Acl => Some(Layer::NetworkAcl.words()),
        About::Endpoint => Some(Layer::Endpoint.words()),
        _ => None,
    }
}

/// An index of paths by the names of their deciders, and by the statements that their answers name.
struct Deciders {
    by_name: BTreeMap<String, BTreeSet<usize>>,
    by_row: BTreeMap<usize, Vec<usize>>,
}

impl Deciders {
    fn new(told: &[Told]) -> Self {
        let mut found = Self { by_name: BTreeMap::new(), by_row: BTreeMap::new() };
        for (at, it) in told.iter().enumerate() {
            for decider in it.way.by.iter().chain(&it.way.was) {
                let ends = decider.what.match_indices('/').map(|(slash, _)| &decider.what[slash + 1..]);
                let names = [decider.construct.as_str(), decider.what.as_str(), group_name(&decider.construct)];
                for name in names.into_iter().chain(ends).filter(|it| !it.is_empty()) {
                    found.by_name.entry(name.to_owned()).or_default().insert(at);
                }
            }
            it.rows.iter().for_each(|row| found.by_row.entry(*row).or_default().push(at));
        }
        found
    }

    /// Returns the paths that a statement may decide, in order. The statement is not behind other paths.
    fn named_by(&self, row: &Access, n_ways: usize) -> Vec<usize> {
        if filter(&row.about).is_some() {
            return (0..n_ways).collect();
        }
        let names = [&row.at, &row.subject];
        let found: BTreeSet<usize> =
            names.into_iter().filter_map(|it| self.by_name.get(it)).flatten().copied().collect();
        found.into_iter().collect()
    }

    /// Returns the paths whose answers name a statement, in order.
    fn with_row(&self, row: usize) -> impl Iterator<Item = usize> {
        self.by_row.get(&row).into_iter().flatten().copied()
    }
}
