//! The cells that two regions distinguish, and set operations on them.

use std::collections::{BTreeMap, BTreeSet};

use super::axis::Axis;
use super::bits::Bits;
use super::dimension::Dimension;
use super::extent::{Extent, Values};
use super::region::{Cube, Region};
use super::test::Test;

/// Every tested dimension, divided into cells.
pub struct Space {
    axes: Vec<(Dimension, Axis)>,
}

/// A box: some cells of each axis.
type Cell = Vec<Bits>;

impl Space {
    /// Creates the space of some regions.
    pub fn new(regions: &[&Region]) -> Self {
        let mut cubes = Vec::new();
        regions.iter().for_each(|region| region.cubes(&mut cubes));
        let mut tests: BTreeMap<&Dimension, BTreeSet<&Test>> = BTreeMap::new();
        for (dimension, set) in cubes.into_iter().flat_map(Cube::sets) {
            tests.entry(dimension).or_default().extend(&set.tests);
        }
        let axis = |(dimension, tests): (&Dimension, BTreeSet<&Test>)| {
            (dimension.clone(), Axis::new(dimension, tests.into_iter().cloned()))
        };
        Self { axes: tests.into_iter().map(axis).collect() }
    }

    /// Returns the requests that only one region admits: exactly, and simplified for display.
    ///
    /// The simplified form omits exceptions for requests that the region admits anyway. For example, a rule that opens
    /// a port to all addresses is displayed as `0.0.0.0/0`, even if some addresses had access before.
    pub fn difference(&self, of: &Region, without: &Region) -> Vec<(Extent, Extent)> {
        let all = self.cells(of);
        let gained = grown(merged(minus(all.clone(), &self.cells(without))));
        gained.iter().map(|cell| (self.extent(cell), self.extent(&self.plain(cell, &all)))).collect()
    }

    fn plain(&self, cell: &Cell, all: &[Cell]) -> Cell {
        let mut plain = cell.clone();
        for (at, (dimension, axis)) in self.axes.iter().enumerate().filter(|(_, (it, _))| it.is_plain()) {
            let has_exception = |bits: &Bits| Values::of(axis, bits).0.iter().any(|it| !it.except.is_empty());
            if plain[at].is_all() || !has_exception(&plain[at]) {
                continue;
            }
            let wider = all.iter().map(|other| plain[at].or(&other[at]));
            let wider = wider.filter(|bits| bits.is_all() || *dimension == Dimension::Peer || !has_exception(bits));
            let as_cell = |bits: Bits| {
                let mut cell = plain.clone();
                cell[at] = bits;
                cell
            };
            if let Some(found) = wider.map(as_cell).find(|it| minus(vec![it.clone()], all).is_empty()) {
                plain = found;
            }
        }
        plain
    }

    fn all(&self) -> Cell {
        self.axes.iter().map(|(_, axis)| axis.all()).collect()
    }

    fn cells(&self, region: &Region) -> Vec<Cell> {
        match region {
            Region::Cube(cube) => self.cell(cube).into_iter().collect(),
            Region::Union(regions) => widest(regions.iter().flat_map(|region| self.cells(region)).collect()),
            Region::Common(regions) => {
                let mut common = vec![self.all()];
                for region in regions {
                    let others = self.cells(region);
                    let both = common.iter().flat_map(|a| others.iter().filter_map(move |b| meet(a, b)));
                    common = widest(both.collect());
                }
                common
            }
            Region::Without(from, take) => minus(self.cells(from), &self.cells(take)),
        }
    }

    fn cell(&self, cube: &Cube) -> Option<Cell> {
        let mut cell = self.all();
        for (dimension, set) in cube.sets() {
            let at = self.axes.iter().position(|(it, _)| it == dimension)?;
            cell[at] = cell[at].and(&self.axes[at].1.bits(set));
        }
        (!cell.iter().any(Bits::is_empty)).then_some(cell)
    }

    fn extent(&self, cell: &Cell) -> Extent {
        let mut values = BTreeMap::new();
        let mut is_public = true;
        for ((dimension, axis), bits) in self.axes.iter().zip(cell) {
            is_public &= axis.admits_strangers(bits);
            if !bits.is_all() {
                values.insert(dimension.clone(), Values::of(axis, bits));
            }
        }
        Extent { values, is_public }
    }
}

fn meet(a: &Cell, b: &Cell) -> Option<Cell> {
    let both: Cell = a.iter().zip(b).map(|(a, b)| a.and(b)).collect();
    (!both.iter().any(Bits::is_empty)).then_some(both)
}

fn is_within(a: &Cell, b: &Cell) -> bool {
    a.iter().zip(b).all(|(a, b)| a.is_within(b))
}

/// Removes boxes that are within other boxes.
fn widest(cells: Vec<Cell>) -> Vec<Cell> {
    let mut kept: Vec<Cell> = Vec::new();
    for cell in cells {
        if !kept.iter().any(|other| is_within(&cell, other)) {
            kept.retain(|other| !is_within(other, &cell));
            kept.push(cell);
        }
    }
    kept
}

fn minus(from: Vec<Cell>, take: &[Cell]) -> Vec<Cell> {
    let mut left = from;
    for cell in take {
        left = left.into_iter().flat_map(|it| cut(it, cell)).collect();
    }
    left
}

fn cut(mut from: Cell, take: &Cell) -> Vec<Cell> {
    if from.iter().zip(take).any(|(a, b)| !a.meets(b)) {
        return vec![from];
    }
    let mut pieces = Vec::new();
    for at in 0..from.len() {
        let rest = from[at].minus(&take[at]);
        if !rest.is_empty() {
            let mut piece = from.clone();
            piece[at] = rest;
            pieces.push(piece);
            from[at] = from[at].and(&take[at]);
        }
    }
    pieces
}

/// If there are more boxes, they are not simplified.
const MOST_GROWN: usize = 24;

/// Reduces boxes to as few and as wide ones as possible. Each grows within the union of all, and boxes within other
/// boxes are removed.
fn grown(cells: Vec<Cell>) -> Vec<Cell> {
    if cells.len() < 2 || cells.len() > MOST_GROWN {
        return cells;
    }
    let is_covered = |cell: &Cell, by: &[Cell]| minus(vec![cell.clone()], by).is_empty();
    let mut wide = cells.clone();
    for cell in &mut wide {
        for at in 0..cell.len() {
            for other in &cells {
                let mut wider = cell.clone();
                wider[at] = wider[at].or(&other[at]);
                if wider != *cell && is_covered(&wider, &cells) {
                    *cell = wider;
                }
            }
        }
    }
    let mut kept = widest(wide);
    let mut at = 0;
    while at < kept.len() {
        let others: Vec<Cell> = kept.iter().enumerate().filter(|(it, _)| *it != at).map(|(_, it)| it.clone()).collect();
        if is_covered(&kept[at], &others) { kept = others } else { at += 1 }
    }
    kept
}

/// Merges boxes that differ in only one dimension.
fn merged(cells: Vec<Cell>) -> Vec<Cell> {
    let mut cells = widest(cells);
    loop {
        let pair = (0..cells.len()).find_map(|a| {
            let joins = |b: &usize| cells[a].iter().zip(&cells[*b]).filter(|(a, b)| a != b).count() == 1;
            (a + 1..cells.len()).find(joins).map(|b| (a, b))
        });
        let Some((a, b)) = pair else { break };
        let other = cells.remove(b);
        cells[a] = cells[a].iter().zip(&other).map(|(a, b)| a.or(b)).collect();
    }
    cells.sort();
    cells
}
