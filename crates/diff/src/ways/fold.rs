//! Grouping of answers: sources that gain the same access through the same layers share one line.

use std::collections::{BTreeMap, BTreeSet};

use meshsynth_reach::Verdict;

use super::ends::{Ask, Key};
use super::way::{Decider, Place, Way, With};

/// A question whose answers differ between the two sides.
#[derive(Clone, Debug)]
pub struct Turn {
    pub source: Key,
    pub target: Key,
    pub ask: Ask,
    pub from: String,
    pub to: String,
    pub before: Verdict,
    pub after: Verdict,
    pub fresh: bool,
    /// The deciding layers on each side, the old one first.
    pub by: [Vec<Decider>; 2],
    /// The policy statements that allow the access, on the side that allows it.
    pub rows: BTreeSet<usize>,
    /// The new endpoint if the path is expected, and whether its neighbors have the same path.
    pub with: Option<(Key, bool)>,
}

/// A path with the indices of the policy statements behind it.
pub struct Told {
    pub way: Way,
    pub rows: BTreeSet<usize>,
}

impl Turn {
    pub fn opens(&self) -> bool {
        self.after < self.before
    }
}

/// The key of paths that share one line: the same kind and the same sources.
type Same = (Kind, BTreeSet<Key>);

/// The common properties of all turns in a path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Kind {
    is_private: bool,
    fresh: bool,
    with: Option<(Key, bool)>,
    closes: bool,
    before: Verdict,
    after: Verdict,
    verbs: Vec<String>,
    layers: [Vec<(&'static str, &'static str)>; 2],
}

/// A source and a target.
type One = (Key, Key);

/// Groups turns into paths, public ones first, opened before closed.
pub fn fold(turns: Vec<Turn>) -> Vec<Told> {
    let mut deciders: BTreeMap<One, [Vec<Decider>; 2]> = BTreeMap::new();
    let mut names: BTreeMap<Key, String> = BTreeMap::new();
    let mut rows: BTreeMap<One, BTreeSet<usize>> = BTreeMap::new();
    // Groups the changed paths (all ports and actions) by source, target and verdicts.
    let mut ones: BTreeMap<(Key, Key, bool, Verdict, Verdict), Vec<Turn>> = BTreeMap::new();
    for turn in turns {
        names.insert(turn.source.clone(), turn.from.clone());
        if turn.with.as_ref().is_some_and(|(key, _)| *key == turn.target) {
            names.insert(turn.target.clone(), turn.to.clone());
        }
        rows.entry((turn.source.clone(), turn.target.clone())).or_default().extend(&turn.rows);
        let by = deciders.entry((turn.source.clone(), turn.target.clone())).or_default();
        for (all, own) in by.iter_mut().zip(&turn.by) {
            own.iter().for_each(|it| add(all, it));
        }
        let key = (turn.source.clone(), turn.target.clone(), turn.opens(), turn.before, turn.after);
        ones.entry(key).or_default().push(turn);
    }
    // Groups the sources with the same access to a target.
    let mut by_target: BTreeMap<(Kind, Place, Key), BTreeSet<Key>> = BTreeMap::new();
    for ((source, target, opens, before, after), turns) in ones {
        let first = &turns[0];
        let (to, verbs) = target_of(&turns);
        let kind = Kind {
            is_private: !(opens && source == Key::Internet),
            fresh: first.fresh,
            with: first.with.clone(),
            closes: !opens,
            before,
            after,
            verbs,
            layers: match first.with {
                Some(_) => Default::default(),
                None => first.by.clone().map(|by| by.iter().map(|it| (it.layer, it.verdict)).collect()),
            },
        };
        by_target.entry((kind, to, target)).or_default().insert(source);
    }
    // Groups the targets with the same sources.
    let mut by_both: BTreeMap<Same, Vec<(Place, Key)>> = BTreeMap::new();
    for ((kind, to, target), sources) in by_target {
        by_both.entry((kind, sources)).or_default().push((to, target));
    }
    let place = |key: &Key| {
        let name = names.get(key).cloned().unwrap_or_default();
        Place { construct: name.clone(), name }
    };
    let way = |((kind, sources), targets): (Same, Vec<(Place, Key)>)| {
        let mut by: [Vec<Decider>; 2] = Default::default();
        let mut of = BTreeSet::new();
        for source in &sources {
            for (_, target) in &targets {
                of.extend(rows.get(&(source.clone(), target.clone())).into_iter().flatten());
                let own = deciders.get(&(source.clone(), target.clone())).into_iter().flatten();
                by.iter_mut().zip(own).for_each(|(all, own)| own.iter().for_each(|it| add(all, it)));
            }
        }
        by.iter_mut().for_each(|it| it.sort());
        let [was, by] = by;
        let mut from: Vec<Place> = sources.iter().map(place).collect();
        from.sort();
        let to: Vec<Place> = targets.into_iter().map(|(to, _)| to).collect();
        let with = kind.with.as_ref().map(|(key, as_others)| With { end: place(key).name, as_others: *as_others });
        let way = Way {
            opens: !kind.closes,
            public: !kind.is_private,
            fresh: kind.fresh,
            pairs: (0..from.len()).flat_map(|from| (0..to.len()).map(move |to| (from, to))).collect(),
            from,
            to,
            verbs: kind.verbs,
            before: kind.before,
            after: kind.after,
            by,
            was,
            follows: None,
            said: Vec::new(),
            with,
        };
        Told { way, rows: of }
    };
    together(by_both.into_iter().map(way).collect())
}

/// Sorts public paths first, then opened paths, and paths between new endpoints last.
pub fn sort(ways: &mut [Way]) {
    let order = |it: &Way| (!it.public, it.fresh, it.with.is_some(), !it.opens, it.after == Verdict::Unknown);
    ways.sort_by(|a, b| order(a).cmp(&order(b)).then_with(|| (&a.to, &a.from).cmp(&(&b.to, &b.from))));
}

/// The maximum number of separate paths with the same deciding layers.
const MOST_ALIKE: usize = 3;

/// Merges paths that the same layers open or close, even if their sources and targets differ.
fn together(all: Vec<Told>) -> Vec<Told> {
    let alike = |way: &Way| {
        let by: Vec<String> = way.by.iter().map(ToString::to_string).collect();
        (way.opens, way.public, way.fresh, way.with.clone(), way.before, way.after, way.verbs.clone(), by)
    };
    let mut groups: BTreeMap<_, Vec<Told>> = BTreeMap::new();
    for told in all {
        groups.entry(alike(&told.way)).or_default().push(told);
    }
    let mut found = Vec::new();
    for told in groups.into_values() {
        if told.len() <= MOST_ALIKE || told[0].way.with.is_some() {
            found.extend(told);
            continue;
        }
        found.extend(merged(told));
    }
    found
}

/// Merges paths into one with all their sources and targets.
fn merged(told: Vec<Told>) -> Option<Told> {
    let rows = told.iter().flat_map(|it| it.rows.iter().copied()).collect();
    let group: Vec<Way> = told.into_iter().map(|it| it.way).collect();
    let ends = |of: fn(&Way) -> &Vec<Place>| -> Vec<Place> {
        group.iter().flat_map(of).cloned().collect::<BTreeSet<_>>().into_iter().collect()
    };
    let (from, to) = (ends(|it| &it.from), ends(|it| &it.to));
    let at = |all: &[Place], it: &Place| all.binary_search(it).unwrap_or_default();
    let pairs = group.iter().flat_map(Way::ends).map(|(a, b)| (at(&from, a), at(&to, b)));
    let pairs = pairs.collect::<BTreeSet<_>>().into_iter().collect();
    let mut was = Vec::new();
    group.iter().flat_map(|it| &it.was).for_each(|it| add(&mut was, it));
    group.first().cloned().map(|first| Told { way: Way { pairs, from, to, was, ..first }, rows })
}

/// Merges the paths of insiders that follow from a statement that admits everyone. Such a statement has one row for the
/// internet and one for its consequences.
pub fn consequences(all: Vec<Told>, statements: &BTreeMap<usize, String>) -> Vec<Told> {
    let mut groups: BTreeMap<usize, Vec<Told>> = BTreeMap::new();
    let mut found = Vec::new();
    for told in all {
        let cause = told.rows.iter().find(|row| statements.contains_key(row)).copied();
        match cause.filter(|_| told.way.opens && !told.way.public && !told.way.verbs.is_empty()) {
            Some(row) => groups.entry(row).or_default().push(told),
            None => found.push(told),
        }
    }
    for (row, group) in groups {
        let verbs: BTreeSet<String> = group.iter().flat_map(|it| it.way.verbs.clone()).collect();
        if let Some(Told { way, rows }) = merged(group) {
            let (verbs, follows) = (verbs.into_iter().collect(), statements.get(&row).cloned());
            found.push(Told { way: Way { verbs, follows, fresh: false, with: None, ..way }, rows });
        }
    }
    found
}

/// Adds a deciding layer unless one at the same place is included.
fn add(all: &mut Vec<Decider>, it: &Decider) {
    let is_one = |other: &Decider| {
        let place = |it: &Decider| (it.layer, it.verdict, it.what.clone(), it.field.clone(), it.source.clone());
        place(other) == place(it) && (!it.what.is_empty() || it.why == other.why)
    };
    if !all.iter().any(is_one) {
        all.push(it.clone());
    }
}

/// The verb for the use of credentials at a store that is reached over the network.
const LOGIN: &str = "log in to";

/// Returns the target with its ports, and the verbs.
fn target_of(turns: &[Turn]) -> (Place, Vec<String>) {
    let mut ports = BTreeSet::new();
    let mut verbs: Vec<String> = Vec::new();
    for turn in turns {
        match &turn.ask {
            Ask::Port(port) => _ = ports.insert(port.number),
            Ask::Action(word, _) if !verbs.iter().any(|it| it == word) => verbs.push((*word).to_owned()),
            Ask::Login if !verbs.iter().any(|it| it == LOGIN) => verbs.push(LOGIN.to_owned()),
            Ask::Action(..) | Ask::Login => {}
        }
    }
    let construct = turns[0].to.clone();
    let ports: Vec<String> = ports.into_iter().map(|it| it.to_string()).collect();
    let name = if ports.is_empty() { construct.clone() } else { format!("{construct}:{}", ports.join(",")) };
    (Place { name, construct }, verbs)
}
