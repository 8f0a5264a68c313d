//! The data structures of a compiled schema.

/// A compiled schema. A check with this schema allocates memory only if it finds a problem.
#[derive(Debug)]
pub struct Shape {
    pub(super) nodes: Vec<Node>,
    pub(super) root: Idx,
    pub(super) dialect: Dialect,
}

/// A problem for which the vendor would reject the properties.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The path, such as `spec.containers[0].image`. It is empty for the whole value.
    pub path: String,
    /// The problem, with the actual and the expected value.
    pub message: String,
    /// A suggested fix, if there is one.
    pub help: Option<String>,
}

/// The vendor whose schema rules apply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// Scalars are converted to the required type. A map rejects unknown properties only if the schema declares it.
    CloudFormation,
    /// Scalars are not converted. A map with named properties rejects unknown properties unless the schema allows them.
    Kubernetes,
}

/// The index of a node in a shape.
pub(super) type Idx = u32;

/// The index of a property that cannot be set.
pub(super) const READ_ONLY: Idx = Idx::MAX;

/// The rules of one value. If a rule is missing, every value is accepted.
#[derive(Debug, Default)]
pub(super) struct Node {
    pub(super) types: Types,
    pub(super) map: Option<Box<MapRules>>,
    pub(super) list: Option<Box<ListRules>>,
    pub(super) text: Option<Box<TextRules>>,
    pub(super) number: Option<Box<NumberRules>>,
    pub(super) logic: Option<Box<Logic>>,
}

/// The types that a value may have, as bits. If no bit is set, any type is allowed.
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
    /// The properties, sorted by name.
    pub(super) props: Box<[(Box<str>, Idx)]>,
    pub(super) required: Names,
    pub(super) others: Others,
    pub(super) least: Option<usize>,
    pub(super) most: Option<usize>,
    /// The properties of which exactly one must be set.
    pub(super) one_of: Names,
    /// The properties of which at least one must be set.
    pub(super) any_of: Names,
    /// Pairs of a property and a list of properties. If the first property is set, all properties of the list must be
    /// set.
    pub(super) needs: Box<[(Box<str>, Names)]>,
    /// Pairs of a property and a list of properties. If the first property is set, no property of the list may be set.
    pub(super) excludes: Box<[(Box<str>, Names)]>,
}

pub(super) type Names = Box<[Box<str>]>;

/// The entries that a map may contain in addition to its properties.
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
    /// Whether the order of the items is irrelevant.
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
