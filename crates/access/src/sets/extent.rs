//! A set of requests in the terms of its policies.

use std::collections::BTreeMap;
use std::fmt;

use super::axis::Axis;
use super::bits::Bits;
use super::dimension::{Dimension, Key};
use super::test::Test;

/// Requests that only one side admits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Extent {
    /// The values by dimension. A missing dimension is unrestricted.
    pub values: BTreeMap<Dimension, Values>,
    /// Whether the requests of a stranger are included. A stranger is a client that no policy names. The field is
    /// meaningless if the caller is not a dimension, as for the permissions of a role.
    pub is_public: bool,
}

/// Values of a dimension: the union of all parts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Values(pub Vec<Part>);

/// Values that pass all tests of one list and none of another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Part {
    /// The required tests, usually one. An empty list accepts any value.
    pub of: Vec<Test>,
    /// The excluded tests.
    pub except: Vec<Test>,
}

impl Extent {
    /// Returns the values of a dimension, or `None` if it is unrestricted.
    pub fn of(&self, dimension: &Dimension) -> Option<&Values> {
        self.values.get(dimension)
    }

    /// Returns the values of a key, or `None` if it is unrestricted.
    pub fn key(&self, name: &str) -> Option<&Values> {
        self.of(&Dimension::Key(Key::new(name)))
    }

    /// Whether all requests are admitted only if another policy allows them.
    pub fn is_elsewhere(&self) -> bool {
        self.of(&Dimension::Elsewhere).is_some_and(|values| values.0.iter().all(|part| !part.of.is_empty()))
    }
}

impl fmt::Display for Extent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let values: Vec<String> = self.values.iter().map(|(at, values)| format!("{at:?}: {values}")).collect();
        f.write_str(&values.join("; "))
    }
}

impl fmt::Display for Values {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts: Vec<String> = self.0.iter().map(ToString::to_string).collect();
        f.write_str(&parts.join(" | "))
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |tests: &[Test], word: &str| tests.iter().map(ToString::to_string).collect::<Vec<_>>().join(word);
        match self.of.is_empty() {
            true => f.write_str("anything")?,
            false => f.write_str(&list(&self.of, " & "))?,
        }
        if self.except.is_empty() { Ok(()) } else { write!(f, " except {}", list(&self.except, ", ")) }
    }
}

impl Values {
    /// Describes cells of an axis by its tests.
    pub(super) fn of(axis: &Axis, bits: &Bits) -> Self {
        let mut parts = Vec::new();
        let mut left = bits.clone();
        if bits.meets(axis.strangers()) {
            let except = cover(axis, &bits.complement());
            if union(axis, &except) == bits.complement() {
                return Self(vec![Part { of: Vec::new(), except }]);
            }
        }
        for test in cover(axis, &left) {
            left = left.minus(&union(axis, std::slice::from_ref(&test)));
            parts.push(Part { of: vec![test], except: Vec::new() });
        }
        parts.extend(spans(axis, &mut left));
        while let Some(cell) = left.first() {
            let part = around(axis, bits, cell);
            left = left.minus(&part_bits(axis, &part)).without(cell);
            parts.push(part);
        }
        Self(parts)
    }

    /// Returns the tests of all parts, or `None` if a part has exceptions.
    pub fn tests(&self) -> Option<Vec<&Test>> {
        let test = |part: &'_ Part| match (part.of.as_slice(), part.except.is_empty()) {
            ([_], true) => Some(()),
            _ => None,
        };
        self.0.iter().map(test).collect::<Option<Vec<()>>>()?;
        Some(self.0.iter().flat_map(|part| &part.of).collect())
    }
}

/// Returns the widest tests within the cells.
fn cover(axis: &Axis, bits: &Bits) -> Vec<Test> {
    let mut within: Vec<&(Test, Bits)> =
        axis.tests().iter().filter(|(_, it)| !it.is_empty() && it.is_within(bits)).collect();
    within.sort_by_key(|(_, it)| std::cmp::Reverse(it.count()));
    let mut left = bits.clone();
    let mut tests = Vec::new();
    for (test, it) in within {
        if it.meets(&left) {
            left = left.minus(it);
            tests.push(test.clone());
        }
    }
    tests.sort();
    tests
}

fn union(axis: &Axis, tests: &[Test]) -> Bits {
    let none = axis.all().complement();
    axis.tests().iter().filter(|(test, _)| tests.contains(test)).fold(none, |all, (_, bits)| all.or(bits))
}

fn part_bits(axis: &Axis, part: &Part) -> Bits {
    let of = part.of.iter().fold(axis.all(), |all, test| all.and(&union(axis, std::slice::from_ref(test))));
    of.minus(&union(axis, &part.except))
}

/// Returns numbers without a separate test, which remain from ranges.
fn spans(axis: &Axis, left: &mut Bits) -> Vec<Part> {
    let is_number = axis.tests().iter().any(|(test, _)| matches!(test, Test::Number(..)));
    if !is_number {
        return Vec::new();
    }
    let mut spans: Vec<(u128, u128)> = Vec::new();
    for (cell, (from, to)) in left.clone().iter().filter_map(|cell| Some((cell, axis.span(cell)?))) {
        *left = left.minus(&Bits::of(axis.all().count() as usize, |at| at == cell));
        match spans.last_mut() {
            Some(last) if last.1.checked_add(1) == Some(from) => last.1 = to,
            _ => spans.push((from, to)),
        }
    }
    spans.into_iter().map(|(from, to)| Part { of: vec![Test::Number(from, to)], except: Vec::new() }).collect()
}

/// Returns a part that contains a cell and as many other cells of the set as possible.
fn around(axis: &Axis, bits: &Bits, cell: usize) -> Part {
    let (of, except): (Vec<&(Test, Bits)>, Vec<_>) = axis.tests().iter().partition(|(_, it)| it.has(cell));
    let tests = |rows: Vec<&(Test, Bits)>| rows.into_iter().map(|(test, _)| test.clone()).collect();
    let mut part = Part { of: tests(of), except: tests(except) };
    // Omits each test that is not needed to exclude other cells, the narrowest tests first.
    let width = |test: &Test| union(axis, std::slice::from_ref(test)).count();
    part.except.sort_by_key(width);
    part.of.sort_by_key(|test| std::cmp::Reverse(width(test)));
    for is_except in [true, false] {
        let mut at = 0;
        loop {
            let mut shorter = part.clone();
            let list = if is_except { &mut shorter.except } else { &mut shorter.of };
            if at >= list.len() {
                break;
            }
            list.remove(at);
            if part_bits(axis, &shorter).is_within(bits) { part = shorter } else { at += 1 }
        }
    }
    part.of.sort();
    part.except.sort();
    part
}
