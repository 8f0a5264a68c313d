//! The rules of security groups, where they can be written: those of a group that its owner alone changes are its tasks.

use crate::cfn::ec2;
use crate::cfn::ids::SecurityGroupId;
use crate::owner_task::OwnerTask;
use crate::tree::{Construct, Scope};
use crate::val::{Val, Value};

/// The groups of an app whose rules their owners alone write.
#[derive(Default)]
struct OwnedGroups(Vec<Val<SecurityGroupId>>);

/// Says that the owner of a group alone writes its rules.
pub(super) fn leave_to_owner(scope: &Scope, group: &Val<SecurityGroupId>) {
    scope.root_scope().keep::<OwnedGroups, _>(|groups| groups.0.push(group.clone()));
}

/// Defines a rule of a group, or asks the owner of the group for it. Answers the rule, or who needs it.
#[track_caller]
pub(super) fn define(scope: &Scope, id: &str, group: Val<SecurityGroupId>, rule: ec2::SecurityGroupIngress) -> Scope {
    let rule = rule.group_id(group.clone());
    if !scope.root_scope().keep::<OwnedGroups, _>(|groups| groups.0.contains(&group)) {
        return rule.define(scope, id).scope().clone();
    }
    scope.owner_task(OwnerTask {
        owner: group.into(),
        what: "add the ingress rule to the security group".to_owned(),
        document: Some(rule.into_data()),
    });
    scope.clone()
}
