//! Something is defined in an imported thing that has it already.
//!
//! An import says what exists: the add-ons of a cluster. CloudFormation creates what a template defines, and fails where
//! AWS has something of that name.
//!
//! Remove the definition, and leave the thing to its owner. To take it over, import the resource into the stack
//! (`CREATE` of type `IMPORT`) once its owner has let it go, and leave it out of the import here.
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
    fn an_add_on_that_the_cluster_has_is_an_error() {
        assert_eq!(adding(AddOn::core_dns()), ["MS0133"]);
    }

    #[test]
    fn another_add_on_is_fine() {
        assert_eq!(adding(AddOn::kube_proxy()), [""; 0]);
    }
}
