//! Rules for the construct tree and its templates: IDs, stacks, schemas and quotas.

use super::Rule;

rules! {
    "MS0101" duplicate_id in "synth::freeze", "tree::ids";
    "MS0102" invalid_id in "tree", "tree::ids";
    "MS0103" misplaced_construct in "diag", "synth::check", "synth::freeze";
    "MS0104" stack_cycle in "synth::link";
    "MS0105" resource_schema in "synth::check", "template::shape";
    "MS0106" object_schema in "manifest", "synth::check";
    "MS0108" conflicting_values in "tree";
    "MS0109" quota_nearly_exceeded in "synth::quota";
    "MS0110" quota_exceeded in "synth::quota";
    "MS0111" empty_stack in "synth::quota";
    "MS0113" unknown_attribute in "cfn::resource_type", "synth::link", "template::reference";
    "MS0115" unknown_region => model;
    "MS0116" invalid_yaml in "manifest", "mesh::manifests";
    "MS0117" invalid_account_id => model;
    "MS0118" list_used_as_text in "synth::link";
    "MS0120" exception_without_effect in "manifest", "synth::exceptions";
    "MS0121" missing_template_reference in "template::reference";
    "MS0122" resource_cycle in "template::condition_cycle", "template::cycle";
    "MS0123" invalid_parameter_default in "template::parameter";
    "MS0124" invalid_template in "template::parameter", "template::reference", "template::structure";
    "MS0125" unknown_resource_type in "template::structure";
    "MS0126" rendering_failed in "manifest";
    "MS0127" denied_by_policy in "policy_file";
    "MS0128" policy_not_judged in "policy_file";
    "MS0129" invalid_policy in "policy_file";
    "MS0130" invalid_arn_or_id in "aws::existing", "aws::logs", "aws::ssm";
    "MS0131" import_from_another_region in "aws::existing";
    "MS0132" import_lacks_attribute in "aws::edge::load_balancer", "aws::eks::existing", "aws::msk::cluster";
    "MS0133" defined_although_it_exists in "aws::eks::existing";
    "MS0143" kept_id_without_resource in "synth::kept_ids";
    "MS0144" invalid_custom_resource_type => model;
    "MS0145" nested_stack_mismatch => model in "synth::nested";
}
