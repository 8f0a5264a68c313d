//! Finds the sequence of versions of a component while its cluster is upgraded.
//!
//! The Kubernetes versions of a cluster are a fixed sequence, because EKS upgrades one minor version at a time. Components
//! depend on this sequence only, so each is solved separately: the best path through pairs of a Kubernetes version and
//! a version of the component. A path is better if fewer of its pairs are outside of the tested range, then if fewer
//! pairs are without data, then if it has fewer steps.

use meshsynth_facts::versions::calendar::{Calendar, Release};

use crate::version::is_inside;

/// An update of a component.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Move {
    /// The index of the Kubernetes version at which the update runs, before the next Kubernetes version.
    pub level: usize,
    /// The index of the old release.
    pub from: usize,
    /// The index of the new release.
    pub to: usize,
}

/// Whether the vendor tests a release with a Kubernetes version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fit {
    /// The version is in the tested range.
    Tested,
    /// The version is outside of the tested range.
    Outside,
    /// The data does not contain the range.
    NoData,
}

/// The releases of a component, oldest first, beginning with the one in use.
#[derive(Debug)]
pub struct Axis {
    /// The releases.
    pub releases: Vec<Release>,
    /// Whether each release must be installed in turn.
    pub is_one_by_one: bool,
}

/// The number of pairs outside of the range, the number of pairs without data, and the number of updates.
type Cost = (u32, u32, u32);

impl Axis {
    /// Returns the releases from a version to the newest one, or `None` if the calendar does not contain the version.
    pub fn new(calendar: &Calendar, version: &str, is_one_by_one: bool) -> Option<Self> {
        let at = calendar.position(version)?;
        let releases = calendar.releases[..=at].iter().rev().copied().collect();
        Some(Self { releases, is_one_by_one })
    }

    /// Whether the vendor tests a release with a Kubernetes version.
    pub fn fit(&self, release: usize, kubernetes: &str) -> Fit {
        match self.releases[release].kubernetes {
            None => Fit::NoData,
            Some(range) if is_inside(kubernetes, range) => Fit::Tested,
            Some(_) => Fit::Outside,
        }
    }

    /// Returns the updates on the best path through the Kubernetes versions. `goal` is the last release; without it,
    /// any release is accepted.
    pub fn solve(&self, levels: &[&str], goal: Option<usize>) -> Vec<Move> {
        let n = self.releases.len();
        let mut row: Vec<Option<(Cost, Vec<Move>)>> = vec![None; n];
        for (level, kubernetes) in levels.iter().enumerate() {
            if level == 0 {
                row[0] = Some(((0, 0, 0), Vec::new()));
            } else {
                for (release, cell) in row.iter_mut().enumerate() {
                    if let Some((cost, _)) = cell {
                        *cost = plus(*cost, self.fit(release, kubernetes), 0);
                    }
                }
            }
            for from in 0..n {
                let Some((cost, moves)) = row[from].clone() else { continue };
                let last = if self.is_one_by_one { (from + 1).min(n - 1) } else { n - 1 };
                for (to, cell) in row.iter_mut().enumerate().take(last + 1).skip(from + 1) {
                    let cost = plus(cost, self.fit(to, kubernetes), 1);
                    if cell.as_ref().is_none_or(|(known, _)| cost < *known) {
                        let mut moves = moves.clone();
                        moves.push(Move { level, from, to });
                        *cell = Some((cost, moves));
                    }
                }
            }
        }
        let ends = row.into_iter().enumerate().filter(|(at, _)| goal.is_none_or(|goal| *at == goal));
        let best = ends.filter_map(|(at, cell)| cell.map(|(cost, moves)| (cost, at, moves))).min();
        best.map(|(_, _, moves)| moves).unwrap_or_default()
    }
}

fn plus((outside, unknown, moves): Cost, fit: Fit, more: u32) -> Cost {
    match fit {
        Fit::Tested => (outside, unknown, moves + more),
        Fit::Outside => (outside + 1, unknown, moves + more),
        Fit::NoData => (outside, unknown + 1, moves + more),
    }
}

#[cfg(test)]
mod tests {
    use super::{Axis, Fit, Move};
    use meshsynth_facts::versions::calendar;

    fn axis(product: &str, version: &str, is_one_by_one: bool) -> Axis {
        Axis::new(calendar::of(product).unwrap(), version, is_one_by_one).unwrap()
    }

    #[test]
    fn updates_a_component_before_kubernetes_leaves_its_range() {
        // KEDA 2.18 is tested with 1.31 to 1.33, 2.20 with 1.33 to 1.35.
        let keda = axis("keda", "2.18.3", false);
        let moves = keda.solve(&["1.33", "1.34", "1.35"], None);
        assert_eq!(moves, [Move { level: 0, from: 0, to: 2 }]);
        assert_eq!(keda.fit(2, "1.35"), Fit::Tested);
    }

    #[test]
    fn installs_each_minor_version_of_istio() {
        let istio = axis("istio", "1.28.0", true);
        let moves = istio.solve(&["1.34", "1.35", "1.36"], None);
        let releases: Vec<&str> = moves.iter().map(|it| istio.releases[it.to].cycle).collect();
        assert_eq!(releases, ["1.29", "1.30"]);
        assert!(moves.iter().all(|it| it.level <= 1), "{moves:?}");
    }

    #[test]
    fn keeps_a_component_that_stays_in_its_range() {
        let karpenter = axis("karpenter-kubernetes", "1.14.1", false);
        assert_eq!(karpenter.solve(&["1.34", "1.35", "1.36"], None), []);
    }
}
