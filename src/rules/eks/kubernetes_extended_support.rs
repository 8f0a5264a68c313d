//! A Kubernetes version is in paid extended support.
//!
//! # What it reports
//!
//! A cluster uses a version whose standard support has ended but whose extended support has not. The finding is a
//! warning.
//!
//! # Why it matters
//!
//! In extended support, EKS charges several times the hourly price for the cluster. When extended support ends, EKS
//! updates the cluster automatically.
//!
//! # Fix
//!
//! Update to a version in standard support, one minor version at a time.
//!
//! Source: <https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions.html>

use crate::facts::versions::eks::{Support, in_standard_support, support};
use crate::diag::Diagnostic;
use crate::synth::{Link, Model};

pub(super) fn check(model: &Model, _: &Link, out: &mut Vec<Diagnostic>) {
    for (id, cluster) in model.of_type("AWS::EKS::Cluster") {
        let Some(version) = cluster.props.get("Version").and_then(|version| version.as_str()) else { continue };
        if let Support::Extended(until) = support(version) {
            let message = format!("Kubernetes `{version}` is in paid extended support, which ends on {until}");
            let help = format!("update the cluster; versions in standard support are {}", in_standard_support().join(", "));
            out.push(model.warning(id, "MS0202", message).help(help));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::programs::with_version;

    #[test]
    fn warns_about_a_version_in_extended_support() {
        assert_eq!(with_version("1.33"), ["MS0202"]);
    }

    #[test]
    fn accepts_the_default_version() {
        assert_eq!(with_version(crate::eks::DEFAULT_VERSION), [""; 0]);
    }
}
