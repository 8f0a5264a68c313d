//! An import does not specify an attribute that a relation needs.
//!
//! # What it reports
//!
//! An import requires the attributes that every use needs. Some relations need more:
//!
//! - A route of an imported load balancer needs the ARN of its listener.
//! - IAM identities of pods need the Pod Identity agent or the identity provider of the cluster.
//! - Relations with AWS need an `eks::Cluster::import`. A `KubernetesCluster` has no AWS attributes such as network,
//!   security group and identity provider.
//! - An imported Kafka cluster needs the bootstrap brokers of each authentication method, in the order of
//!   `authentication`.
//!
//! # Why it matters
//!
//! Without the attribute, the relation cannot be generated.
//!
//! # Fix
//!
//! Specify the attribute in the import, as the help text shows, or remove the relation.
//!
//! Source: <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/listener-rules.html>

#[cfg(test)]
mod tests {
    use crate::aws::{Vpc, VpcProps};
    use crate::elbv2::{ApplicationLoadBalancer, ExistingLoadBalancer, Route};
    use crate::testing::{codes, stack};

    fn routed(listener: Option<&str>) -> Vec<&'static str> {
        codes(|app| {
            let edge = stack(app, "edge");
            let vpc = Vpc::new(&edge, "vpc", VpcProps::default());
            let arn = "arn:aws:elasticloadbalancing:ap-northeast-1:111122223333:loadbalancer/app/entry/50dc6c495c0c9188";
            let existing = ExistingLoadBalancer::new(arn, "entry.example", "Z14GRHDCWA56QT", "sg-0123abcd", &vpc);
            let existing = ExistingLoadBalancer { listener: listener.map(Into::into), ..existing };
            let balancer = ApplicationLoadBalancer::import(&edge, "entry", existing);
            let orders = balancer.add_target_group("orders", 8080, Default::default());
            balancer.add_route(10, Route::paths(["/orders/*"]), &orders);
        })
    }

    #[test]
    fn reports_a_route_without_a_listener() {
        assert_eq!(routed(None), ["MS0132"]);
    }

    #[test]
    fn accepts_a_route_of_a_known_listener() {
        let arn = "arn:aws:elasticloadbalancing:ap-northeast-1:111122223333:listener/app/entry/50dc6c495c0c9188/f2f7dc8e";
        assert_eq!(routed(Some(arn)), [""; 0]);
    }
}
