//! The graph of a platform: who calls, reads, writes and reaches whom.

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

    /// What it is.
    pub fn kind(&self) -> EdgeKind {
        self.row.kind
    }

    /// Who calls, reads or writes.
    pub fn from(&self) -> Item<'a> {
        Item { place: self.place.at(self.row.from) }
    }

    /// What is called, read or written.
    pub fn to(&self) -> Item<'a> {
        Item { place: self.place.at(self.row.to) }
    }

    /// The port that it goes to, where it is network.
    pub fn port(&self) -> Option<u16> {
        self.row.port
    }

    /// The user's line that declared it, such as that of `orders.calls(&payments)`.
    pub fn line(&self) -> At {
        self.row.at
    }
}

/// What is reached from an item, and how.
pub struct Reached<'a> {
    /// What is reached.
    pub item: Item<'a>,
    /// The edges on a shortest way, in order.
    pub way: Vec<Edge<'a>>,
}

impl Reached<'_> {
    /// The number of edges on the way.
    pub fn hops(&self) -> usize {
        self.way.len()
    }
}

impl<'a> Item<'a> {
    /// The edges that begin at the component of this item.
    pub fn edges_out(&self) -> impl Iterator<Item = Edge<'a>> + use<'a> {
        let place = self.component().place;
        place.index.graph().from(place.id).iter().map(move |idx| Edge::of(place, *idx))
    }

    /// The edges that end at the component of this item.
    pub fn edges_in(&self) -> impl Iterator<Item = Edge<'a>> + use<'a> {
        let place = self.component().place;
        place.index.graph().to(place.id).iter().map(move |idx| Edge::of(place, *idx))
    }

    /// The services, hosts and stores that the component of this item calls, connects to, or may act on.
    pub fn depends_on(&self) -> impl Iterator<Item = Edge<'a>> + use<'a> {
        self.edges_out().filter(|edge| !matches!(edge.kind(), EdgeKind::Replication | EdgeKind::Order))
    }

    /// All components that are reached over edges of these kinds, each on a shortest way, the nearest first.
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
