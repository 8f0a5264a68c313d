//! Tests of a value, and sets of values.

use std::fmt;

use super::cidr::Cidr;
use super::glob::Glob;

/// A test of one value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Test {
    /// There is no value.
    Absent,
    /// A text that matches.
    Text(Glob),
    /// An address in a block.
    Address(Cidr),
    /// A Boolean, which has only two values.
    Flag(bool),
    /// A number in a range, both ends included.
    Number(u128, u128),
    /// At least one of several values is in the set.
    Any(Box<Set>),
}

/// The values that pass any of the tests, or, for a complement, none of them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Set {
    /// The tests, in any order.
    pub tests: Vec<Test>,
    /// Whether the set is the complement.
    pub is_complement: bool,
}

impl Set {
    /// Creates the set of values that pass one of the tests.
    pub fn of(tests: impl IntoIterator<Item = Test>) -> Self {
        Self { tests: tests.into_iter().collect(), is_complement: false }
    }

    /// Creates the set of one text.
    pub fn literal(text: &str) -> Self {
        Self::of([Test::Text(Glob::literal(text))])
    }

    /// Creates the set of several texts.
    pub fn literals<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        Self::of(texts.into_iter().map(|text| Test::Text(Glob::literal(text))))
    }

    /// Creates the set of all values.
    pub fn all() -> Self {
        Self { tests: Vec::new(), is_complement: true }
    }

    /// Returns the complement.
    #[must_use]
    pub fn complement(mut self) -> Self {
        self.is_complement = !self.is_complement;
        self
    }

    /// Whether the set contains a text, or the absence of a value.
    pub fn has_text(&self, text: Option<&str>) -> bool {
        let passes = |test: &Test| match (test, text) {
            (Test::Absent, None) => true,
            (Test::Text(glob), Some(text)) => glob.matches(text),
            _ => false,
        };
        self.tests.iter().any(passes) != self.is_complement
    }

    /// Whether the set obviously contains all values. Tests that only together match all values are not detected.
    pub fn is_all(&self) -> bool {
        match self.is_complement {
            true => self.tests.is_empty(),
            false => self.tests.iter().any(|test| matches!(test, Test::Text(glob) if glob.is_any())),
        }
    }
}

impl fmt::Display for Test {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Test::Absent => f.write_str("none"),
            Test::Text(glob) => glob.fmt(f),
            Test::Address(cidr) => cidr.fmt(f),
            Test::Flag(value) => value.fmt(f),
            Test::Number(from, to) if from == to => from.fmt(f),
            Test::Number(from, to) => write!(f, "{from}-{to}"),
            Test::Any(set) => {
                let tests: Vec<String> = set.tests.iter().map(ToString::to_string).collect();
                write!(f, "{}{}", if set.is_complement { "not " } else { "" }, tests.join(", "))
            }
        }
    }
}
