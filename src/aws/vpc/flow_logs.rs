//! VPC flow logs, which record connections.

use crate::aws::logs::{LogGroup, LogGroupProps};
use crate::cfn::ec2;
use crate::cfn::ec2::flow_log::{ResourceType, Tag, TrafficType};
use crate::iam::{Role, RoleProps, Statement, Trust};
use crate::kms::{Key, KeyProps};
use crate::node::OnDelete;
use crate::text;
use crate::tree::Scope;
use crate::val::{Bag, Val};

use super::{Vpc, display_name};

/// Properties of the flow logs of a VPC.
#[derive(Clone)]
pub struct FlowLogs {
    /// Days after which records are deleted. Default: 30.
    pub retention_days: u16,
    /// The key that encrypts the records. Default: a separate key.
    pub key: Option<Key>,
    /// The deletion policy of the log group. Default: the log group is kept.
    pub on_delete: OnDelete,
}

impl Default for FlowLogs {
    fn default() -> Self {
        Self { retention_days: 30, key: None, on_delete: OnDelete::Retain }
    }
}

/// Defines the log group, the role that writes to it, and the flow log.
pub(super) fn define(vpc: &Vpc, props: FlowLogs) {
    let scope = vpc.scope.construct("flow-logs");
    let key = props.key.unwrap_or_else(|| Key::new(&scope, "key", KeyProps::default()));
    let group = LogGroup::new(
        &scope,
        "group",
        LogGroupProps {
            name: Some(format!("/{}", display_name(&scope))),
            retention_days: props.retention_days,
            key: Some(key),
            on_delete: props.on_delete,
        },
    );
    let role = Role::new(
        &scope,
        "role",
        Trust::Document(Val::from(trust(&scope))),
        RoleProps { description: "Flow logs write their records.".to_owned(), ..RoleProps::default() },
    );
    role.allow(
        Statement::allow(["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]).on(group.arn()),
    );
    ec2::FlowLog::new(vpc.id(), ResourceType::Vpc)
        .traffic_type(TrafficType::All)
        .log_group_name(group.reference())
        .deliver_logs_permission_arn(role.arn())
        .tags([Tag::new("Name", display_name(&scope))])
        .define(&scope, "resource");
}

/// Returns a trust policy that lets the flow logs service assume the role, only for flow logs of
/// this account and region.
///
/// Source: <https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-iam-role.html>
fn trust(scope: &Scope) -> Bag {
    let source = text!["arn:", scope.partition(), ":ec2:", scope.region(), ":", scope.account(), ":vpc-flow-log/*"];
    let statement = Statement::allow(["sts:AssumeRole"])
        .when("StringEquals", "aws:SourceAccount", scope.account())
        .when("ArnLike", "aws:SourceArn", source)
        .into_data(Some(Bag::default().with("Service", "vpc-flow-logs.amazonaws.com")));
    Bag::default().with("Version", "2012-10-17").with("Statement", vec![statement])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::VpcProps;
    use crate::testing::{Platform, stack};

    #[test]
    fn flow_logs_use_encrypted_group_with_retention() {
        let platform = Platform::synth("shop", |app| {
            let flow_logs = Some(FlowLogs { retention_days: 90, ..Default::default() });
            Vpc::new(&stack(app, "network"), "vpc", VpcProps { flow_logs, ..Default::default() });
        });
        assert_eq!(platform.resource("AWS::EC2::FlowLog").props["TrafficType"], "ALL");
        let group = platform.resource("AWS::Logs::LogGroup").props;
        assert!(group["RetentionInDays"] == 90 && group["KmsKeyId"].is_object(), "{group}");
    }
}
