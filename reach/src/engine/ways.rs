//! Ways from one end to another: chains of links, of which one is enough.

use crate::link::{Link, Verdict};

/// What a chain comes to.
pub fn worst(chain: &[Link]) -> Verdict {
    chain.iter().fold(Verdict::Allowed, |all, it| all.and(it.verdict))
}

/// The chains that lead from one end to another.
#[derive(Clone, Debug, Default)]
pub struct Ways(Vec<Vec<Link>>);

/// So many ways are kept: those that are most open.
const MOST: usize = 256;

impl Ways {
    /// One chain.
    pub fn one(chain: Vec<Link>) -> Self {
        Self(vec![chain])
    }

    /// Chains side by side.
    pub fn of(chains: Vec<Vec<Link>>) -> Self {
        Self(chains).kept()
    }

    /// Whether there is none.
    pub fn is_none(&self) -> bool {
        self.0.is_empty()
    }

    /// The chains.
    pub fn chains(&self) -> &[Vec<Link>] {
        &self.0
    }

    /// Both side by side.
    #[must_use]
    pub fn or(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self.kept()
    }

    /// Each with links behind it.
    #[must_use]
    pub fn then(mut self, links: &[Link]) -> Self {
        self.0.iter_mut().for_each(|it| it.extend_from_slice(links));
        self
    }

    /// Each with each of others behind it.
    #[must_use]
    pub fn and(self, other: &Self) -> Self {
        let pairs = self.0.iter().flat_map(|a| other.0.iter().map(move |b| [a.as_slice(), b.as_slice()].concat()));
        Self(pairs.collect()).kept()
    }

    /// What they come to.
    pub fn verdict(&self) -> Verdict {
        self.0.iter().map(|it| worst(it)).fold(Verdict::Denied, Verdict::or)
    }

    /// The first of those that get furthest: with the best verdict, and the fewest links that stop it.
    pub fn best(&self) -> Vec<Link> {
        self.best_chain().to_vec()
    }

    /// The same, borrowed.
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
