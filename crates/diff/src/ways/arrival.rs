//! New workloads and resources, each summarized in one line with its paths.

use std::fmt;

use meshsynth_reach::Verdict;

use super::way::{Place, Way, list};

/// A new endpoint with its sources and targets, which the program declares or its neighbors have too.
#[derive(Clone, Debug)]
pub struct Arrival<'a> {
    /// The names. Several endpoints that differ only in their names share one line.
    pub names: Vec<&'a str>,
    /// The paths of the endpoints.
    pub ways: Vec<&'a Way>,
    clauses: [Vec<String>; 2],
}

impl<'a> Arrival<'a> {
    /// Returns the new endpoints in the order of the paths.
    pub fn all(ways: &'a [Way]) -> Vec<Self> {
        let mut found: Vec<Self> = Vec::new();
        for way in ways {
            let Some(name) = way.with.as_ref().map(|it| it.end.as_str()) else { continue };
            match found.iter_mut().find(|it| it.names == [name]) {
                Some(arrival) => arrival.ways.push(way),
                None => found.push(Self { names: vec![name], ways: vec![way], clauses: Default::default() }),
            }
        }
        let mut together: Vec<Self> = Vec::new();
        for mut arrival in found {
            let (known, unknown) = arrival.ways.iter().partition(|it| it.after != Verdict::Unknown);
            arrival.clauses = [known, unknown].map(|ways: Vec<&Way>| clauses(arrival.names[0], &ways));
            match together.iter_mut().find(|it| it.clauses == arrival.clauses) {
                Some(like) => {
                    like.names.extend(arrival.names);
                    like.ways.extend(arrival.ways);
                }
                None => together.push(arrival),
            }
        }
        together
    }

    /// Returns the number of paths, each from one source to one target.
    pub fn count(&self) -> usize {
        self.ways.iter().map(|it| it.pairs.len()).sum()
    }
}

/// Returns the paths into a new endpoint, then the paths out of it.
fn clauses(name: &str, ways: &[&Way]) -> Vec<String> {
    let is_into = |way: &&&Way| way.to.iter().all(|it| it.construct == name);
    let into = ways.iter().filter(is_into).map(|way| into(way));
    into.chain(ways.iter().filter(|it| !is_into(it)).map(|way| out_of(way))).collect()
}

fn into(way: &Way) -> String {
    let from = list(&way.from, "sources");
    let ports = way.to.first().and_then(|it| it.name.strip_prefix(&format!("{}:", it.construct)));
    let on = ports.map(|it| format!(" on {it}")).unwrap_or_default();
    let others = others(way);
    match (way.verbs.is_empty(), way.from.len()) {
        (true, 1) => format!("{from} reaches it{on}{others}"),
        (true, _) => format!("{from} reach it{on}{others}"),
        (false, _) => format!("{from} can {} it{others}", way.verbs.join(", ")),
    }
}

fn out_of(way: &Way) -> String {
    let (to, others) = (list(&way.to, "targets"), others(way));
    match way.verbs.is_empty() {
        true => format!("it reaches {to}{others}"),
        false => format!("it can {} {to}{others}", way.verbs.join(", ")),
    }
}

fn others(way: &Way) -> &'static str {
    match way.with.as_ref().is_some_and(|it| it.as_others) {
        true => ", like other workloads of its namespace",
        false => "",
    }
}

impl fmt::Display for Arrival<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = |name: &&str| Place { name: (*name).to_owned(), construct: String::new() };
        let names: Vec<Place> = self.names.iter().map(place).collect();
        let verb = if names.len() == 1 { "is" } else { "are" };
        write!(out, "{} {verb} new: ", list(&names, "ends"))?;
        let [known, unknown] = &self.clauses;
        out.write_str(&known.join("; "))?;
        if !unknown.is_empty() {
            let before = if known.is_empty() { "" } else { "; " };
            write!(out, "{before}cannot be decided from the files: {}", unknown.join("; "))?;
        }
        Ok(())
    }
}
