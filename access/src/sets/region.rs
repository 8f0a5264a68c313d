//! What is admitted, as it is written: sets of requests, put together.

use std::collections::BTreeMap;

use super::dimension::Dimension;
use super::test::Set;

/// Requests that lie in a set of each dimension. A dimension that is not named is free.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cube(BTreeMap<Dimension, Vec<Set>>);

impl Cube {
    /// Every request.
    pub fn new() -> Self {
        Self::default()
    }

    /// Those of them that lie in a set, too.
    #[must_use]
    pub fn with(mut self, dimension: Dimension, set: Set) -> Self {
        if !set.is_complement || !set.tests.is_empty() {
            self.0.entry(dimension).or_default().push(set);
        }
        self
    }

    pub(super) fn sets(&self) -> impl Iterator<Item = (&Dimension, &Set)> {
        self.0.iter().flat_map(|(dimension, sets)| sets.iter().map(move |set| (dimension, set)))
    }
}

/// A set of requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Region {
    /// A box.
    Cube(Cube),
    /// What is in any of them.
    Union(Vec<Region>),
    /// What is in all of them.
    Common(Vec<Region>),
    /// What is in the first, and not in the second.
    Without(Box<Region>, Box<Region>),
}

impl Region {
    /// No request.
    pub fn none() -> Self {
        Self::Union(Vec::new())
    }

    /// Every request.
    pub fn all() -> Self {
        Self::Cube(Cube::new())
    }

    /// Whether it says that nothing is in it.
    pub fn is_none(&self) -> bool {
        matches!(self, Self::Union(regions) if regions.iter().all(Self::is_none))
    }

    /// What is in it, and not in another.
    #[must_use]
    pub fn without(self, other: Self) -> Self {
        if other.is_none() { self } else { Self::Without(Box::new(self), Box::new(other)) }
    }

    /// What is in it or in another.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self::Union(vec![self, other])
    }

    /// What is in it and in another.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self::Common(vec![self, other])
    }

    pub(super) fn cubes<'a>(&'a self, cubes: &mut Vec<&'a Cube>) {
        match self {
            Self::Cube(cube) => cubes.push(cube),
            Self::Union(regions) | Self::Common(regions) => regions.iter().for_each(|it| it.cubes(cubes)),
            Self::Without(from, take) => {
                from.cubes(cubes);
                take.cubes(cubes);
            }
        }
    }
}

impl From<Cube> for Region {
    fn from(cube: Cube) -> Self {
        Self::Cube(cube)
    }
}

impl FromIterator<Region> for Region {
    fn from_iter<I: IntoIterator<Item = Region>>(regions: I) -> Self {
        Self::Union(regions.into_iter().collect())
    }
}

impl FromIterator<Cube> for Region {
    fn from_iter<I: IntoIterator<Item = Cube>>(cubes: I) -> Self {
        Self::Union(cubes.into_iter().map(Self::Cube).collect())
    }
}
