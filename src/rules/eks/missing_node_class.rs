//! A `NodePool` refers to an `EC2NodeClass` that is not defined.
//!
//! # What it reports
//!
//! The cluster has no `EC2NodeClass` with the name in `nodeClassRef`. Only programs are checked, because manifests may
//! be incomplete.
//!
//! # Why it matters
//!
//! The pool never becomes ready, so it creates no nodes.
//!
//! # Fix
//!
//! Define an `EC2NodeClass` with this name in the same cluster, or correct the name.
//!
//! Source: <https://karpenter.sh/docs/concepts/nodepools/#spectemplatespecnodeclassref>

use crate::diag::Diagnostic;
use crate::rules::index::near::meant;
use crate::rules::index::pods::called;
use crate::synth::{Link, Model};

pub(super) fn check(model: &Model, _: &Link, out: &mut Vec<Diagnostic>) {
    // Incomplete manifests may omit the class.
    if model.is_open {
        return;
    }
    for (id, pool) in model.of_kind("NodePool") {
        let text = |key: &str| pool.body.at("spec.template.spec.nodeClassRef").and_then(|it| it.at(key)?.as_str());
        let (Some("EC2NodeClass"), Some(name)) = (text("kind"), text("name")) else { continue };
        let classes = || model.of_kind("EC2NodeClass").filter(|(other, _)| model.target_of(*other) == model.target_of(id));
        if classes().any(|(_, class)| class.name == name) {
            continue;
        }
        let help = match meant(name, classes().map(|(_, class)| class.name.as_str())) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("define an `EC2NodeClass` named `{name}`"),
        };
        let message = format!("{} refers to the node class `{name}`, which is not defined", called(pool));
        out.push(model.error(id, "MS0219", message).field("spec.template.spec.nodeClassRef.name").help(help));
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::manifests::closed;

    fn pool(class: &str) -> String {
        format!(
            "apiVersion: karpenter.k8s.aws/v1\nkind: EC2NodeClass\nmetadata: {{ name: default }}\nspec:\n\
             \x20 instanceProfile: nodes\n\
             \x20 amiSelectorTerms: [{{ alias: al2023@latest }}]\n\
             \x20 subnetSelectorTerms: [{{ id: subnet-0123456789abcdef0 }}]\n\
             \x20 securityGroupSelectorTerms: [{{ id: sg-0123456789abcdef0 }}]\n\
             ---\napiVersion: karpenter.sh/v1\nkind: NodePool\nmetadata: {{ name: general }}\nspec:\n\
             \x20 limits: {{ cpu: '100' }}\n\x20 disruption: {{ consolidateAfter: 1m }}\n\
             \x20 template:\n    spec:\n      nodeClassRef: {{ group: karpenter.k8s.aws, kind: EC2NodeClass, name: {class} }}\n\
             \x20     requirements: []\n"
        )
    }

    #[test]
    fn reports_a_missing_class() {
        assert!(closed(&pool("defalt")).contains(&"MS0219"));
    }

    #[test]
    fn accepts_an_existing_class() {
        assert!(!closed(&pool("default")).contains(&"MS0219"));
    }
}
