//! Combines sets of files that do not conflict.

use super::set::{MOST_COMMON, MOST_COMMON_TIMES, Set};

/// Combines sets from several folders that do not conflict: in order, and sets with the same name with each other.
pub fn joined(all: &[Vec<Set>]) -> Vec<Set> {
    let n_alone: usize = all.iter().filter(|sets| sets.len() == 1).flatten().map(|set| set.n_objects).sum();
    let n_sets = all.iter().map(Vec::len).max().unwrap_or_default();
    let n_all: usize = all.iter().flatten().map(|set| set.n_objects).sum();
    if n_sets < 2 {
        return vec![together(all.iter().flatten(), true)];
    }
    // The folder with the most sets provides the names. A set whose name is not among them joins a set without a
    // partner.
    let frame = all.iter().find(|sets| sets.len() == n_sets).map(Vec::as_slice).unwrap_or_default();
    let mut found: Vec<Vec<Set>> = frame.iter().map(|set| vec![set.clone()]).collect();
    let mut has_frame = false;
    for sets in all.iter().filter(|sets| sets.len() > 1) {
        if !has_frame && sets.len() == n_sets {
            has_frame = true;
            continue;
        }
        let mut places: Vec<Option<usize>> = vec![None; found.len()];
        let mut rest = Vec::new();
        for (idx, set) in sets.iter().enumerate() {
            let namesake = frame.iter().position(|other| other.name == set.name);
            match namesake.filter(|at| places[*at].is_none()) {
                Some(at) => places[at] = Some(idx),
                None => rest.push(idx),
            }
        }
        for idx in rest {
            match places.iter().position(Option::is_none) {
                Some(at) => places[at] = Some(idx),
                None => {
                    places.push(Some(idx));
                    let first = found[0].iter().cloned().map(not_told).collect();
                    found.push(first);
                }
            }
        }
        for (at, place) in places.into_iter().enumerate() {
            found[at].push(match place {
                Some(idx) => sets[idx].clone(),
                None => not_told(sets[0].clone()),
            });
        }
    }
    let is_too_much = n_alone * (found.len() - 1) > MOST_COMMON_TIMES * n_all + MOST_COMMON;
    let alone = || all.iter().filter(|sets| sets.len() == 1).flatten();
    let mut out = Vec::new();
    for (at, sets) in found.iter().enumerate() {
        let is_part = sets.iter().any(|set| set.is_part) || is_too_much && at > 0;
        let own = sets.iter().filter(|set| !is_part || set.files.values().any(|is_told| *is_told));
        let mut set = match is_part {
            true => Set { is_part: true, ..together(own, false) },
            false => together(own.chain(alone()), false),
        };
        set.name.clone_from(&sets[0].name);
        out.push(set);
    }
    // Findings in common files are reported in a set that is complete.
    if out.iter().all(|set| set.is_part) {
        out.push(together(alone(), true));
    }
    out
}

/// Combines several sets into one.
pub fn together<'s>(sets: impl Iterator<Item = &'s Set>, keeps_name: bool) -> Set {
    let mut all = Set::default();
    for set in sets {
        if keeps_name && all.name.is_empty() {
            all.name.clone_from(&set.name);
        }
        all.files.extend(&set.files);
        all.n_objects += set.n_objects;
        all.is_part |= set.is_part;
        all.is_example |= set.is_example;
    }
    all
}

/// Returns the set, without reporting findings in its files.
pub fn not_told(mut set: Set) -> Set {
    set.files.values_mut().for_each(|is_told| *is_told = false);
    set
}
