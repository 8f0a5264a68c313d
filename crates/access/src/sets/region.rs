//! Regions: sets of admitted requests, combined as the policies specify.

use std::collections::BTreeMap;

use super::dimension::Dimension;
use super::test::Set;

/// Requests whose value is in a set for each dimension. A missing dimension is unrestricted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cube(BTreeMap<Dimension, Vec<Set>>);

impl Cube {
    /// Creates a cube with every request.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a restriction of a dimension to a set.
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
    /// The union.
    Union(Vec<Region>),
    /// The intersection.
    Common(Vec<Region>),
    /// The difference: the first without the second.
    Without(Box<Region>, Box<Region>),
}

impl Region {
    /// Returns the empty region.
    pub fn none() -> Self {
        Self::Union(Vec::new())
    }

    /// Returns the region with every request.
    pub fn all() -> Self {
        Self::Cube(Cube::new())
    }

    /// Whether the region contains no cube. A region of contradictory cubes is also empty, but is not detected.
    pub fn is_none(&self) -> bool {
        matches!(self, Self::Union(regions) if regions.iter().all(Self::is_none))
    }

    /// Returns the difference of this region and another one.
    #[must_use]
    pub fn without(self, other: Self) -> Self {
        if other.is_none() { self } else { Self::Without(Box::new(self), Box::new(other)) }
    }

    /// Returns the union of this region and another one.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self::Union(vec![self, other])
    }

    /// Returns the intersection of this region and another one.
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
