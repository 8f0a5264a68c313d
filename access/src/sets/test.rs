//! What is asked of a value, and sets of values.

use std::fmt;

use super::cidr::Cidr;
use super::glob::Glob;

/// What is asked of one value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Test {
    /// There is no value.
    Absent,
    /// A text that matches.
    Text(Glob),
    /// An address in a block.
    Address(Cidr),
    /// Yes or no: there is nothing else.
    Flag(bool),
    /// A number in a range, both ends included.
    Number(u128, u128),
    /// Of several values one is in the set.
    Any(Box<Set>),
}

/// What is in any of the tests; of a complement, what is in none.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Set {
    /// In any order.
    pub tests: Vec<Test>,
    /// Whether what is in none of them is meant.
    pub is_complement: bool,
}

impl Set {
    /// What fits one of the tests.
    pub fn of(tests: impl IntoIterator<Item = Test>) -> Self {
        Self { tests: tests.into_iter().collect(), is_complement: false }
    }

    /// One text.
    pub fn literal(text: &str) -> Self {
        Self::of([Test::Text(Glob::literal(text))])
    }

    /// Texts, each for itself.
    pub fn literals<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        Self::of(texts.into_iter().map(|text| Test::Text(Glob::literal(text))))
    }

    /// Everything.
    pub fn all() -> Self {
        Self { tests: Vec::new(), is_complement: true }
    }

    /// What is not in it.
    #[must_use]
    pub fn complement(mut self) -> Self {
        self.is_complement = !self.is_complement;
        self
    }

    /// Whether a text, or none, is in it.
    pub fn has_text(&self, text: Option<&str>) -> bool {
        let passes = |test: &Test| match (test, text) {
            (Test::Absent, None) => true,
            (Test::Text(glob), Some(text)) => glob.matches(text),
            _ => false,
        };
        self.tests.iter().any(passes) != self.is_complement
    }

    /// Whether nothing is left out, as it is written.
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
