//! Routes links around boxes: along the grid, with the lowest cost.
//!
//! Links of one kind to one box form a net. They share their last stretch, like the wires of a circuit, and end in one
//! arrowhead. Different nets may cross, but never share a line.

use std::cmp::Reverse;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BinaryHeap};

use super::grid::{Grid, Heading, Port};
use super::layout::{Layout, Rect};
use super::picture::{KINDS, Link, Picture};
use super::size::CELL;

const STEP: u32 = 2;
const BEND: u32 = 10;
/// The cost of a second port of a net at a box.
const ANOTHER_PORT: u32 = 60;

/// Returns the route of each link, from the edge of one box to the edge of another; empty for a link to itself.
pub fn route(picture: &Picture, layout: &Layout) -> Vec<Vec<(i32, i32)>> {
    let mut router = Router::new(layout);
    let mut ways = vec![Vec::new(); picture.links.len()];
    let mut nets: BTreeMap<(usize, &str), Vec<usize>> = BTreeMap::new();
    for (idx, link) in picture.links.iter().enumerate().filter(|(_, link)| link.from != link.to) {
        nets.entry((link.to, link.kind)).or_default().push(idx);
    }
    let far = |link: &Link| distance(layout.boxes[link.from], layout.boxes[link.to]);
    let mut nets: Vec<((usize, &str), Vec<usize>)> = nets.into_iter().collect();
    // Important links get straight routes, shortest first. Grants use the remaining space.
    nets.sort_by_cached_key(|((to, kind), links)| {
        let weight = KINDS.iter().position(|it| it == kind);
        let total: i32 = links.iter().map(|link| far(&picture.links[*link])).sum();
        (weight == Some(3), total / links.len() as i32, *to)
    });
    for (net, ((to, _), mut links)) in nets.into_iter().enumerate() {
        links.sort_by_key(|link| (far(&picture.links[*link]), *link));
        let mut tree = Tree::default();
        for link in links {
            let from = layout.boxes[picture.links[link].from];
            ways[link] = router.way(net as u16 + 1, from, layout.boxes[to], &mut tree);
        }
    }
    ways
}

fn distance(from: Rect, to: Rect) -> i32 {
    let (dx, dy) = (2 * to.x + to.w - 2 * from.x - from.w, 2 * to.y + to.h - 2 * from.y - from.h);
    (dx.abs() + dy.abs()) / 2
}

/// The direction of a net at each of its points.
#[derive(Default)]
struct Tree {
    next: BTreeMap<usize, Heading>,
    /// The points at which it enters the box.
    ends: BTreeMap<usize, Heading>,
}

struct Router {
    grid: Grid,
    /// By point and direction: the cost of the best route found, and the direction of the step before.
    cost: Vec<u32>,
    before: Vec<u8>,
}

/// Marks the start of a route: a port of the source box.
const START: u8 = 9;

impl Router {
    fn new(layout: &Layout) -> Self {
        let grid = Grid::new(layout);
        let states = grid.len() * 4;
        Self { grid, cost: vec![u32::MAX; states], before: vec![START; states] }
    }

    fn way(&mut self, net: u16, from: Rect, to: Rect, tree: &mut Tree) -> Vec<(i32, i32)> {
        let ports = self.grid.ports(to);
        let Some(state) = self.search(net, from, &ports, tree) else { return straight(from, to) };
        let points = self.back(state);
        for (at, heading) in &points {
            self.grid.take(*at, *heading, net);
        }
        let mut way: Vec<(i32, i32)> = Vec::new();
        if let Some((first, heading)) = points.first() {
            way.push(self.grid.point(self.grid.step(*first, heading.back())));
        }
        way.extend(points.iter().map(|(at, _)| self.grid.point(*at)));
        for pair in points.windows(2) {
            tree.next.insert(pair[0].0, pair[1].1);
            self.grid.take(pair[0].0, pair[1].1, net);
        }
        let (mut at, _) = points[points.len() - 1];
        if let Entry::Vacant(end) = tree.next.entry(at) {
            let port = ports.iter().find(|port| port.at == at);
            let inward = port.map_or(Heading::East, |port| port.outward.back());
            end.insert(inward);
            tree.ends.insert(at, inward);
            self.grid.take(at, inward, net);
        }
        while let Some(heading) = tree.next.get(&at) {
            let is_end = tree.ends.contains_key(&at);
            at = self.grid.step(at, *heading);
            way.push(self.grid.point(at));
            if is_end {
                break;
            }
        }
        corners(way)
    }

    /// Returns the cheapest state that ends at a port of the box or at the net itself.
    fn search(&mut self, net: u16, from: Rect, ports: &[Port], tree: &Tree) -> Option<usize> {
        self.cost.fill(u32::MAX);
        let mut queue: BinaryHeap<Reverse<(u32, u32, usize, bool)>> = BinaryHeap::new();
        let goals: Vec<usize> = ports.iter().map(|port| port.at).chain(tree.next.keys().copied()).collect();
        let around = self.grid.around(&goals);
        for port in self.grid.ports(from) {
            let state = port.at * 4 + port.outward as usize;
            let start = match port.outward {
                Heading::East => 0,
                Heading::North | Heading::South => 8,
                Heading::West => 16,
            } + port.off_middle
                + self.grid.conflict(port.at, port.outward, net);
            if start < self.cost[state] {
                self.cost[state] = start;
                self.before[state] = START;
                queue.push(Reverse((start + STEP * self.grid.distance(port.at, around), start, state, false)));
            }
        }
        while let Some(Reverse((_, cost, state, is_done))) = queue.pop() {
            if is_done {
                return Some(state);
            }
            if cost > self.cost[state] {
                continue;
            }
            let (at, heading) = (state / 4, Heading::ALL[state % 4]);
            if let Some(more) = self.ending(at, heading, net, ports, tree) {
                queue.push(Reverse((cost + more, cost + more, state, true)));
            }
            for turn in Heading::ALL.into_iter().filter(|turn| *turn != heading.back()) {
                let Some(step) = self.grid.enter(at, turn, net) else { continue };
                let bend = if turn == heading { 0 } else { BEND + self.grid.conflict(at, turn, net) };
                let next = self.grid.step(at, turn) * 4 + turn as usize;
                let cost = cost + STEP + bend + step;
                if cost < self.cost[next] {
                    self.cost[next] = cost;
                    self.before[next] = heading as u8;
                    let rest = STEP * self.grid.distance(next / 4, around);
                    queue.push(Reverse((cost + rest, cost, next, false)));
                }
            }
        }
        None
    }

    /// Returns the cost of ending at a point, or `None` if it is impossible.
    fn ending(&self, at: usize, heading: Heading, net: u16, ports: &[Port], tree: &Tree) -> Option<u32> {
        if let Some(next) = tree.next.get(&at) {
            return (*next != heading.back()).then_some(if *next == heading { 0 } else { 4 });
        }
        let port = ports.iter().find(|port| port.at == at)?;
        let inward = port.outward.back();
        let side = match inward {
            Heading::East => 0,
            Heading::North | Heading::South => 8,
            Heading::West => 16,
        };
        let bend = if heading == inward { 0 } else { BEND + self.grid.conflict(at, inward, net) };
        let another = if tree.ends.is_empty() { 0 } else { ANOTHER_PORT };
        (heading != port.outward).then_some(side + bend + another + port.off_middle)
    }

    /// Returns the points of a route from its start, each with the direction of the step to it.
    fn back(&self, mut state: usize) -> Vec<(usize, Heading)> {
        let mut points = Vec::new();
        loop {
            let (at, heading) = (state / 4, Heading::ALL[state % 4]);
            points.push((at, heading));
            let before = self.before[state];
            if before == START {
                break;
            }
            state = self.grid.step(at, heading.back()) * 4 + before as usize;
        }
        points.reverse();
        points
    }
}

/// Returns a straight line, if no route exists.
fn straight(from: Rect, to: Rect) -> Vec<(i32, i32)> {
    vec![(from.right(), from.y + from.h / 2 / CELL * CELL), (to.x, to.y + to.h / 2 / CELL * CELL)]
}

/// Returns the corners and the ends of a route.
fn corners(way: Vec<(i32, i32)>) -> Vec<(i32, i32)> {
    let mut corners: Vec<(i32, i32)> = Vec::new();
    for point in way {
        if let [.., (ax, ay), (bx, by)] = corners[..]
            && ((ax == bx && bx == point.0) || (ay == by && by == point.1))
        {
            corners.pop();
        }
        corners.push(point);
    }
    corners
}
