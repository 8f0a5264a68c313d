//! Something that exists already is imported without what a relation needs to know of it.
//!
//! An import takes what is always needed, and leaves open what only some relations need: the listener of a load balancer
//! for a route, the Pod Identity agent of a cluster for identities. Without it the relation cannot be written. Of a
//! `KubernetesCluster` nothing is known that AWS knows: its network, its security group, its identity provider.
//!
//! Say it in the import, as the help text shows, or leave the relation out.
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
    fn a_route_without_a_listener_is_an_error() {
        assert_eq!(routed(None), ["MS0132"]);
    }

    #[test]
    fn a_route_of_a_known_listener_is_fine() {
        let arn = "arn:aws:elasticloadbalancing:ap-northeast-1:111122223333:listener/app/entry/50dc6c495c0c9188/f2f7dc8e";
        assert_eq!(routed(Some(arn)), [""; 0]);
    }
}
