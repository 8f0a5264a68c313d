//! Rules for functions, state machines, models and user pools.

use super::Rule;

rules! {
    "MS0330" function_outside_network in "aws::lambda::function";
    "MS0331" invalid_function_size in "aws::lambda::limits";
    "MS0332" unsupported_runtime => model;
    "MS0333" message_shown_again => model;
    "MS0334" grant_to_unknown_role in "aws::delivery::codebuild", "aws::lambda::import", "aws::stepfunctions::import";
    "MS0335" kafka_source_without_role in "aws::lambda::kafka";
    "MS0336" profile_from_another_geography in "aws::bedrock";
    "MS0337" invalid_state_machine in "aws::stepfunctions::definition", "aws::stepfunctions::state_machine";
}
