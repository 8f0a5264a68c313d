//! Rules for literals that a schema accepts as any text: zones, schedules, durations, addresses and queries.

use super::Rule;

rules! {
    "MS0134" zone_of_another_region => model;
    "MS0135" unknown_time_zone => model;
    "MS0136" invalid_schedule => model;
    "MS0137" invalid_duration => model;
    "MS0138" invalid_key_set_address => model;
    "MS0139" too_many_security_group_rules => model;
    "MS0140" target_group_port_ignored => model;
    "MS0141" invalid_arn_part => model;
    "MS0142" invalid_promql => model;
}
