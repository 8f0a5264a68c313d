//! Network edges. One call in the program allows a connection at both ends: at the client and at the endpoint.

use std::panic::Location;

use crate::cfn::ec2;
use crate::cfn::ids::SecurityGroupId;
use crate::name::{self, MOST_OF_ID};
use crate::node::{Edge, EdgeKind};
use crate::tree::{Construct, Scope};
use crate::units::Cidr;
use crate::val::Val;

use super::ingress_rule;

/// A construct that opens connections: a workload, the nodes of a cluster, a bastion.
pub trait Client: Construct {
    /// Returns the security group that its connections come from.
    fn security_group(&self) -> Val<SecurityGroupId>;

    /// Returns the construct that owns the security group, such as `cluster`. Several clients can
    /// share one group.
    fn security_group_owner(&self) -> Scope;

    /// Allows the connection at the client, for example in the egress rules of a network policy.
    fn on_connect(&self, endpoint: &Endpoint) {
        let _ = endpoint;
    }
}

/// A listener in a VPC: a database, a broker, a cache, an endpoint.
#[derive(Clone)]
pub struct Endpoint {
    /// The construct of the listener.
    pub owner: Scope,
    /// The security group of the listener.
    pub security_group: Val<SecurityGroupId>,
    /// The TCP port.
    pub port: u16,
    /// The CIDR blocks of the listener's subnets.
    pub cidrs: Vec<Cidr>,
}

impl Endpoint {
    /// Allows connections from a client: adds a security group rule, allows the connection at the client, and adds an
    /// edge to the graph.
    ///
    /// The rule belongs to the client's stack, which is deployed after the endpoint's stack. Therefore, the two stacks
    /// have no dependency cycle. Clients that share a security group also share the rule.
    #[track_caller]
    pub fn allow_from(&self, client: &impl Client) {
        let at = client.scope().user_line(Location::caller());
        let owner = client.security_group_owner();
        let key = format!("rule {} {} {}", owner.path(), self.owner.path(), self.port);
        client.scope().root_scope().singleton(key, || self.open(client, &owner));
        let (from, to) = (client.scope().node(), self.owner.node());
        client.scope().edge(Edge { from, to, kind: EdgeKind::Data, port: Some(self.port), at });
        client.on_connect(self);
    }

    #[track_caller]
    fn open(&self, client: &impl Client, source: &Scope) -> Scope {
        let stack = client.scope().stack();
        let id = name::fit(&format!("{}-to-{}-{}", dashed(source), dashed(&self.owner), self.port), MOST_OF_ID);
        let rule = ec2::SecurityGroupIngress::new("tcp")
            .source_security_group_id(client.security_group())
            .from_port(self.port)
            .to_port(self.port)
            .description(name::fit(&format!("{} to {}", source.path(), self.owner.path()), 255));
        ingress_rule::define(&stack, &id, self.security_group.clone(), rule)
    }
}

fn dashed(scope: &Scope) -> String {
    scope.path().replace('/', "-")
}
