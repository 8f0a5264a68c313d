//! A compiled schema as data: what each value may be.

/// A compiled schema. A check allocates nothing until it finds a problem.
#[derive(Debug)]
pub struct Shape {
    pub(super) nodes: Vec<Node>,
    pub(super) root: Idx,
    pub(super) dialect: Dialect,
}

/// What the vendor would refuse.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where it lies, such as `spec.containers[0].image`; empty for the whole.
    pub path: String,
    /// What is wrong, with the value got and the value wanted.
    pub message: String,
    /// What to write instead, where that can be guessed.
    pub help: Option<String>,
}

/// Where two vendors read the same schema differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// Scalars are converted into each other; a map is closed where the schema says so.
    CloudFormation,
    /// Scalars are what they are; a map with properties is closed unless the schema says otherwise.
    Kubernetes,
}

/// A node of a shape, by its place.
pub(super) type Idx = u32;

/// Stands for a property that cannot be set.
pub(super) const READ_ONLY: Idx = Idx::MAX;

/// What one value must be; rules that are not there hold.
#[derive(Debug, Default)]
pub(super) struct Node {
    pub(super) types: Types,
    pub(super) map: Option<Box<MapRules>>,
    pub(super) list: Option<Box<ListRules>>,
    pub(super) text: Option<Box<TextRules>>,
    pub(super) number: Option<Box<NumberRules>>,
    pub(super) logic: Option<Box<Logic>>,
}

/// The types that a value may have, as bits; none means any.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Types(pub(super) u8);

impl Types {
    pub(super) const TEXT: u8 = 1;
    pub(super) const INT: u8 = 2;
    pub(super) const NUMBER: u8 = 4;
    pub(super) const BOOL: u8 = 8;
    pub(super) const LIST: u8 = 16;
    pub(super) const MAP: u8 = 32;
    pub(super) const NULL: u8 = 64;

    pub(super) fn allow(self, types: u8) -> bool {
        self.0 == 0 || self.0 & types != 0
    }
}

#[derive(Debug, Default)]
pub(super) struct MapRules {
    /// Sorted by name.
    pub(super) props: Box<[(Box<str>, Idx)]>,
    pub(super) required: Names,
    pub(super) others: Others,
    pub(super) least: Option<usize>,
    pub(super) most: Option<usize>,
    /// Exactly one of them.
    pub(super) one_of: Names,
    /// At least one of them.
    pub(super) any_of: Names,
    /// With the first, all of the others.
    pub(super) needs: Box<[(Box<str>, Names)]>,
    /// With the first, none of the others.
    pub(super) excludes: Box<[(Box<str>, Names)]>,
}

pub(super) type Names = Box<[Box<str>]>;

/// What a map may hold beside its properties.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) enum Others {
    #[default]
    Anything,
    Nothing,
    Each(Idx),
}

#[derive(Debug, Default)]
pub(super) struct ListRules {
    pub(super) item: Option<Idx>,
    pub(super) least: Option<usize>,
    pub(super) most: Option<usize>,
    pub(super) unique: bool,
    /// The order of its items says nothing.
    pub(super) unordered: bool,
}

#[derive(Debug, Default)]
pub(super) struct TextRules {
    pub(super) values: Names,
    pub(super) ignore_case: bool,
    pub(super) shortest: Option<usize>,
    pub(super) longest: Option<usize>,
}

#[derive(Debug, Default)]
pub(super) struct NumberRules {
    pub(super) least: Option<f64>,
    pub(super) most: Option<f64>,
    pub(super) above: Option<f64>,
    pub(super) below: Option<f64>,
}

#[derive(Debug, Default)]
pub(super) struct Logic {
    pub(super) all_of: Box<[Idx]>,
    pub(super) any_of: Box<[Idx]>,
    pub(super) one_of: Box<[Idx]>,
    pub(super) not: Option<Idx>,
}
