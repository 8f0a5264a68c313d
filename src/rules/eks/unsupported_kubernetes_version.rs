//! Amazon EKS does not offer this Kubernetes version.
//!
//! # What it reports
//!
//! The version of a cluster is malformed, or its extended support has ended. A version that is newer than the version
//! list of meshsynth is a warning, because its support is not known yet.
//!
//! # Why it matters
//!
//! EKS does not create a cluster with a version whose extended support has ended. It updates existing clusters with
//! such a version automatically.
//!
//! # Fix
//!
//! Use a version in standard support. Update a running cluster one minor version at a time.
//!
//! Source: <https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions.html>

use crate::facts::versions::eks::{JUDGED_ON, Support, in_standard_support, support};
use crate::diag::Diagnostic;
use crate::synth::{Link, Model};

pub(super) fn check(model: &Model, _: &Link, out: &mut Vec<Diagnostic>) {
    for (id, cluster) in model.of_type("AWS::EKS::Cluster") {
        let Some(version) = cluster.props.get("Version").and_then(|version| version.as_str()) else { continue };
        let diagnostic = match support(version) {
            Support::Ended => model.error(id, "MS0201", format!("EKS no longer offers Kubernetes `{version}`")),
            Support::Malformed => {
                model.error(id, "MS0201", format!("`{version}` is not a Kubernetes version; use a version such as `1.36`"))
            }
            Support::Newer => model.warning(
                id,
                "MS0201",
                format!("Kubernetes `{version}` is newer than the version list of {JUDGED_ON} in meshsynth"),
            ),
            Support::Standard(_) | Support::Extended(_) => continue,
        };
        out.push(diagnostic.help(format!("versions in standard support are {}", in_standard_support().join(", "))));
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::programs::with_version;

    #[test]
    fn reports_versions_without_support() {
        assert_eq!(with_version("1.23"), ["MS0201"]);
        assert_eq!(with_version("latest"), ["MS0201"]);
    }

    #[test]
    fn accepts_a_version_in_standard_support() {
        assert_eq!(with_version("1.35"), [""; 0]);
    }
}
