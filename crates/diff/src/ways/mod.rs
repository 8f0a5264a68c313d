//! Network and permission paths that a change opens or closes. The reach engine evaluates both sides as worlds.
//!
//! [`relevant`] checks if the sides differ in engine input, and [`worlds`] converts a side to a world. [`affected`]
//! selects the questions, and [`fold`] groups the answers into paths. [`statements`] finds the policy statements behind
//! them.

mod affected;
mod arrival;
mod comes;
mod comparison;
mod elsewhere;
mod ends;
mod existing_network;
mod fold;
mod references;
mod relevant;
mod renamed;
mod statement_targets;
mod statements;
mod way;
mod workload_index;
mod worlds;
mod written;

use std::collections::BTreeMap;
use std::thread;

use meshsynth_reach::world::WorkloadId;
use meshsynth_reach::{Engine, World};

use crate::change::{About, Access, Change};
use crate::side::Pair;
use affected::{Affected, Asked};
use comparison::Comparison;
use ends::{Ends, Key, Renames};
use written::Written;

pub use arrival::Arrival;
pub use renamed::Renamed;
pub use way::{Decider, Place, Way, With};

/// Both sides as worlds, the old one first.
pub struct Worlds([World; 2]);

impl Worlds {
    /// Reads both sides. Returns `None` if they do not differ in engine input.
    pub fn of(pair: &Pair) -> Option<Self> {
        relevant::differs(pair).then(|| {
            thread::scope(|scope| {
                let base = scope.spawn(|| worlds::base(pair));
                let head = worlds::head(pair);
                Self([base.join().expect("reading a world never panics"), head])
            })
        })
    }
}

/// The paths that a change opens and closes, with remarks.
#[derive(Debug, Default)]
pub struct Ways {
    /// The paths, public ones first.
    pub ways: Vec<Way>,
    /// The renamed workloads.
    pub renamed: Vec<Renamed>,
    /// Remarks for the user.
    pub notes: Vec<String>,
}

/// Evaluates the affected questions in both worlds, and adds to each policy statement the paths that it opens.
pub fn compare(pair: &Pair, worlds: &Worlds, changes: &[Change], access: &mut [Access]) -> Ways {
    let Worlds([old, new]) = worlds;
    let mut renames = ends::renames(pair, worlds_of(worlds), changes);
    renamed::add(worlds_of(worlds), &mut renames);
    let engines = [Engine::new(old), Engine::new(new)];
    let mut affected = Affected::of([old, new], &renames);
    let elsewhere = elsewhere::named(worlds_of(worlds), &affected);
    let ends = [0, 1].map(|side| {
        Ends::new(&engines[side], &elsewhere.sources, &elsewhere.ports, if side == 0 { &renames } else { NONE })
    });
    affected.add_holders(&[0, 1].map(|side| Asked { engine: &engines[side], ends: &ends[side] }), &renames);
    let written = Written::of(access);
    let comparison = Comparison { engines: &engines, ends: &ends, affected: &affected, written };
    let mut found = Ways { renamed: renamed_workloads([old, new], &ends, &renames), ..Ways::default() };
    let mut turns = comparison.turns(&mut found.notes);
    comes::mark(&mut turns, &comparison, &pair.head.graph);
    let mut told = fold::fold(turns);
    let outside = statements::judge(&comparison, access, &mut told);
    let for_all = access.iter().enumerate().filter(|(_, row)| row.stranger && row.widened && row.about == About::Trust);
    let told = fold::consequences(told, &for_all.map(|(at, row)| (at, row.text.clone())).collect());
    let mut moved = existing_network::moved(&comparison, &renames);
    moved.retain(|way| {
        !told.iter().any(|it| it.way.opens && it.way.ends().any(|(_, to)| to.construct == way.to[0].name))
    });
    found.ways = told.into_iter().map(|it| it.way).chain(outside).chain(moved).collect();
    fold::sort(&mut found.ways);
    found
}

/// Returns the renamed workloads with their names.
fn renamed_workloads(worlds: [&World; 2], ends: &[Ends; 2], renames: &Renames) -> Vec<Renamed> {
    let olds: BTreeMap<Key, WorkloadId> = ends::workloads(worlds[0]).into_iter().collect();
    let row = |(from, to): (&Key, &Key)| {
        let from = ends::say_workload(worlds[0], *olds.get(from)?);
        Some(Renamed { from, to: ends[1].say_target(worlds[1], to) })
    };
    let mut found: Vec<Renamed> = renames.iter().filter_map(row).collect();
    found.sort();
    found
}

static NONE: &Renames = &Renames::new();

fn worlds_of(worlds: &Worlds) -> [&World; 2] {
    [&worlds.0[0], &worlds.0[1]]
}
