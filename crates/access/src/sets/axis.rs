//! All values of a dimension, divided into cells. The values of one cell pass the same tests.

use std::collections::BTreeSet;

use super::automaton;
use super::bits::Bits;
use super::cidr::{Cidr, are_the_internet};
use super::dimension::{Dimension, Trait};
use super::glob::Glob;
use super::test::{Set, Test};

/// A dimension, divided by the tests of a comparison.
#[derive(Debug)]
pub struct Axis {
    /// Each test with the cells that pass it.
    tests: Vec<(Test, Bits)>,
    cells: Vec<Cell>,
    strangers: Bits,
    of_strangers: Trait,
}

/// Values that pass the same tests.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Cell {
    Absent,
    /// The exact set of matching patterns.
    Text(Bits),
    Span(u128, u128),
    Flag(bool),
    /// Several values, in these cells.
    Several(Bits),
}

impl Axis {
    /// Divides a dimension by tests.
    pub fn new(dimension: &Dimension, tests: impl IntoIterator<Item = Test>) -> Self {
        let mut tests: BTreeSet<Test> = tests.into_iter().collect();
        if dimension.may_be_absent() {
            tests.insert(Test::Absent);
        }
        let is_several = tests.iter().any(|test| matches!(test, Test::Any(_)));
        let tests: Vec<Test> = tests.into_iter().collect();
        let mut axis = if is_several { Self::several(&tests) } else { Self::single(&tests, dimension.numbers()) };
        axis.of_strangers = dimension.of_strangers();
        axis
    }

    fn single(tests: &[Test], (least, most): (u128, u128)) -> Self {
        let globs: Vec<Glob> =
            tests.iter().filter_map(|it| if let Test::Text(glob) = it { Some(glob.clone()) } else { None }).collect();
        let mut cells = Vec::new();
        if tests.contains(&Test::Absent) {
            cells.push(Cell::Absent);
        }
        let spans: Vec<(u128, u128)> = tests.iter().flat_map(spans_of).collect();
        let is_flag = tests.iter().any(|test| matches!(test, Test::Flag(_)));
        if is_flag {
            cells.extend([Cell::Flag(false), Cell::Flag(true)]);
        }
        if !globs.is_empty() || (spans.is_empty() && !is_flag) {
            cells.extend(automaton::signatures(&globs).into_iter().map(Cell::Text));
        }
        if !spans.is_empty() {
            let starts = spans.iter().flat_map(|(from, to)| [Some(*from), to.checked_add(1)]).flatten();
            let addresses = [Cidr::ALL_V4, Cidr::ALL_V6].into_iter().flat_map(Cidr::spans).map(|(from, _)| from);
            let starts: BTreeSet<u128> =
                starts.chain(addresses).chain([least]).filter(|it| (least..=most).contains(it)).collect();
            let ends = starts.iter().skip(1).map(|start| start - 1).chain([most]);
            cells.extend(starts.iter().zip(ends).map(|(from, to)| Cell::Span(*from, to)));
        }
        let stranger = automaton::stranger(&globs);
        let bits = |test: &Test| {
            let spans = spans_of(test);
            // The bit of this pattern in the signature of each cell.
            let glob = if let Test::Text(glob) = test { globs.iter().position(|it| it == glob) } else { None };
            Bits::of(cells.len(), |at| match (test, &cells[at]) {
                (Test::Absent, Cell::Absent) => true,
                (Test::Flag(wanted), Cell::Flag(value)) => wanted == value,
                (Test::Text(_), Cell::Text(signature)) => glob.is_some_and(|at| signature.has(at)),
                (_, Cell::Span(from, to)) => spans.iter().any(|span| span.0 <= *from && *to <= span.1),
                _ => false,
            })
        };
        let tests = tests.iter().map(|test| (test.clone(), bits(test))).collect();
        let strangers = Bits::of(cells.len(), |at| match &cells[at] {
            Cell::Text(signature) => *signature == stranger,
            Cell::Absent => true,
            _ => false,
        });
        Self { tests, cells, strangers, of_strangers: Trait::Common }
    }

    /// Divides a dimension in which one request can have several values, such as a multivalued condition key. A cell
    /// is identified by the set of tests that at least one of these values passes.
    fn several(tests: &[Test]) -> Self {
        let inner = |test: &Test| match test {
            Test::Any(set) => set.tests.clone(),
            other => vec![other.clone()],
        };
        let base: BTreeSet<Test> = tests.iter().flat_map(inner).filter(|test| *test != Test::Absent).collect();
        let base = Self::single(&base.into_iter().collect::<Vec<_>>(), (0, u128::MAX));
        let asked: Vec<(&Test, Bits)> = tests
            .iter()
            .map(|test| match test {
                Test::Any(set) => (test, base.bits(set)),
                Test::Absent => (test, Bits::none(base.cells.len())),
                other => (test, base.bits(&Set::of([other.clone()]))),
            })
            .collect();
        // Returns the tests that the values of one cell pass. A set of cells passes a test if at least one of its
        // cells passes it.
        let met = |at: usize| Bits::of(asked.len(), |test| asked[test].1.has(at));
        let single: BTreeSet<Bits> = (0..base.cells.len()).map(met).collect();
        let mut reached = single.clone();
        let mut queue: Vec<Bits> = single.iter().cloned().collect();
        while let Some(bits) = queue.pop() {
            for one in &single {
                let both = bits.or(one);
                if reached.insert(both.clone()) {
                    queue.push(both);
                }
            }
        }
        let cells: Vec<Cell> = [Cell::Absent].into_iter().chain(reached.into_iter().map(Cell::Several)).collect();
        let passes = |test: usize, cell: &Cell| match cell {
            Cell::Several(met) => met.has(test),
            _ => *asked[test].0 == Test::Absent,
        };
        let bits = |test: usize| Bits::of(cells.len(), |at| passes(test, &cells[at]));
        let tests = asked.iter().enumerate().map(|(at, (test, _))| ((*test).clone(), bits(at))).collect();
        let strange: BTreeSet<Bits> = base.strangers.iter().map(met).collect();
        let strangers = Bits::of(cells.len(), |at| match &cells[at] {
            Cell::Several(met) => strange.contains(met),
            cell => *cell == Cell::Absent,
        });
        Self { tests, cells, strangers, of_strangers: Trait::Common }
    }

    /// Returns the cells of a set.
    pub fn bits(&self, set: &Set) -> Bits {
        let of = |test: &Test| self.tests.iter().find(|(it, _)| it == test).map(|(_, bits)| bits);
        let none = Bits::none(self.cells.len());
        let bits = set.tests.iter().filter_map(of).fold(none, |all, bits| all.or(bits));
        if set.is_complement { bits.complement() } else { bits }
    }

    /// Returns all cells.
    pub fn all(&self) -> Bits {
        Bits::all(self.cells.len())
    }

    /// Returns the tests, each with the cells that pass it.
    pub fn tests(&self) -> &[(Test, Bits)] {
        &self.tests
    }

    /// Returns the range of numbers or addresses of a cell.
    pub fn span(&self, cell: usize) -> Option<(u128, u128)> {
        if let Cell::Span(from, to) = self.cells[cell] { Some((from, to)) } else { None }
    }

    /// Whether the cells contain a stranger's value.
    pub fn admits_strangers(&self, bits: &Bits) -> bool {
        match self.of_strangers {
            Trait::Common => true,
            Trait::Identity => bits.meets(&self.strangers),
            Trait::Absence => bits.iter().any(|at| self.cells[at] == Cell::Absent),
            Trait::Address => {
                let spans: Vec<_> = bits.iter().filter_map(|at| self.span(at)).collect();
                bits.is_all() || are_the_internet(&spans)
            }
        }
    }

    /// Returns the cells of values that no test contains.
    pub fn strangers(&self) -> &Bits {
        &self.strangers
    }
}

fn spans_of(test: &Test) -> Vec<(u128, u128)> {
    match test {
        Test::Address(cidr) => cidr.spans(),
        Test::Number(from, to) => vec![(*from, *to)],
        _ => Vec::new(),
    }
}
