//! Reads the content of a diagram from its SVG.

use std::collections::{BTreeMap, BTreeSet};

type Rect = [i32; 4];
type Point = (i32, i32);

/// A diagram, as far as tests need it.
#[derive(Default)]
pub struct Drawn {
    pub width: i32,
    pub height: i32,
    /// Left, top, right and bottom by name.
    pub boxes: BTreeMap<String, Rect>,
    /// Every node and group that has an element.
    pub names: BTreeSet<String>,
    /// Every edge that has an element, sorted.
    pub edges: Vec<usize>,
    /// The source and target of each link, and the corners of its line.
    pub lines: Vec<(String, String, Vec<Point>)>,
    /// The number of line pairs to different boxes that overlap.
    pub shared: usize,
}

impl Drawn {
    /// Reads a diagram of this crate.
    pub fn read(text: &str) -> Self {
        let mut drawn = Self::default();
        let number = |tag: &str, name: &str| attribute(tag, name).and_then(|it| it.parse().ok()).unwrap_or(i32::MIN);
        let (mut name, mut link) = (None, None);
        for tag in tags(text) {
            if tag.starts_with("svg ") {
                (drawn.width, drawn.height) = (number(tag, "width"), number(tag, "height"));
            }
            drawn.names.extend(attribute(tag, "data-node"));
            drawn.names.extend(attribute(tag, "data-group"));
            for edge in attribute(tag, "data-edges").iter().flat_map(|edges| edges.split(' ')) {
                drawn.edges.push(edge.parse().unwrap());
            }
            if let Some(it) = attribute(tag, "data-box") {
                name = Some(it);
            } else if let Some(name) = name.take_if(|_| tag.starts_with("rect ")) {
                let [x, y, w, h] = ["x", "y", "width", "height"].map(|side| number(tag, side));
                drawn.boxes.insert(name, [x, y, x + w, y + h]);
            } else if let (Some(from), Some(to)) = (attribute(tag, "data-from"), attribute(tag, "data-to")) {
                link = Some((from, to));
            } else if let Some((from, to)) = link.take_if(|_| tag.starts_with("path ")) {
                drawn.lines.push((from, to, corners(&attribute(tag, "d").unwrap())));
            }
        }
        drawn.edges.sort_unstable();
        drawn.shared = drawn.count_shared();
        drawn
    }

    /// Verifies that boxes do not touch and are on the page.
    #[track_caller]
    pub fn assert_apart(&self) {
        let boxes: Vec<_> = self.boxes.iter().collect();
        for (idx, (name, a)) in boxes.iter().enumerate() {
            assert!(
                a[0] >= 0 && a[1] >= 0 && a[2] <= self.width && a[3] <= self.height,
                "{name} is off the page: {a:?}"
            );
            for (other, b) in &boxes[idx + 1..] {
                let touch = a[0] <= b[2] && b[0] <= a[2] && a[1] <= b[3] && b[1] <= a[3];
                assert!(!touch, "{name} {a:?} and {other} {b:?}");
            }
        }
    }

    /// Verifies that lines do not cross boxes, and begin and end at their own boxes.
    #[track_caller]
    pub fn assert_around(&self) {
        for (from, to, points) in &self.lines {
            for pair in points.windows(2) {
                let ([ax, bx], [ay, by]) = ([pair[0].0, pair[1].0], [pair[0].1, pair[1].1]);
                for (name, [left, top, right, bottom]) in &self.boxes {
                    let through = ax.min(bx) < *right && *left < ax.max(bx).max(ax.min(bx) + 1);
                    let through = through && ay.min(by) < *bottom && *top < ay.max(by).max(ay.min(by) + 1);
                    assert!(!through, "{from} to {to} runs through {name}: {points:?}");
                }
            }
            // The line is drawn from its end, which is the base of its arrowhead.
            let near = |name: &str, point: &Point, most: i32| {
                let [left, top, right, bottom] = self.boxes[name];
                let (dx, dy) = ((left - point.0).max(point.0 - right), (top - point.1).max(point.1 - bottom));
                assert!(dx.max(dy).max(0) <= most, "{from} to {to} misses {name}: {points:?}");
            };
            near(to, &points[0], 8);
            near(from, &points[points.len() - 1], 0);
        }
    }

    fn count_shared(&self) -> usize {
        let mut shared = 0;
        for (idx, (_, to, points)) in self.lines.iter().enumerate() {
            for (_, other, others) in self.lines[idx + 1..].iter().filter(|(_, other, _)| other != to) {
                let on = |a: &[Point], b: &[Point]| {
                    let lies = |level: fn(&Point) -> i32, along: fn(&Point) -> i32| {
                        let flat =
                            [a, b].iter().all(|it| level(&it[0]) == level(&it[1])) && level(&a[0]) == level(&b[0]);
                        let start = along(&a[0]).min(along(&a[1])).max(along(&b[0]).min(along(&b[1])));
                        let end = along(&a[0]).max(along(&a[1])).min(along(&b[0]).max(along(&b[1])));
                        flat && start < end
                    };
                    lies(|it| it.0, |it| it.1) || lies(|it| it.1, |it| it.0)
                };
                let is_shared = points.windows(2).any(|a| others.windows(2).any(|b| on(a, b)));
                shared += usize::from(is_shared && other != to);
            }
        }
        shared
    }
}

/// Verifies that every tag is closed in order, and that text has no unescaped characters.
#[track_caller]
pub fn assert_well_formed(text: &str) {
    let mut open = Vec::new();
    for tag in tags(text) {
        let name = tag.split([' ', '/']).next().unwrap_or_default();
        match tag.strip_prefix('/') {
            Some(name) => assert_eq!(open.pop(), Some(name), "</{name}>"),
            None if tag.ends_with('/') => {}
            None => open.push(name),
        }
        assert_eq!(tag.matches('"').count() % 2, 0, "<{tag}>");
    }
    assert!(open.is_empty(), "{open:?}");
    for piece in text.split('&').skip(1) {
        let entity = piece.split(';').next().unwrap_or_default();
        assert!(["amp", "lt", "gt", "quot", "#39"].contains(&entity), "&{entity}");
    }
    assert!(!text.chars().any(|c| c.is_control() && c != '\n'));
}

/// Returns the text between `<` and `>`, without the style.
fn tags(text: &str) -> impl Iterator<Item = &str> {
    text.split('<').skip(1).map(|piece| piece.split('>').next().unwrap_or_default())
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let start = tag.find(&format!(" {name}=\""))? + name.len() + 3;
    let value = &tag[start..start + tag[start..].find('"')?];
    let plain = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")];
    Some(plain.iter().fold(value.to_owned(), |text, (entity, c)| text.replace(entity, c)))
}

/// Returns the corners of a path; rounded corners are treated as straight.
fn corners(path: &str) -> Vec<Point> {
    let mut points = Vec::new();
    for piece in path.split(['M', 'L', 'Q']).filter(|piece| !piece.is_empty()) {
        let numbers: Vec<i32> = piece.split(' ').map(|it| it.parse().unwrap()).collect();
        points.extend(numbers.chunks(2).map(|pair| (pair[0], pair[1])));
    }
    points
}
