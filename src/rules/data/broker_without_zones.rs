//! An Amazon MQ broker needs more Availability Zones than the network has.
//!
//! # What it reports
//!
//! A broker with `multi_az` needs one subnet in each zone: two zones for ActiveMQ, and two or three for RabbitMQ.
//!
//! # Why it matters
//!
//! A standby of ActiveMQ and the nodes of a RabbitMQ cluster are in different zones, each in its own subnet. The broker
//! cannot be created without them.
//!
//! # Fix
//!
//! Use a network with more zones, or set `multi_az: false` if the broker may be unavailable for a while.
//!
//! Source: <https://docs.aws.amazon.com/amazon-mq/latest/developer-guide/amazon-mq-broker-architecture.html>

#[cfg(test)]
mod tests {
    use crate::App;
    use crate::aws::vpc::{ExistingSubnet, ExistingVpc, Tier, Vpc};
    use crate::cfn::ids::SubnetId;
    use crate::mq::{Broker, BrokerProps};
    use crate::testing::{codes, stack};
    use crate::units::Cidr;

    fn with(app: &App, multi_az: bool) {
        let data = stack(app, "queues");
        let subnet = ExistingSubnet {
            tier: Tier::Isolated,
            id: SubnetId::new("subnet-0123456789abcdef0").into(),
            cidr: Cidr::new("10.0.0.0/20"),
            zone: "ap-northeast-1a".to_owned(),
        };
        let existing = ExistingVpc::new("vpc-0123456789abcdef0", Cidr::new("10.0.0.0/16"), [subnet]);
        let vpc = Vpc::import(&data, "vpc", existing);
        Broker::new(&data, "broker", &vpc, BrokerProps { multi_az, ..BrokerProps::default() });
    }

    #[test]
    fn reports_a_cluster_in_one_zone() {
        assert!(codes(|app| with(app, true)).contains(&"MS0339"));
    }

    #[test]
    fn accepts_a_single_broker() {
        assert!(!codes(|app| with(app, false)).contains(&"MS0339"));
    }
}
