//! The grid for the routes of links: costs of obstacles, and lines that are already used.

use super::layout::{Layout, Rect, TITLE};
use super::size::CELL;

/// Costs of a step near a box, through a title, beside a title, along a frame, and across another line.
const CLOSE: u8 = 3;
const WORDS: u8 = 40;
const BESIDE_WORDS: u8 = 6;
const FRAME: u8 = 12;
const CROSSING: u32 = 8;
/// The cost of a step on the line of another net. It is high, so that the router uses it only as a last resort.
const CONFLICT: u32 = 400;
const BOX: u8 = u8::MAX;

/// The direction of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heading {
    East,
    South,
    West,
    North,
}

impl Heading {
    /// All directions in numeric order.
    pub const ALL: [Self; 4] = [Self::East, Self::South, Self::West, Self::North];

    /// Returns the opposite direction.
    pub fn back(self) -> Self {
        Self::ALL[(self as usize + 2) % 4]
    }

    fn is_level(self) -> bool {
        matches!(self, Self::East | Self::West)
    }
}

/// A point beside a box at which a link may start or end.
#[derive(Clone, Copy, Debug)]
pub struct Port {
    /// The point.
    pub at: usize,
    /// The direction from the box to the point.
    pub outward: Heading,
    /// The cost of the distance from the middle of the side.
    pub off_middle: u32,
}

/// The points of a diagram, row by row.
pub struct Grid {
    width: usize,
    height: usize,
    /// The cost of a step onto a point, horizontal and vertical.
    cost: [Vec<u8>; 2],
    /// The net that runs through a point, horizontal and vertical.
    nets: [Vec<u16>; 2],
}

impl Grid {
    /// Creates the grid of a layout with a margin.
    pub fn new(layout: &Layout) -> Self {
        let (right, bottom) = (layout.groups[0].right(), layout.groups[0].bottom());
        let (width, height) = ((right / CELL + 4) as usize, (bottom / CELL + 4) as usize);
        let points = width * height;
        let (cost, nets) = ([vec![0; points], vec![0; points]], [vec![0; points], vec![0; points]]);
        let mut grid = Self { width, height, cost, nets };
        for rect in layout.groups.iter().skip(1) {
            grid.fill(Rect { h: TITLE, ..*rect }, [BESIDE_WORDS, 1]);
            grid.fill(Rect { h: 0, ..*rect }, [FRAME, 0]);
            grid.fill(Rect { h: 0, y: rect.bottom(), ..*rect }, [FRAME, 0]);
            grid.fill(Rect { w: 0, ..*rect }, [0, FRAME]);
            grid.fill(Rect { w: 0, x: rect.right(), ..*rect }, [0, FRAME]);
        }
        for rect in &layout.titles {
            grid.fill(*rect, [WORDS, WORDS]);
        }
        for rect in &layout.boxes {
            let close = Rect { x: rect.x - CELL, y: rect.y - CELL, w: rect.w + 2 * CELL, h: rect.h + 2 * CELL };
            grid.fill(close, [CLOSE, CLOSE]);
        }
        for rect in &layout.boxes {
            grid.fill(*rect, [BOX, BOX]);
        }
        grid
    }

    /// Returns the number of points.
    pub fn len(&self) -> usize {
        self.width * self.height
    }

    /// Returns the coordinates of a point in the diagram.
    pub fn point(&self, at: usize) -> (i32, i32) {
        ((at % self.width) as i32 * CELL, (at / self.width) as i32 * CELL)
    }

    /// Returns the adjacent point in a direction.
    pub fn step(&self, at: usize, heading: Heading) -> usize {
        match heading {
            Heading::East => at + 1,
            Heading::South => at + self.width,
            Heading::West => at - 1,
            Heading::North => at - self.width,
        }
    }

    /// Returns the cost of a step without its length, or `None` if a box or the border blocks it.
    pub fn enter(&self, at: usize, heading: Heading, net: u16) -> Option<u32> {
        let (column, row) = (at % self.width, at / self.width);
        let is_inside = match heading {
            Heading::East => column + 1 < self.width,
            Heading::South => row + 1 < self.height,
            Heading::West => column > 0,
            Heading::North => row > 0,
        };
        if !is_inside {
            return None;
        }
        let next = self.step(at, heading);
        let (along, across) = if heading.is_level() { (0, 1) } else { (1, 0) };
        let cost = self.cost[along][next];
        let is_crossing = self.nets[across][next] != 0 && self.nets[across][next] != net;
        let crossing = if is_crossing { CROSSING } else { 0 };
        (cost != BOX).then(|| u32::from(cost) + crossing + self.conflict(next, heading, net))
    }

    /// Returns the cost of a conflict with another net that runs through a point in the same direction.
    pub fn conflict(&self, at: usize, heading: Heading, net: u16) -> u32 {
        let there = self.nets[usize::from(!heading.is_level())][at];
        if there == 0 || there == net { 0 } else { CONFLICT }
    }

    /// Marks a point as used by a net.
    pub fn take(&mut self, at: usize, heading: Heading, net: u16) {
        self.nets[usize::from(!heading.is_level())][at] = net;
    }

    /// Returns the ports of a box that no other box blocks.
    pub fn ports(&self, rect: Rect) -> Vec<Port> {
        let mut ports = Vec::new();
        let mut add = |x: i32, y: i32, outward: Heading, off_middle: i32| {
            let at = (y / CELL) as usize * self.width + (x / CELL) as usize;
            if self.cost[0][at] != BOX {
                ports.push(Port { at, outward, off_middle: off_middle.unsigned_abs() / CELL as u32 / 2 });
            }
        };
        for y in (rect.y + CELL..rect.bottom()).step_by(CELL as usize) {
            let off = 2 * y - rect.y - rect.bottom();
            add(rect.right() + CELL, y, Heading::East, off);
            add(rect.x - CELL, y, Heading::West, off);
        }
        for x in (rect.x + 2 * CELL..rect.right() - CELL).step_by(CELL as usize) {
            let off = 2 * x - rect.x - rect.right();
            add(x, rect.bottom() + CELL, Heading::South, off / 2);
            add(x, rect.y - CELL, Heading::North, off / 2);
        }
        ports
    }

    /// Returns the bounding box of points: left, top, right, bottom.
    pub fn around(&self, points: &[usize]) -> [usize; 4] {
        let columns = || points.iter().map(|at| at % self.width);
        let rows = || points.iter().map(|at| at / self.width);
        [columns().min(), rows().min(), columns().max(), rows().max()].map(Option::unwrap_or_default)
    }

    /// Returns the distance in steps from a point to a bounding box.
    pub fn distance(&self, at: usize, [left, top, right, bottom]: [usize; 4]) -> u32 {
        let (column, row) = (at % self.width, at / self.width);
        let across = left.saturating_sub(column) + column.saturating_sub(right);
        let down = top.saturating_sub(row) + row.saturating_sub(bottom);
        (across + down) as u32
    }

    fn fill(&mut self, rect: Rect, cost: [u8; 2]) {
        for row in rect.y / CELL..=rect.bottom() / CELL {
            for column in rect.x / CELL..=rect.right() / CELL {
                let at = row as usize * self.width + column as usize;
                for (points, cost) in self.cost.iter_mut().zip(cost) {
                    points[at] = points[at].max(cost);
                }
            }
        }
    }
}
