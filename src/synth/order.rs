//! The part of the freeze pass that orders waves and derives names from content.

use serde_json::json;

use crate::name::{fit, hash8};
use crate::node::{Kind, Wave};
use crate::tree::NodeId;

use super::Model;
use super::kube_text::Kube;

/// The number of the workloads' wave.
const WORKLOADS: u8 = 40;
/// The first wave before the workloads.
const FIRST: u8 = 31;

impl Model {
    /// Moves awaited workloads into waves before the other workloads, together with the objects that they need.
    pub(super) fn order_waves(&mut self) {
        let waits: Vec<(NodeId, NodeId)> =
            self.nodes().flat_map(|(id, node)| node.after.iter().map(move |first| (id, *first))).collect();
        if waits.is_empty() {
            return;
        }
        let mut stages = vec![WORKLOADS; self.nodes.iter().len()];
        for _ in FIRST..=WORKLOADS {
            for (then, first) in &waits {
                let before = stages[then.idx()].saturating_sub(1).max(FIRST);
                stages[first.idx()] = stages[first.idx()].min(before);
            }
        }
        for (id, node) in self.nodes() {
            for need in &node.needs {
                stages[need.idx()] = stages[need.idx()].min(stages[id.idx()]);
            }
        }
        for idx in 0..stages.len() {
            let id = self.nodes.id(idx);
            let Some(above) = self.nodes[id].parent else { continue };
            stages[idx] = stages[idx].min(stages[above.idx()]);
            if let Kind::Object(object) = &mut self.nodes[id].kind
                && stages[idx] < WORKLOADS
            {
                object.wave = match object.wave {
                    Wave::Workloads => Wave::Before(stages[idx]),
                    Wave::Routes => Wave::Configuration,
                    other => other,
                };
            }
        }
    }

    /// Sets the names that depend on content, after all other names are final.
    pub(super) fn name_by_content(&mut self) {
        let names: Vec<(NodeId, String)> = self
            .objects()
            .filter(|(.., object)| object.is_named_by_content)
            .map(|(id, _, object)| {
                let spec = object.body.get("spec").map(|data| json!(Kube { model: self, data }).to_string());
                (id, format!("{}-{}", fit(&object.name, 54), hash8(&spec.unwrap_or_default())))
            })
            .collect();
        for (id, name) in names {
            if let Kind::Object(object) = &mut self.nodes[id].kind {
                object.name = name;
            }
        }
    }
}
