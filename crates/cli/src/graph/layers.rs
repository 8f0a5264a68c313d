//! Assigns items of a group to columns: callers are left of the items that they call.

use std::collections::BTreeSet;

/// An item of a group: a box or an inner group, by index in the diagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Item {
    Tile(usize),
    Group(usize),
}

/// Returns the column of each of `n` items: the longest path from an item without callers.
///
/// A cycle is broken at the item that has more outgoing than incoming calls.
pub fn layers(n: usize, arrows: &BTreeSet<(usize, usize)>) -> Vec<usize> {
    let order = order(n, arrows);
    let rank = |item: usize| order.iter().position(|it| *it == item).unwrap_or_default();
    let ranks: Vec<usize> = (0..n).map(rank).collect();
    let mut layers = vec![0; n];
    for item in &order {
        for (from, to) in arrows.iter().filter(|(from, _)| from == item) {
            if ranks[*from] < ranks[*to] {
                layers[*to] = layers[*to].max(layers[*from] + 1);
            }
        }
    }
    pull(&mut layers, &ranks, arrows);
    layers
}

/// Returns an order with few backward arrows: items without callers first, and items without calls last.
fn order(n: usize, arrows: &BTreeSet<(usize, usize)>) -> Vec<usize> {
    let mut left: BTreeSet<usize> = (0..n).collect();
    let (mut first, mut last) = (Vec::new(), Vec::new());
    while !left.is_empty() {
        let outs = |item: usize| arrows.iter().filter(|(from, to)| *from == item && left.contains(to)).count();
        let ins = |item: usize| arrows.iter().filter(|(from, to)| *to == item && left.contains(from)).count();
        let next = left.iter().copied().find(|item| ins(*item) == 0);
        let end = left.iter().copied().rfind(|item| outs(*item) == 0);
        let best = left.iter().copied().max_by_key(|item| {
            let (outs, ins) = (outs(*item) as isize, ins(*item) as isize);
            (outs - ins, std::cmp::Reverse(*item))
        });
        match (next, end, best) {
            (Some(item), ..) => {
                first.push(item);
                left.remove(&item);
            }
            (None, Some(item), _) => {
                last.push(item);
                left.remove(&item);
            }
            (None, None, Some(item)) => {
                first.push(item);
                left.remove(&item);
            }
            (None, None, None) => break,
        }
    }
    first.extend(last.into_iter().rev());
    first
}

/// Moves callers to the column before their nearest callee, so that arrows are short.
fn pull(layers: &mut [usize], ranks: &[usize], arrows: &BTreeSet<(usize, usize)>) {
    let mut items: Vec<usize> = (0..layers.len()).collect();
    items.sort_by_key(|item| std::cmp::Reverse(ranks[*item]));
    for item in items {
        let is_called = arrows.iter().any(|(from, to)| *to == item && ranks[*from] < ranks[item]);
        let nearest = arrows.iter().filter(|(from, to)| *from == item && ranks[*to] > ranks[item]);
        if let Some(nearest) = nearest.map(|(_, to)| layers[*to]).min().filter(|_| !is_called) {
            layers[item] = nearest.saturating_sub(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn callers_are_left_of_callees() {
        let arrows = BTreeSet::from([(0, 1), (1, 2), (0, 2), (3, 2)]);
        assert_eq!(layers(4, &arrows), [0, 1, 2, 1]);
    }

    #[test]
    fn assigns_columns_in_cycles() {
        let arrows = BTreeSet::from([(0, 1), (1, 2), (2, 0)]);
        assert_eq!(layers(3, &arrows), [0, 1, 2]);
    }
}
