//! Rules for alarms, logs, telemetry and service level objectives.

use super::Rule;

rules! {
    "MS0701" alarm_without_action => platform;
    "MS0702" missing_log_group => model;
    "MS0703" alarm_denied_by_topic_key => model;
    "MS0706" access_logs_to_kms_encrypted_bucket => model;
    "MS0707" invalid_subscriber in "aws::sns::subscription";
    "MS0708" empty_event_pattern in "aws::events::rule";
    "MS0709" rule_without_target => model;
    "MS0710" invalid_schedule_target in "aws::scheduler::schedule";
    "MS0711" invalid_notification in "aws::s3::notification";
    "MS0815" telemetry_tag_without_value => mesh;
    "MS0956" invalid_slo_objective in "mesh::slo";
    "MS0957" slo_latency_without_bucket in "mesh::slo";
    "MS0958" slo_without_mesh in "mesh::slo";
    "MS1039" trace_tags_without_tracing in "mesh::traffic::telemetry";
}
