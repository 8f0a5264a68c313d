//! Paths between two ends. Each is a chain of links; one open path is sufficient.

use crate::link::{Link, Verdict};

/// Returns the verdict of a chain.
pub fn worst(chain: &[Link]) -> Verdict {
    chain.iter().fold(Verdict::Allowed, |all, it| all.and(it.verdict))
}

/// The chains that connect two ends.
#[derive(Clone, Debug, Default)]
pub struct Ways(Vec<Vec<Link>>);

/// The maximum number of paths. The most permissive ones are kept.
const MOST: usize = 256;

impl Ways {
    /// Creates a set of one chain.
    pub fn one(chain: Vec<Link>) -> Self {
        Self(vec![chain])
    }

    /// Creates a set of alternative chains.
    pub fn of(chains: Vec<Vec<Link>>) -> Self {
        Self(chains).kept()
    }

    /// Whether there is no chain.
    pub fn is_none(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the chains.
    pub fn chains(&self) -> &[Vec<Link>] {
        &self.0
    }

    /// Returns the chains of both sets.
    #[must_use]
    pub fn or(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self.kept()
    }

    /// Appends links to each chain.
    #[must_use]
    pub fn then(mut self, links: &[Link]) -> Self {
        self.0.iter_mut().for_each(|it| it.extend_from_slice(links));
        self
    }

    /// Appends each chain of another set to each chain.
    #[must_use]
    pub fn and(self, other: &Self) -> Self {
        let pairs = self.0.iter().flat_map(|a| other.0.iter().map(move |b| [a.as_slice(), b.as_slice()].concat()));
        Self(pairs.collect()).kept()
    }

    /// Returns the verdict of the best chain.
    pub fn verdict(&self) -> Verdict {
        self.0.iter().map(|it| worst(it)).fold(Verdict::Denied, Verdict::or)
    }

    /// Returns the first best chain: with the best verdict, and the fewest denying links.
    pub fn best(&self) -> Vec<Link> {
        self.best_chain().to_vec()
    }

    /// Returns the first best chain by reference.
    pub fn best_chain(&self) -> &[Link] {
        let stops = |way: &[Link]| way.iter().filter(|it| it.verdict == Verdict::Denied).count();
        self.0.iter().min_by_key(|it| (worst(it), stops(it))).map_or(&[], Vec::as_slice)
    }

    fn kept(mut self) -> Self {
        if self.0.len() > MOST {
            self.0.sort_by_key(|it| worst(it));
            self.0.truncate(MOST);
        }
        self
    }
}

impl From<Vec<Link>> for Ways {
    fn from(chain: Vec<Link>) -> Self {
        Self::one(chain)
    }
}
