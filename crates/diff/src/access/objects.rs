//! Objects of a cluster on both sides of a comparison.

use meshsynth_assembly::Object;
use serde_json::Value;

use crate::side::{Pair, Side};

/// The objects of one cluster.
pub(super) struct ClusterObjects<'a> {
    pub pair: &'a Pair<'a>,
    pub objects: [(&'a Side, &'a [Object]); 2],
}

impl<'a> ClusterObjects<'a> {
    /// Returns the objects of a side that differ.
    pub fn changed(&self, side: usize) -> impl Iterator<Item = &'a Value> {
        let (of, objects) = self.objects[side];
        objects.iter().filter(|it| !self.pair.is_same(&it.path)).map(move |it| of.document(&it.path))
    }

    /// Whether a pod identity association of either side gives a role to a service account.
    pub fn has_association(&self, namespace: &str, account: &str) -> bool {
        let has = |side: &Side| {
            let stacks = side.manifest.stacks.iter();
            let stacks = stacks.filter(|stack| side.text(&stack.template).contains("PodIdentityAssociation"));
            stacks.flat_map(|stack| side.resources_of(stack)).any(|(.., resource)| {
                let properties = &resource["Properties"];
                resource["Type"] == "AWS::EKS::PodIdentityAssociation"
                    && properties["Namespace"] == namespace
                    && properties["ServiceAccount"] == account
            })
        };
        self.objects.iter().any(|(side, _)| has(side))
    }

    /// Returns unchanged objects of some kinds whose text is related to the change. Texts are searched before a
    /// document is parsed.
    pub fn unchanged(&self, kinds: &[&str], is_near: impl Fn(&str) -> bool) -> Vec<&'a Value> {
        let (of, objects) = self.objects[1];
        let may_be = |object: &&Object| {
            let text = of.text(&object.path);
            self.pair.is_same(&object.path) && kinds.iter().any(|kind| text.contains(kind)) && is_near(text)
        };
        let documents = objects.iter().filter(may_be).map(|it| of.document(&it.path));
        documents.filter(|it| kinds.iter().any(|kind| it["kind"] == *kind)).collect()
    }
}

/// Returns the kind, namespace and name of an object.
pub(super) fn name_of(document: &Value) -> String {
    format!("{} {}", document["kind"].as_str().unwrap_or_default(), subject_of(document))
}

pub(super) fn subject_of(document: &Value) -> String {
    let text = |key: &str| document["metadata"][key].as_str().unwrap_or_default();
    format!("{}/{}", text("namespace"), text("name"))
}
