//! The graph of a platform: calls, reads, writes and network connections.

use std::collections::VecDeque;

use crate::hash::FastMap;
use crate::node::EdgeKind;
use crate::tree::{At, NodeId};

use super::graph::Row;
use super::index::Place;
use super::item::Item;

/// An edge of the graph, between two components.
#[derive(Clone, Copy)]
pub struct Edge<'a> {
    pub(super) place: Place<'a>,
    row: &'a Row,
}

impl<'a> Edge<'a> {
    pub(super) fn of(place: Place<'a>, idx: usize) -> Self {
        Self { place, row: &place.index.graph().rows[idx] }
    }

    /// Returns the kind of the edge.
    pub fn kind(&self) -> EdgeKind {
        self.row.kind
    }

    /// Returns the component that calls, reads or writes.
    pub fn from(&self) -> Item<'a> {
        Item { place: self.place.at(self.row.from) }
    }

    /// Returns the component that is called, read or written.
    pub fn to(&self) -> Item<'a> {
        Item { place: self.place.at(self.row.to) }
    }

    /// Returns the destination port of a network connection.
    pub fn port(&self) -> Option<u16> {
        self.row.port
    }

    /// Returns the line of the program that declares the edge, such as the line of `orders.calls(&payments)`.
    pub fn line(&self) -> At {
        self.row.at
    }
}

/// An item that is reachable from another item, and the path to it.
pub struct Reached<'a> {
    /// The reached item.
    pub item: Item<'a>,
    /// The edges of a shortest path, in order.
    pub way: Vec<Edge<'a>>,
}

impl Reached<'_> {
    /// Returns the number of edges of the path.
    pub fn hops(&self) -> usize {
        self.way.len()
    }
}

impl<'a> Item<'a> {
    /// Returns the edges that begin at the component of this item.
    pub fn edges_out(&self) -> impl Iterator<Item = Edge<'a>> + use<'a> {
        let place = self.component().place;
        place.index.graph().from(place.id).iter().map(move |idx| Edge::of(place, *idx))
    }

    /// Returns the edges that end at the component of this item.
    pub fn edges_in(&self) -> impl Iterator<Item = Edge<'a>> + use<'a> {
        let place = self.component().place;
        place.index.graph().to(place.id).iter().map(move |idx| Edge::of(place, *idx))
    }

    /// Returns the edges that begin at the component of this item and express a dependency: calls, connections,
    /// permissions and forwarded traffic.
    pub fn depends_on(&self) -> impl Iterator<Item = Edge<'a>> + use<'a> {
        self.edges_out().filter(|edge| !matches!(edge.kind(), EdgeKind::Replication | EdgeKind::Order))
    }

    /// Returns all components that are reachable over edges of these kinds, each with a shortest path. The nearest
    /// component is first.
    pub fn reaches(&self, kinds: &[EdgeKind]) -> Vec<Reached<'a>> {
        let start = self.component();
        let mut came: FastMap<NodeId, Option<usize>> = FastMap::default();
        came.insert(start.place.id, None);
        let (mut next, mut order) = (VecDeque::from([start.place.id]), Vec::new());
        let graph = start.place.index.graph();
        while let Some(id) = next.pop_front() {
            for idx in graph.from(id) {
                let row = &graph.rows[*idx];
                if kinds.contains(&row.kind) && !came.contains_key(&row.to) {
                    came.insert(row.to, Some(*idx));
                    next.push_back(row.to);
                    order.push(row.to);
                }
            }
        }
        let way = |to: NodeId| {
            let edge = |at: NodeId| came.get(&at).copied().flatten();
            let back = std::iter::successors(edge(to), |idx| edge(graph.rows[*idx].from));
            let mut way: Vec<Edge<'a>> = back.map(|idx| Edge::of(start.place, idx)).collect();
            way.reverse();
            way
        };
        order.into_iter().map(|to| Reached { item: Item { place: start.place.at(to) }, way: way(to) }).collect()
    }
}
