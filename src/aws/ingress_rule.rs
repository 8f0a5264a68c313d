//! The rules of security groups, where they can be written: those of a group that its owner alone changes are its tasks.

use crate::cfn::ec2;
use crate::cfn::ids::SecurityGroupId;
use crate::owner_task::OwnerTask;
use crate::tree::{Construct, Scope};
use crate::val::{Data, Val, Value};

/// The groups of an app whose rules their owners alone write.
#[derive(Default)]
struct OwnedGroups(Vec<Val<SecurityGroupId>>);

/// The rules of an app that let a group in by its id, without their descriptions. Two groups may be two imports of the same one, and
/// EC2 refuses a rule that is there already. A group that is defined has one name alone.
#[derive(Default)]
struct WrittenRules(Vec<(Data, Scope)>);

/// Says that the owner of a group alone writes its rules.
pub(super) fn leave_to_owner(scope: &Scope, group: &Val<SecurityGroupId>) {
    scope.root_scope().keep::<OwnedGroups, _>(|groups| groups.0.push(group.clone()));
}

/// Defines a rule of a group, or asks the owner of the group for it. Answers the rule, which may be one that says the same and is
/// there already, or who needs it.
#[track_caller]
pub(super) fn define(scope: &Scope, id: &str, group: Val<SecurityGroupId>, rule: ec2::SecurityGroupIngress) -> Scope {
    let rule = rule.group_id(group.clone());
    if !scope.root_scope().keep::<OwnedGroups, _>(|groups| groups.0.contains(&group)) {
        let content = rule.clone().description("").into_data();
        if content.at("SourceSecurityGroupId").and_then(Data::as_str).is_none() {
            return rule.define(scope, id).scope().clone();
        }
        let root = scope.root_scope();
        let written =
            root.keep::<WrittenRules, _>(|rules| rules.0.iter().find(|it| it.0 == content).map(|it| it.1.clone()));
        if let Some(same) = written {
            return same;
        }
        let rule = rule.define(scope, id).scope().clone();
        root.keep::<WrittenRules, _>(|rules| rules.0.push((content, rule.clone())));
        return rule;
    }
    scope.owner_task(OwnerTask {
        owner: group.into(),
        what: "add the ingress rule to the security group".to_owned(),
        document: Some(rule.into_data()),
    });
    scope.clone()
}
