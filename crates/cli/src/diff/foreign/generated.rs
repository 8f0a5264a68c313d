//! Objects with `generateName`: the API server generates their names. Each is a separate object, and several may have
//! the same prefix.

use std::collections::BTreeMap;

use serde_json::Value;

use super::object::{Document, Key, Object};

/// Numbers objects with the same name prefix. Equal objects of both sides get the same number.
pub fn number(olds: &mut [Object], news: &mut [Object]) {
    let mut groups: BTreeMap<(String, Key), [Vec<usize>; 2]> = BTreeMap::new();
    for (side, objects) in [&*olds, &*news].into_iter().enumerate() {
        for (at, object) in objects.iter().enumerate().filter(|(_, object)| is_generated(object)) {
            groups.entry((object.cluster.clone(), object.key.clone())).or_default()[side].push(at);
        }
    }
    for [mut of_base, mut of_head] in groups.into_values() {
        if of_base.len().max(of_head.len()) < 2 {
            continue;
        }
        let mut pairs = Vec::new();
        of_base.retain(|&old| {
            let same = of_head.iter().position(|&new| olds[old].says_the_same(&news[new]));
            pairs.extend(same.map(|at| (Some(old), Some(of_head.remove(at)))));
            same.is_none()
        });
        // The remaining objects are paired in document order.
        let n_rest = of_base.len().max(of_head.len());
        pairs.extend((0..n_rest).map(|at| (of_base.get(at).copied(), of_head.get(at).copied())));
        for (idx, (old, new)) in pairs.into_iter().enumerate().skip(1) {
            old.into_iter().for_each(|at| call(&mut olds[at], idx + 1));
            new.into_iter().for_each(|at| call(&mut news[at], idx + 1));
        }
    }
}

fn is_generated(object: &Object) -> bool {
    matches!(&object.document, Document::Known(document) if document["metadata"]["generateName"].is_string())
}

fn call(object: &mut Object, number: usize) {
    object.key.3 = format!("{} ({number})", object.key.3);
    object.document.make()["metadata"]["name"] = Value::from(object.key.3.clone());
}
