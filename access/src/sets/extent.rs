//! A set of requests in the words of the policies that it comes from.

use std::collections::BTreeMap;
use std::fmt;

use super::axis::Axis;
use super::bits::Bits;
use super::dimension::{Dimension, Key};
use super::test::Test;

/// Requests that are admitted by one side only.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Extent {
    /// By dimension. What is not named is free.
    pub values: BTreeMap<Dimension, Values>,
    /// Whether a stranger's request is among them, one with nothing that a policy names. It says nothing where who asks
    /// is not a question, as in what a role may do.
    pub is_public: bool,
}

/// Some values of a dimension: what is in any of the parts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Values(pub Vec<Part>);

/// What passes all of some tests, and none of others.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Part {
    /// Mostly one. Without any it is anything.
    pub of: Vec<Test>,
    /// None of these.
    pub except: Vec<Test>,
}

impl Extent {
    /// The values of a dimension; none where it is free.
    pub fn of(&self, dimension: &Dimension) -> Option<&Values> {
        self.values.get(dimension)
    }

    /// The values of a key; none where it is free.
    pub fn key(&self, name: &str) -> Option<&Values> {
        self.of(&Dimension::Key(Key::new(name)))
    }

    /// Whether all of it is only admitted as another policy allows it.
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
    /// Cells of an axis by its tests.
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

    /// The tests of its parts, where nothing is left out of them.
    pub fn tests(&self) -> Option<Vec<&Test>> {
        let test = |part: &'_ Part| match (part.of.as_slice(), part.except.is_empty()) {
            ([_], true) => Some(()),
            _ => None,
        };
        self.0.iter().map(test).collect::<Option<Vec<()>>>()?;
        Some(self.0.iter().flat_map(|part| &part.of).collect())
    }
}

/// The widest tests that lie within cells.
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

/// Numbers that no test has by itself: what is left of ranges.
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

/// A cell, and as many others of the set as one part can have.
fn around(axis: &Axis, bits: &Bits, cell: usize) -> Part {
    let (of, except): (Vec<&(Test, Bits)>, Vec<_>) = axis.tests().iter().partition(|(_, it)| it.has(cell));
    let tests = |rows: Vec<&(Test, Bits)>| rows.into_iter().map(|(test, _)| test.clone()).collect();
    let mut part = Part { of: tests(of), except: tests(except) };
    // What can be left out without that anything else gets in is not worth a word: narrow tests first.
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
