//! Bare security groups, each defined from a typed resource.

use super::SecurityGroup;
use crate::Resource;
use crate::cfn::ec2;
use crate::tree::Construct;
use crate::val::Value;

impl SecurityGroup {
    /// Defines a bare security group. Rules can be added as to every group.
    ///
    /// # Example
    ///
    /// ```
    /// # use meshsynth::{App, Cidr, Env, Stack, aws, cfn};
    /// # let app = App::new("shop");
    /// # let network = Stack::new(&app, "network", Env::region("eu-west-1"));
    /// let bastion = aws::SecurityGroup::bare(&network, "bastion", cfn::ec2::SecurityGroup::new("Hosts to log in to"));
    /// bastion.resource().logical_id("Bastion");
    /// bastion.allow_from_cidr(Cidr::new("192.0.2.0/24"), 22, "SSH from the office");
    /// # app.synth().expect("it synthesizes");
    /// ```
    #[track_caller]
    pub fn bare(scope: &impl Construct, id: &str, group: ec2::SecurityGroup) -> Self {
        let scope = scope.scope().construct(id);
        let group = group.define(&scope, "resource");
        Self { scope, id: group.group_id(), group: Some(group) }
    }

    /// Returns the resource of the group, for example to keep its logical ID, or to set a property for which the
    /// construct has no method.
    #[track_caller]
    pub fn resource(&self) -> Resource<ec2::SecurityGroup> {
        Resource::of(self, "resource")
    }

    /// Adds a bare ingress rule. If the rule specifies no group, it applies to this group.
    #[track_caller]
    pub fn add_ingress(&self, id: &str, rule: ec2::SecurityGroupIngress) -> Resource<ec2::SecurityGroupIngress> {
        let names_one = rule.clone().into_data().at("GroupId").is_some();
        let rule = if names_one { rule } else { rule.group_id(self.id()) };
        rule.define(self, id)
    }

    /// Adds a bare egress rule of the group.
    #[track_caller]
    pub fn add_egress(&self, id: &str, rule: ec2::SecurityGroupEgress) -> Resource<ec2::SecurityGroupEgress> {
        rule.define(self, id)
    }
}
