//! The graph, folded to what a reader takes in: boxes in groups, one link between two of them.
//!
//! - What only one box may use (its parameters, its secrets) is a line in that box.
//! - Where more than [`MANY`] stores have one client each, they are lines in the boxes of their clients too.
//! - Things without any edge are one list for each kind and group.
//! - Where an entry leads to more than [`MANY`] boxes, it is a line in each of them.
//! - All edges between two boxes are one link; a grant beside a network path is part of it.

use std::collections::{BTreeMap, BTreeSet};

use meshsynth_assembly::graph::{Edge, Graph, Node};

/// So many stores of one client each are drawn as boxes of their own.
const MANY: usize = 12;
/// So many things of one kind without an edge are drawn as boxes of their own.
const FEW: usize = 2;
/// What is worth a box of its own even without an edge.
const ACTORS: [&str; 6] = ["workload", "entry", "gateway", "database", "kafka", "cache"];

/// A folded graph.
#[derive(Debug)]
pub struct Picture {
    /// What it shows.
    pub title: String,
    /// The groups; the first one holds everything, and each comes after its parent.
    pub groups: Vec<Group>,
    /// The boxes.
    pub boxes: Vec<Tile>,
    /// What goes from one box to another.
    pub links: Vec<Link>,
}

/// A frame around boxes and other frames.
#[derive(Debug)]
pub struct Group {
    /// The path of its node; of a region or tier a name of our own.
    pub id: String,
    /// `region`, `vpc`, `cluster`, `namespace`, `tier`, or empty for all.
    pub kind: String,
    /// What it is called.
    pub label: String,
    /// A few words more.
    pub detail: String,
    /// The group around it; of the first one itself.
    pub parent: usize,
}

/// A box: a construct with what belongs to it alone, or a list of things of a kind.
#[derive(Debug)]
pub struct Tile {
    /// The path of the node; of a list a name of our own.
    pub id: String,
    /// What it is.
    pub kind: String,
    /// What it is called.
    pub label: String,
    /// A few words more.
    pub detail: String,
    /// The group that it lies in.
    pub group: usize,
    /// What belongs to it alone, or the things of a list.
    pub parts: Vec<Part>,
    /// Whether it is a list.
    pub is_list: bool,
}

/// A node that is a line in a box.
#[derive(Debug)]
pub struct Part {
    /// The path of the node.
    pub id: String,
    /// What it is.
    pub kind: String,
    /// What it is called.
    pub label: String,
    /// A few words more.
    pub detail: String,
    /// The edges that are folded into it, as places in the graph's list.
    pub edges: Vec<usize>,
}

/// All edges from one box to another.
#[derive(Debug)]
pub struct Link {
    /// The box that it starts from.
    pub from: usize,
    /// The box that it goes to.
    pub to: usize,
    /// The weightiest of its edges' kinds.
    pub kind: &'static str,
    /// The ports that it goes to.
    pub ports: BTreeSet<u16>,
    /// Whether a grant is part of it.
    pub granted: bool,
    /// The edges, as places in the graph's list.
    pub edges: Vec<usize>,
}

/// The kinds of links, the weightiest first.
pub const KINDS: [&str; 6] = ["entry", "call", "data", "replication", "order", "grant"];

impl Group {
    /// What it is and what it is called, in one.
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

    /// How many boxes or parts are of a kind.
    pub fn count(&self, kind: &str) -> usize {
        let of = |it: &&str| **it == *kind;
        let parts = self.boxes.iter().flat_map(|tile| &tile.parts).map(|part| part.kind.as_str());
        let tiles = self.boxes.iter().filter(|tile| !tile.is_list).map(|tile| tile.kind.as_str());
        let groups = self.groups.iter().map(|group| group.kind.as_str());
        parts.chain(tiles).chain(groups).filter(of).count()
    }

    /// In numbers, such as `6 workloads, 8 data stores, 1 region`.
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

    /// The ports of a link, where they are not all the ports that its box says it has.
    pub fn ports_of(&self, link: &Link) -> Option<String> {
        let differs = self.links.iter().any(|other| other.to == link.to && other.ports != link.ports);
        let ports: Vec<String> = link.ports.iter().map(u16::to_string).collect();
        (differs && !ports.is_empty()).then(|| ports.join(", "))
    }

    /// Adds the ports that a box is reached at to what it says.
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

/// Where a node went: a box, and the place of its line there if it has not the box for itself.
type Seat = (usize, Option<usize>);

struct Folder<'a> {
    graph: &'a Graph,
    nodes: BTreeMap<&'a str, &'a Node>,
    /// Who alone uses a node.
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

    /// The nodes that are lines in the box of the one who uses them.
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

    /// Makes a list of the things of a kind that no edge ends at.
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

    /// Makes the boxes and their lines.
    fn tiles(&mut self) {
        let held: BTreeSet<&str> = self.graph.nodes.iter().flat_map(|node| &node.within).map(String::as_str).collect();
        for node in &self.graph.nodes {
            let path = node.path.as_str();
            // A group is a box as well where it holds nothing, or where an edge ends at it.
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
                let (id, label) = (format!("way in by {}", door.id), door.label.clone());
                let part = Part { id, kind: "way in".to_owned(), label, detail: String::new(), edges };
                self.picture.boxes[to].parts.push(part);
                continue;
            }
            let of = |kind: &&&str| edges.iter().any(|idx| self.graph.edges[*idx].kind == **kind);
            let kind = KINDS.iter().find(of).copied().unwrap_or("grant");
            let ports = edges.iter().filter_map(|idx| self.graph.edges[*idx].port).collect();
            self.picture.links.push(Link { from, to, kind, ports, granted: of(&&"grant"), edges });
        }
    }

    /// The group that a node lies in, its tier included.
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
        // A graph that was tampered with must not send us in a circle.
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

/// A node as a line; that a name begins with the app's says nothing in a picture of the app.
fn part(title: &str, node: &Node) -> Part {
    let Node { path, kind, label, detail, .. } = node.clone();
    let short = label.trim_start_matches('/').strip_prefix(title).and_then(|rest| rest.strip_prefix('/'));
    let label = short.map_or(label.clone(), str::to_owned);
    Part { id: path, kind, label, detail, edges: Vec::new() }
}

/// The word for several of a kind.
pub fn plural(kind: &str) -> String {
    match kind.strip_suffix('y') {
        Some(stem) if !stem.ends_with(['a', 'e', 'o']) => format!("{stem}ies"),
        _ => format!("{kind}s"),
    }
}
