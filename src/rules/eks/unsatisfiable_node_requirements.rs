//! The requirements of a `NodePool` exclude every instance.
//!
//! # What it reports
//!
//! Two requirements for the same label have no common value.
//!
//! # Why it matters
//!
//! An instance must meet all requirements of a pool. The pool never creates a node, and its pods remain `Pending`.
//!
//! # Fix
//!
//! Remove one of the requirements for this label, or allow more values.
//!
//! Source: <https://karpenter.sh/docs/concepts/nodepools/#spectemplatespecrequirements>

use crate::diag::Diagnostic;
use crate::rules::index::node_pools::requirements;
use crate::rules::index::pods::called;
use crate::synth::{Link, Model};

pub(super) fn check(model: &Model, _: &Link, out: &mut Vec<Diagnostic>) {
    for (id, object) in model.of_kind("NodePool") {
        let all = requirements(object);
        let Some((key, _)) = all.iter().find(|(_, wanted)| wanted.is_empty()) else { continue };
        let message = format!("no value of `{key}` satisfies all requirements of {}", called(object));
        out.push(
            model
                .error(id, "MS0216", message)
                .field("spec.template.spec.requirements")
                .help("remove or relax one of the requirements for this label"),
        );
    }
}

#[cfg(test)]
mod tests {
    use crate::mesh::addons::{NodePoolProps, Requirement};
    use crate::rules::testing::programs::with_pool;

    fn with(requirements: Vec<Requirement>) -> Vec<&'static str> {
        with_pool(NodePoolProps { requirements, ..Default::default() })
    }

    #[test]
    fn reports_requirements_without_a_common_value() {
        assert_eq!(with(vec![Requirement::is_one_of("karpenter.k8s.aws/instance-category", ["t"])]), ["MS0216"]);
        assert_eq!(with(vec![Requirement::is_below("karpenter.k8s.aws/instance-generation", 4)]), ["MS0216"]);
        let family = "karpenter.k8s.aws/instance-family";
        let both = vec![Requirement::is_one_of(family, ["m7i"]), Requirement::is_none_of(family, ["m7i"])];
        assert_eq!(with(both), ["MS0216"]);
    }

    #[test]
    fn accepts_requirements_that_share_a_value() {
        assert_eq!(with(vec![Requirement::is_one_of("karpenter.k8s.aws/instance-category", ["c"])]), [""; 0]);
        assert_eq!(with(vec![Requirement::is_above("karpenter.k8s.aws/instance-generation", 6)]), [""; 0]);
    }
}
