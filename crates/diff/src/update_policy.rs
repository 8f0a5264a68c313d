//! Effects of a resource's `UpdatePolicy` on a change of its properties.
//!
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-updatepolicy.html>.

use crate::effect::Verdict;
use serde_json::Value;

use crate::change::Reason;

const PAGE: &str =
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-updatepolicy.html";

/// The properties of an Auto Scaling group that apply only to new instances.
const OF_INSTANCES: [&str; 5] =
    ["LaunchConfigurationName", "LaunchTemplate", "MixedInstancesPolicy", "PlacementGroup", "VPCZoneIdentifier"];

/// The version of a search domain.
const VERSIONS: [&str; 2] = ["ElasticsearchVersion", "EngineVersion"];

/// Returns the effect of a new value at a path, or `None` if the policy does not decide it. `resource` is the new side.
pub fn effect(type_name: &str, resource: &Value, path: &str) -> Option<(Verdict, Reason)> {
    let policy = &resource["UpdatePolicy"];
    let first = path.split(['.', '[']).next().unwrap_or_default();
    let reason = |text: &str| Reason { text: format!("`{first}`: {text}"), page: Some(PAGE.to_owned()) };
    match type_name {
        "AWS::AutoScaling::AutoScalingGroup" if OF_INSTANCES.contains(&first) => {
            let replaces = &policy["AutoScalingReplacingUpdate"]["WillReplace"];
            Some(match () {
                () if is_true(replaces) => {
                    (Verdict::Replace, reason("the update policy replaces the group and all its instances"))
                }
                () if replaces.is_object() => {
                    (Verdict::MayReplace, reason("the update policy replaces the group, depending on `WillReplace`"))
                }
                () if !policy["AutoScalingRollingUpdate"].is_null() => {
                    (Verdict::Interruption, reason("the update policy replaces the instances in batches"))
                }
                () => (
                    Verdict::InPlace,
                    reason("only new instances use it, because the group has no update policy that replaces instances"),
                ),
            })
        }
        "AWS::OpenSearchService::Domain" | "AWS::Elasticsearch::Domain" if VERSIONS.contains(&first) => {
            Some(match is_true(&policy["EnableVersionUpgrade"]) {
                true => (Verdict::Interruption, reason("the domain is upgraded in place by a blue/green deployment")),
                false => (Verdict::Replace, reason("without `EnableVersionUpgrade`, a new domain replaces it")),
            })
        }
        "AWS::ElastiCache::ReplicationGroup" if first == "NumNodeGroups" => {
            Some(match is_true(&policy["UseOnlineResharding"]) {
                true => (Verdict::InPlace, reason("the shards are rebalanced in place")),
                false => (Verdict::Replace, reason("without `UseOnlineResharding`, a new group replaces it")),
            })
        }
        _ => None,
    }
}

fn is_true(value: &Value) -> bool {
    *value == true || value == "true"
}
