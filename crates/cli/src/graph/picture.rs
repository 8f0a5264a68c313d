//! Folds the graph into a readable diagram: boxes in groups, with at most one link between two boxes.
//!
//! - An item that only one box can use, such as a parameter or a secret, is a line in that box.
//! - If more than [`MANY`] stores have a single client each, they are lines in the boxes of their clients too.
//! - Items without any edge are one list for each kind and group.
//! - If an entry leads to more than [`MANY`] boxes, it is a line in each of them.
//! - All edges between two boxes are one link. A grant beside a network path is part of it.

use std::collections::{BTreeMap, BTreeSet};

use meshsynth_assembly::graph::{Edge, Graph, Node};

/// The maximum number of stores with a single client that are drawn as separate boxes.
const MANY: usize = 12;
/// The maximum number of items of one kind without an edge that are drawn as separate boxes.
const FEW: usize = 2;
/// Kinds that are drawn as separate boxes even without an edge.
const ACTORS: [&str; 6] = ["workload", "entry", "gateway", "database", "kafka", "cache"];

/// A folded graph.
#[derive(Debug)]
pub struct Picture {
    /// The title.
    pub title: String,
    /// The groups. The first one is the root, and each follows its parent.
    pub groups: Vec<Group>,
    /// The boxes.
    pub boxes: Vec<Tile>,
    /// The links between boxes.
    pub links: Vec<Link>,
}

/// A frame around boxes and other frames.
#[derive(Debug)]
pub struct Group {
    /// The path of its node; a generated name for a region or tier.
    pub id: String,
    /// `region`, `vpc`, `cluster`, `namespace`, `tier`, or empty for all.
    pub kind: String,
    /// The label.
    pub label: String,
    /// A short description.
    pub detail: String,
    /// The parent group; the first group is its own parent.
    pub parent: usize,
}

/// A box: a construct with items that only it uses, or a list of items of one kind.
#[derive(Debug)]
pub struct Tile {
    /// The path of the node; a generated name for a list.
    pub id: String,
    /// The kind.
    pub kind: String,
    /// The label.
    pub label: String,
    /// A short description.
    pub detail: String,
    /// The group that contains it.
    pub group: usize,
    /// The items that only this box uses, or the items of a list.
    pub parts: Vec<Part>,
    /// Whether it is a list.
    pub is_list: bool,
}

/// A node that is a line in a box.
#[derive(Debug)]
pub struct Part {
    /// The path of the node.
    pub id: String,
    /// The kind.
    pub kind: String,
    /// The label.
    pub label: String,
    /// A short description.
    pub detail: String,
    /// The edges that are folded into it, as indices in the graph's list.
    pub edges: Vec<usize>,
}

/// All edges from one box to another.
#[derive(Debug)]
pub struct Link {
    /// The source box.
    pub from: usize,
    /// The target box.
    pub to: usize,
    /// The most important kind of its edges.
    pub kind: &'static str,
    /// The target ports.
    pub ports: BTreeSet<u16>,
    /// Whether it includes a grant.
    pub granted: bool,
    /// The edges, as indices in the graph's list.
    pub edges: Vec<usize>,
}

/// The kinds of links, most important first.
pub const KINDS: [&str; 6] = ["entry", "call", "data", "replication", "order", "grant"];

impl Group {
    /// Returns the kind and the label.
    pub fn title(&self) -> String {
        match self.kind.as_str() {
            "tier" | "region" => self.label.clone(),
            kind if kind == self.label => self.label.clone(),
            kind => format!("{kind} {}", self.label),
        }
    }
}

impl Picture {
    /// Folds a graph.
    pub fn new(title: &str, graph: &Graph) -> Self {
        let mut folder = Folder::new(title, graph);
        folder.lists();
        folder.tiles();
        folder.links();
        let mut picture = folder.picture;
        picture.say_ports();
        picture
    }

    /// Returns the number of boxes, parts and groups of a kind.
    pub fn count(&self, kind: &str) -> usize {
        let of = |it: &&str| **it == *kind;
        let parts = self.boxes.iter().flat_map(|tile| &tile.parts).map(|part| part.kind.as_str());
        let tiles = self.boxes.iter().filter(|tile| !tile.is_list).map(|tile| tile.kind.as_str());
        let groups = self.groups.iter().map(|group| group.kind.as_str());
        parts.chain(tiles).chain(groups).filter(of).count()
    }

    /// Returns the counts of important kinds, such as `6 workloads, 8 data stores, 1 region`.
    pub fn summary(&self) -> String {
        let stores = ["database", "kafka", "cache", "table", "bucket", "queue"].map(|kind| self.count(kind));
        let numbers = [
            (self.count("entry"), "public entry", "public entries"),
            (self.count("gateway"), "internal entry", "internal entries"),
            (self.count("workload"), "workload", "workloads"),
            (stores.iter().sum(), "data store", "data stores"),
            (self.count("cluster"), "cluster", "clusters"),
            (self.count("region"), "region", "regions"),
        ];
        let words = numbers.iter().filter(|(count, ..)| *count > 0);
        let words: Vec<String> =
            words.map(|(count, one, many)| format!("{count} {}", if *count == 1 { one } else { many })).collect();
        words.join(", ")
    }

    /// Returns the ports of a link, if other links to the same box have different ports.
    pub fn ports_of(&self, link: &Link) -> Option<String> {
        let differs = self.links.iter().any(|other| other.to == link.to && other.ports != link.ports);
        let ports: Vec<String> = link.ports.iter().map(u16::to_string).collect();
        (differs && !ports.is_empty()).then(|| ports.join(", "))
    }

    /// Adds the ports of a box to its description.
    fn say_ports(&mut self) {
        let mut ports: BTreeMap<usize, BTreeSet<u16>> = BTreeMap::new();
        for link in &self.links {
            ports.entry(link.to).or_default().extend(&link.ports);
        }
        for (tile, ports) in ports {
            let ports: Vec<String> = ports.into_iter().map(|port| format!(":{port}")).collect();
            let detail = &mut self.boxes[tile].detail;
            let words = [std::mem::take(detail), ports.join(" ")];
            *detail = words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" · ");
        }
    }
}

/// The location of a node: a box, and the index of its line if it has no separate box.
type Seat = (usize, Option<usize>);

struct Folder<'a> {
    graph: &'a Graph,
    nodes: BTreeMap<&'a str, &'a Node>,
    /// The only user of a node.
    owner: BTreeMap<&'a str, &'a str>,
    touched: BTreeSet<&'a str>,
    groups: BTreeMap<String, usize>,
    seats: BTreeMap<&'a str, Seat>,
    picture: Picture,
}

impl<'a> Folder<'a> {
    fn new(title: &str, graph: &'a Graph) -> Self {
        let all =
            Group { id: String::new(), kind: String::new(), label: title.to_owned(), detail: String::new(), parent: 0 };
        let picture = Picture { title: title.to_owned(), groups: vec![all], boxes: Vec::new(), links: Vec::new() };
        let touched = graph.edges.iter().flat_map(|edge| [edge.from.as_str(), edge.to.as_str()]).collect();
        let nodes = graph.nodes.iter().map(|node| (node.path.as_str(), node)).collect();
        let (groups, seats) = (BTreeMap::new(), BTreeMap::new());
        let mut folder = Self { graph, nodes, owner: BTreeMap::new(), touched, groups, seats, picture };
        folder.owner = folder.owners();
        folder
    }

    /// Returns the nodes that are lines in the box of their only user.
    fn owners(&self) -> BTreeMap<&'a str, &'a str> {
        let mut users: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        let mut edges: BTreeMap<&str, Vec<&Edge>> = BTreeMap::new();
        for edge in &self.graph.edges {
            users.entry(&edge.to).or_default().insert(&edge.from);
            edges.entry(&edge.to).or_default().push(edge);
        }
        let acts: BTreeSet<&str> = self.graph.edges.iter().map(|edge| edge.from.as_str()).collect();
        let mut granted = BTreeMap::new();
        let mut stores = BTreeMap::new();
        for (node, users) in users {
            let Some(user) = users.first().filter(|_| users.len() == 1) else { continue };
            let kind = self.nodes.get(node).map_or("", |node| node.kind.as_str());
            if acts.contains(node) || self.nodes[node].group || ["workload", "entry", "gateway", "host"].contains(&kind)
            {
                continue;
            }
            if edges[node].iter().any(|edge| edge.kind == "replication") {
                continue;
            }
            match edges[node].iter().all(|edge| edge.kind == "grant") {
                true => granted.insert(node, *user),
                false => stores.insert(node, *user),
            };
        }
        if stores.len() > MANY {
            granted.extend(stores);
        }
        granted
    }

    /// Creates lists of the items without edges.
    fn lists(&mut self) {
        let mut lists: BTreeMap<(usize, &str), Vec<&'a Node>> = BTreeMap::new();
        for node in &self.graph.nodes {
            if !node.group && !self.touched.contains(node.path.as_str()) && !ACTORS.contains(&node.kind.as_str()) {
                lists.entry((self.group_of(node), &node.kind)).or_default().push(node);
            }
        }
        for ((group, kind), nodes) in lists.into_iter().filter(|(_, nodes)| nodes.len() > FEW) {
            let tile = self.picture.boxes.len();
            for (part, node) in nodes.iter().enumerate() {
                self.seats.insert(&node.path, (tile, Some(part)));
            }
            self.picture.boxes.push(Tile {
                id: format!("list of {kind} in {}", self.picture.groups[group].id),
                kind: kind.to_owned(),
                label: format!("{} {}", nodes.len(), plural(kind)),
                detail: String::new(),
                group,
                parts: nodes.into_iter().map(|node| part(&self.picture.title, node)).collect(),
                is_list: true,
            });
        }
    }

    /// Creates the boxes and their lines.
    fn tiles(&mut self) {
        let held: BTreeSet<&str> = self.graph.nodes.iter().flat_map(|node| &node.within).map(String::as_str).collect();
        for node in &self.graph.nodes {
            let path = node.path.as_str();
            // A group is also a box if it is empty or an edge ends at it.
            let is_frame = node.group && held.contains(path) && !self.touched.contains(path);
            if is_frame || self.seats.contains_key(path) || self.owner.contains_key(path) {
                continue;
            }
            let group = match node.group && held.contains(path) {
                true => self.group(path),
                false => self.group_of(node),
            };
            let tile = self.picture.boxes.len();
            self.seats.insert(path, (tile, None));
            let Part { id, kind, label, detail, .. } = part(&self.picture.title, node);
            self.picture.boxes.push(Tile { id, kind, label, detail, group, parts: Vec::new(), is_list: false });
        }
        for (node, owner) in self.owner.clone() {
            let (tile, _) = self.seats[owner];
            let part = part(&self.picture.title, self.nodes[node]);
            let parts = &mut self.picture.boxes[tile].parts;
            self.seats.insert(node, (tile, Some(parts.len())));
            parts.push(part);
        }
    }

    fn links(&mut self) {
        let mut links: BTreeMap<(usize, usize), Vec<usize>> = BTreeMap::new();
        for (idx, edge) in self.graph.edges.iter().enumerate() {
            let ((from, _), (to, part)) = (self.seats[edge.from.as_str()], self.seats[edge.to.as_str()]);
            match part {
                Some(part) if from == to => self.picture.boxes[to].parts[part].edges.push(idx),
                _ => links.entry((from, to)).or_default().push(idx),
            }
        }
        let mut fans: BTreeMap<usize, usize> = BTreeMap::new();
        let is_way_in = |edges: &[usize]| edges.iter().all(|idx| self.graph.edges[*idx].kind == "entry");
        for ((from, _), _) in links.iter().filter(|(_, edges)| is_way_in(edges)) {
            *fans.entry(*from).or_default() += 1;
        }
        for ((from, to), edges) in links {
            if fans.get(&from).is_some_and(|fan| *fan > MANY) && is_way_in(&edges) {
                let door = &self.picture.boxes[from];
                let (id, label) = (format!("entry path through {}", door.id), door.label.clone());
                let part = Part { id, kind: "entry path".to_owned(), label, detail: String::new(), edges };
                self.picture.boxes[to].parts.push(part);
                continue;
            }
            let of = |kind: &&&str| edges.iter().any(|idx| self.graph.edges[*idx].kind == **kind);
            let kind = KINDS.iter().find(of).copied().unwrap_or("grant");
            let ports = edges.iter().filter_map(|idx| self.graph.edges[*idx].port).collect();
            self.picture.links.push(Link { from, to, kind, ports, granted: of(&&"grant"), edges });
        }
    }

    /// Returns the group of a node, including its tier.
    fn group_of(&mut self, node: &Node) -> usize {
        let parent = match node.within.last() {
            Some(group) => self.group(group),
            None => self.region(node),
        };
        let Some(tier) = &node.tier else { return parent };
        let id = format!("{} tier of {}", tier, self.picture.groups[parent].id);
        self.add_group(id, "tier", format!("{tier} subnets"), String::new(), parent)
    }

    fn group(&mut self, path: &str) -> usize {
        if let Some(known) = self.groups.get(path) {
            return *known;
        }
        let node = self.nodes[path];
        // A manipulated graph must not cause an endless loop.
        let above = node.within.last().filter(|above| self.nodes[above.as_str()].within.len() < node.within.len());
        let parent = match above {
            Some(above) => self.group(above),
            None => self.region(node),
        };
        self.add_group(path.to_owned(), &node.kind, node.label.clone(), node.detail.clone(), parent)
    }

    fn region(&mut self, node: &Node) -> usize {
        match &node.region {
            Some(region) => self.add_group(format!("region {region}"), "region", region.clone(), String::new(), 0),
            None => 0,
        }
    }

    fn add_group(&mut self, id: String, kind: &str, label: String, detail: String, parent: usize) -> usize {
        if let Some(known) = self.groups.get(&id) {
            return *known;
        }
        let idx = self.picture.groups.len();
        self.groups.insert(id.clone(), idx);
        self.picture.groups.push(Group { id, kind: kind.to_owned(), label, detail, parent });
        idx
    }
}

/// Creates a line from a node. The name of the app is removed from the start of its label.
fn part(title: &str, node: &Node) -> Part {
    let Node { path, kind, label, detail, .. } = node.clone();
    let short = label.trim_start_matches('/').strip_prefix(title).and_then(|rest| rest.strip_prefix('/'));
    let label = short.map_or(label.clone(), str::to_owned);
    Part { id: path, kind, label, detail, edges: Vec::new() }
}

/// Returns the plural of a kind.
pub fn plural(kind: &str) -> String {
    match kind.strip_suffix('y') {
        Some(stem) if !stem.ends_with(['a', 'e', 'o']) => format!("{stem}ies"),
        _ => format!("{kind}s"),
    }
}
