//! Ingress rules of security groups. If only the owner may change a group, its rules become owner tasks.

use crate::cfn::ec2;
use crate::cfn::ids::SecurityGroupId;
use crate::owner_task::OwnerTask;
use crate::tree::{Construct, Scope};
use crate::val::{Data, Val, Value};

/// The security groups of an app whose rules only their owners write.
#[derive(Default)]
struct OwnedGroups(Vec<Val<SecurityGroupId>>);

/// The ingress rules of an app whose source is a security group with a literal ID. Descriptions are removed for
/// comparison. Two imports can refer to the same group, and EC2 rejects a duplicate rule. A group that is defined here
/// has only one reference.
#[derive(Default)]
struct WrittenRules(Vec<(Data, Scope)>);

/// Marks a security group whose rules only its owner writes.
pub(super) fn leave_to_owner(scope: &Scope, group: &Val<SecurityGroupId>) {
    scope.root_scope().keep::<OwnedGroups, _>(|groups| groups.0.push(group.clone()));
}

/// Defines an ingress rule, or adds an owner task for it. Returns the scope of the rule, of an identical existing rule,
/// or of the construct that needs it.
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
