//! A node group uses images of Amazon Linux 2.
//!
//! # What it reports
//!
//! `AmiType` of a node group begins with `AL2_`. The finding is a warning.
//!
//! # Why it matters
//!
//! The support of Amazon Linux 2 has ended. EKS publishes no such images for Kubernetes 1.33 and newer versions, so the
//! node group blocks the upgrade of its cluster. The kubelet of Kubernetes 1.35 does not start on its cgroup version.
//!
//! # Fix
//!
//! Use an image type of Amazon Linux 2023 or Bottlerocket, such as `AL2023_x86_64_STANDARD`. The node group is replaced.
//!
//! Source: <https://docs.aws.amazon.com/eks/latest/userguide/eks-ami-deprecation-faqs.html>

use crate::diag::Diagnostic;
use crate::facts::versions::calendar;
use crate::synth::{Link, Model};
use crate::val::Data;

pub(super) fn check(model: &Model, _: &Link, out: &mut Vec<Diagnostic>) {
    for (id, group) in model.of_type("AWS::EKS::Nodegroup") {
        let Some(image) = group.props.get("AmiType").and_then(Data::as_str) else { continue };
        let Some(rest) = image.strip_prefix("AL2_") else { continue };
        let until = calendar::of("amazon-linux").and_then(|it| it.release("2")).and_then(|it| it.until);
        let ended = until.map(|day| format!(", whose support ended on {day}")).unwrap_or_default();
        let message = format!("the image type `{image}` is Amazon Linux 2{ended}");
        let now = if rest.starts_with("ARM") { "AL2023_ARM_64_STANDARD" } else { "AL2023_x86_64_STANDARD" };
        out.push(model.warning(id, "MS0223", message).field("AmiType").help(format!("use `{now}`, which replaces the node group")));
    }
}

#[cfg(test)]
mod tests {
    use crate::eks::NodeGroupProps;
    use crate::testing::{cluster, codes};

    fn group(image: &str) -> Vec<&'static str> {
        let found = codes(|app| {
            let group = cluster(app).add_node_group("nodes", NodeGroupProps::default());
            group.resource().patch("AmiType", image);
        });
        found.into_iter().filter(|code| *code == "MS0223").collect()
    }

    #[test]
    fn warns_about_amazon_linux_2() {
        assert_eq!(group("AL2_x86_64"), ["MS0223"]);
    }

    #[test]
    fn accepts_amazon_linux_2023() {
        assert_eq!(group("AL2023_x86_64_STANDARD"), [""; 0]);
    }
}
