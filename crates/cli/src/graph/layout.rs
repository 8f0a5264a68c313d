//! The layout: columns inside nested frames, on a grid.
//!
//! Each group is divided into columns with callers on the left. Then boxes move up and down within their columns
//! towards the boxes that they are linked to, over all groups at once. The arrangement with the shortest links is used.

use std::collections::BTreeSet;

use super::layers::{Item, layers};
use super::picture::Picture;
use super::size::{CELL, sizes, title_width};

/// The height of the title of a group.
pub const TITLE: i32 = 32;
const PADDING: i32 = 24;
const GAP: i32 = 32;
/// A rectangle.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rect {
    pub x: i32,
    pub y: i32,
    pub w: i32,
    pub h: i32,
}

impl Rect {
    /// Returns the first coordinate right of it.
    pub fn right(self) -> i32 {
        self.x + self.w
    }

    /// Returns the first coordinate below it.
    pub fn bottom(self) -> i32 {
        self.y + self.h
    }
}

/// The positions of a diagram.
#[derive(Clone, Debug)]
pub struct Layout {
    /// The boxes by index.
    pub boxes: Vec<Rect>,
    /// The groups by index.
    pub groups: Vec<Rect>,
    /// The areas of group titles by group index.
    pub titles: Vec<Rect>,
}

/// The arrangement of a group.
#[derive(Clone, Debug, Default)]
struct Plan {
    columns: Vec<Vec<Item>>,
    /// Items without links, in rows below the columns.
    shelf: Vec<Item>,
    gap: i32,
}

/// Returns the layout of a diagram.
pub fn layout(picture: &Picture) -> Layout {
    let mut planner = Planner::new(picture);
    let mut best = planner.place();
    let mut shortest = planner.length(&best);
    let mut last = best.clone();
    for _ in 0..12 {
        planner.sort(&last);
        last = planner.place();
        let length = planner.length(&last);
        if length < shortest {
            (best, shortest) = (last.clone(), length);
        }
    }
    best
}

struct Planner<'a> {
    picture: &'a Picture,
    plans: Vec<Plan>,
    sizes: Vec<(i32, i32)>,
}

impl<'a> Planner<'a> {
    fn new(picture: &'a Picture) -> Self {
        let sizes = sizes(picture);
        let mut planner = Self { picture, plans: vec![Plan::default(); picture.groups.len()], sizes };
        for group in (0..picture.groups.len()).rev() {
            planner.plans[group] = planner.plan(group);
        }
        planner
    }

    fn items(&self, group: usize) -> Vec<Item> {
        let groups = (1..self.picture.groups.len()).filter(|it| self.picture.groups[*it].parent == group);
        let tiles = (0..self.picture.boxes.len()).filter(|it| self.picture.boxes[*it].group == group);
        groups.map(Item::Group).chain(tiles.map(Item::Tile)).collect()
    }

    /// Returns the item of a group that contains a box.
    fn item_of(&self, group: usize, tile: usize) -> Option<Item> {
        let mut item = Item::Tile(tile);
        let mut above = self.picture.boxes[tile].group;
        while above != group {
            if above == 0 {
                return None;
            }
            item = Item::Group(above);
            above = self.picture.groups[above].parent;
        }
        Some(item)
    }

    fn plan(&self, group: usize) -> Plan {
        let items = self.items(group);
        let place = |item: Option<Item>| items.iter().position(|it| Some(*it) == item);
        let (mut arrows, mut linked, mut nets) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        for link in &self.picture.links {
            let (from, to) = (place(self.item_of(group, link.from)), place(self.item_of(group, link.to)));
            linked.extend(from.into_iter().chain(to));
            if let (Some(from), Some(to)) = (from, to)
                && from != to
            {
                arrows.insert((from, to));
            }
            if from != to {
                nets.insert(link.to);
            }
        }
        let layers = layers(items.len(), &arrows);
        let mut columns = vec![Vec::new(); layers.iter().max().map_or(0, |last| last + 1)];
        let (mut shelf, mut free) = (Vec::new(), Vec::new());
        for (idx, item) in items.iter().enumerate() {
            match (linked.contains(&idx), arrows.iter().any(|(from, to)| *from == idx || *to == idx)) {
                (true, true) => columns[layers[idx]].push(*item),
                (true, false) => free.push(*item),
                (false, _) => shelf.push(*item),
            }
        }
        columns.retain(|column: &Vec<Item>| !column.is_empty());
        if columns.is_empty() {
            columns.push(Vec::new());
        }
        for item in free {
            let height = |column: &&mut Vec<Item>| self.height(column, GAP);
            if let Some(column) = columns.iter_mut().min_by_key(height) {
                column.push(item);
            }
        }
        if columns[0].is_empty() {
            columns = vec![std::mem::take(&mut shelf)];
        }
        let gap = GAP + 8 + (4 * nets.len().min(14) as i32) / CELL * CELL;
        let mut plan = Plan { columns, shelf, gap };
        self.balance(&mut plan, arrows.is_empty());
        plan
    }

    /// Joins or splits columns until the group is neither too wide nor too high.
    fn balance(&self, plan: &mut Plan, is_loose: bool) {
        let has_groups = plan.columns.iter().flatten().any(|item| matches!(item, Item::Group(_)));
        let (narrow, wide) = match (has_groups, is_loose) {
            (true, _) => (0.7, 2.4),
            (false, true) => (0.2, 2.0),
            (false, false) => (0.5, 4.0),
        };
        let aspect = |plan: &Plan| {
            let (width, height) = self.extent(plan);
            f64::from(width) / f64::from(height.max(1))
        };
        while aspect(plan) > wide && plan.columns.len() > 1 {
            let joined = |at: usize| self.height(&plan.columns[at], GAP) + self.height(&plan.columns[at + 1], GAP);
            let at = (0..plan.columns.len() - 1).min_by_key(|at| joined(*at)).unwrap_or_default();
            let mut joined = plan.clone();
            let column = joined.columns.remove(at + 1);
            joined.columns[at].extend(column);
            if aspect(&joined) < narrow {
                break;
            }
            *plan = joined;
        }
        while aspect(plan) < narrow {
            let heights = plan.columns.iter().map(|column| self.height(column, GAP));
            let tallest = heights.enumerate().max_by_key(|(at, height)| (*height, std::cmp::Reverse(*at)));
            let Some(at) = tallest.map(|(at, _)| at).filter(|at| plan.columns[*at].len() > 1) else { break };
            let half = plan.columns[at].len().div_ceil(2);
            let rest = plan.columns[at].split_off(half);
            plan.columns.insert(at + 1, rest);
        }
    }

    fn size(&self, item: Item) -> (i32, i32) {
        match item {
            Item::Tile(tile) => self.sizes[tile],
            Item::Group(group) => {
                let (width, height) = self.extent(&self.plans[group]);
                let Some(around) = self.picture.groups.get(group).filter(|_| group > 0) else { return (width, height) };
                let title = title_width(around) + PADDING;
                ((width + 2 * PADDING).max(title), height + TITLE + PADDING + CELL)
            }
        }
    }

    fn height(&self, column: &[Item], gap: i32) -> i32 {
        column.iter().map(|item| self.size(*item).1 + gap).sum::<i32>() - gap
    }

    fn width(&self, column: &[Item]) -> i32 {
        column.iter().map(|item| self.size(*item).0).max().unwrap_or_default()
    }

    /// Returns the size of a plan.
    fn extent(&self, plan: &Plan) -> (i32, i32) {
        let width = plan.columns.iter().map(|column| self.width(column) + plan.gap).sum::<i32>() - plan.gap;
        let height = plan.columns.iter().map(|column| self.height(column, GAP)).max().unwrap_or_default();
        let (mut below, mut right) = (0, 0);
        for row in self.rows(plan, width) {
            below += GAP + row.iter().map(|item| self.size(*item).1).max().unwrap_or_default();
            right = right.max(row.iter().map(|item| self.size(*item).0 + GAP).sum::<i32>() - GAP);
        }
        (width.max(right), height + below)
    }

    /// Divides the items without links into rows.
    fn rows(&self, plan: &Plan, width: i32) -> Vec<Vec<Item>> {
        let mut rows: Vec<Vec<Item>> = Vec::new();
        let mut right = 0;
        for item in &plan.shelf {
            let own = self.size(*item).0;
            match rows.last_mut().filter(|_| right + GAP + own <= width) {
                Some(row) => {
                    row.push(*item);
                    right += GAP + own;
                }
                None => {
                    rows.push(vec![*item]);
                    right = own;
                }
            }
        }
        rows
    }

    fn place(&self) -> Layout {
        let empty = Rect::default();
        let (boxes, groups) = (vec![empty; self.picture.boxes.len()], vec![empty; self.picture.groups.len()]);
        let mut layout = Layout { boxes, groups, titles: Vec::new() };
        self.place_item(Item::Group(0), PADDING, PADDING, &mut layout);
        let titled = self.picture.groups.iter().zip(&layout.groups).skip(1);
        layout.titles = titled.map(|(group, rect)| Rect { w: title_width(group), h: TITLE - CELL, ..*rect }).collect();
        layout
    }

    fn place_item(&self, item: Item, x: i32, y: i32, layout: &mut Layout) {
        let (w, h) = self.size(item);
        let group = match item {
            Item::Tile(tile) => {
                layout.boxes[tile] = Rect { x, y, w, h };
                return;
            }
            Item::Group(group) => group,
        };
        layout.groups[group] = Rect { x, y, w, h };
        let plan = &self.plans[group];
        let (mut left, top) = if group == 0 { (x, y) } else { (x + PADDING, y + TITLE + CELL) };
        let start = left;
        let tallest = plan.columns.iter().map(|column| self.height(column, GAP)).max().unwrap_or_default();
        for column in &plan.columns {
            let width = self.width(column);
            let mut down = top + half(tallest - self.height(column, GAP));
            for item in column {
                let (own, height) = self.size(*item);
                self.place_item(*item, left + half(width - own), down, layout);
                down += height + GAP;
            }
            left += width + plan.gap;
        }
        let mut down = top + tallest + GAP;
        for row in self.rows(plan, left - plan.gap - start) {
            let mut left = start;
            for item in &row {
                self.place_item(*item, left, down, layout);
                left += self.size(*item).0 + GAP;
            }
            down += GAP + row.iter().map(|item| self.size(*item).1).max().unwrap_or_default();
        }
    }

    /// Sorts the items of each column by the vertical positions of their neighbors.
    fn sort(&mut self, layout: &Layout) {
        let middle = |tile: usize| f64::from(layout.boxes[tile].y) + f64::from(layout.boxes[tile].h) / 2.0;
        for group in 0..self.plans.len() {
            let mut columns = std::mem::take(&mut self.plans[group].columns);
            for column in &mut columns {
                column.sort_by_cached_key(|item| {
                    let mut sum = (0.0, 0.0);
                    for link in self.picture.links.iter().filter(|link| link.from != link.to) {
                        let from = self.item_of(group, link.from) == Some(*item);
                        let to = self.item_of(group, link.to) == Some(*item);
                        let other = match (from, to) {
                            (true, false) => link.to,
                            (false, true) => link.from,
                            _ => continue,
                        };
                        sum = (sum.0 + middle(other), sum.1 + 1.0);
                    }
                    let place = match item {
                        Item::Tile(tile) => middle(*tile),
                        Item::Group(group) => {
                            f64::from(layout.groups[*group].y) + f64::from(layout.groups[*group].h) / 2.0
                        }
                    };
                    let wanted = if sum.1 > 0.0 { (sum.0 / sum.1) * 0.8 + place * 0.2 } else { place };
                    ((wanted * 16.0) as i64, *item)
                });
            }
            self.plans[group].columns = columns;
        }
    }

    /// Returns the total length of all links. Vertical distance has a higher weight, because it crosses rows.
    fn length(&self, layout: &Layout) -> i64 {
        let far = |link: &super::picture::Link| {
            let (from, to) = (layout.boxes[link.from], layout.boxes[link.to]);
            let across = (to.x - from.right()).abs();
            let down = (2 * to.y + to.h - 2 * from.y - from.h).abs();
            i64::from(across) + i64::from(down)
        };
        self.picture.links.iter().map(far).sum()
    }
}

/// Returns half of a length, rounded to the grid.
fn half(length: i32) -> i32 {
    length / 2 / CELL * CELL
}
