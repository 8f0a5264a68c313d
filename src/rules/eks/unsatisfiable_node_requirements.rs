//! Nothing can be what a `NodePool` wants of its instances.
//!
//! All requirements of a pool hold at once. Where two of them leave no value of one label, the pool never makes a node, and
//! its pods wait.
//!
//! Leave out one of the two, or widen it.
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
        let message = format!("no instance can be what {} wants of `{key}`", called(object));
        out.push(
            model
                .error(id, "MS0216", message)
                .field("spec.template.spec.requirements")
                .help("leave out one of the requirements for this label, or widen it"),
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
    fn requirements_that_leave_nothing_are_an_error() {
        assert_eq!(with(vec![Requirement::is_one_of("karpenter.k8s.aws/instance-category", ["t"])]), ["MS0216"]);
        assert_eq!(with(vec![Requirement::is_below("karpenter.k8s.aws/instance-generation", 4)]), ["MS0216"]);
        let family = "karpenter.k8s.aws/instance-family";
        let both = vec![Requirement::is_one_of(family, ["m7i"]), Requirement::is_none_of(family, ["m7i"])];
        assert_eq!(with(both), ["MS0216"]);
    }

    #[test]
    fn requirements_that_narrow_each_other_are_fine() {
        assert_eq!(with(vec![Requirement::is_one_of("karpenter.k8s.aws/instance-category", ["c"])]), [""; 0]);
        assert_eq!(with(vec![Requirement::is_above("karpenter.k8s.aws/instance-generation", 6)]), [""; 0]);
    }
}
