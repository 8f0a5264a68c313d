//! The program defines an add-on that the imported cluster already has.
//!
//! # What it reports
//!
//! An import lists the existing parts of a resource, such as the add-ons of a cluster. The program adds an add-on with
//! a name from that list.
//!
//! # Why it matters
//!
//! CloudFormation creates each resource that a template defines. The deployment fails if AWS already has an add-on of
//! that name.
//!
//! # Fix
//!
//! Remove the definition, and leave the add-on to its owner.
//!
//! To manage the add-on in this program instead, ask its owner to remove it from the other stack without deleting it.
//! Then import the resource into this stack with a change set of type `IMPORT` (instead of `CREATE`), and remove the
//! name from the list in `ExistingCluster`.
//!
//! Source: <https://docs.aws.amazon.com/eks/latest/userguide/creating-an-add-on.html>

#[cfg(test)]
mod tests {
    use crate::aws::{Vpc, VpcProps};
    use crate::eks::{AddOn, Cluster, ExistingCluster};
    use crate::testing::{codes, stack};

    fn adding(add_on: AddOn) -> Vec<&'static str> {
        codes(|app| {
            let run = stack(app, "run");
            let vpc = Vpc::new(&run, "vpc", VpcProps::default());
            let provider = "arn:aws:iam::111122223333:oidc-provider/oidc.eks.ap-northeast-1.amazonaws.com/id/EXAMPLE";
            let existing = ExistingCluster::new("platform", "1.34", provider, "sg-0123456789abcdef0", &vpc);
            let existing = ExistingCluster { add_ons: vec!["coredns".to_owned()], ..existing };
            Cluster::import(&run, "platform", existing).add_add_on(add_on);
        })
    }

    #[test]
    fn reports_an_add_on_that_the_cluster_has() {
        assert_eq!(adding(AddOn::core_dns()), ["MS0133"]);
    }

    #[test]
    fn accepts_another_add_on() {
        assert_eq!(adding(AddOn::kube_proxy()), [""; 0]);
    }
}
