//! AWS messages without an error code. All decisions that depend on message texts are in this file.
//!
//! The texts come from CloudFormation, the services behind it, and the signature check, never from this
//! project.

/// Status reasons of resources that failed only because of another resource.
const ECHOES: [&str; 5] = [
    "Resource creation cancelled",
    "Resource update cancelled",
    "Resource deletion cancelled",
    "The following resource(s) failed",
    "Resource creation Initiated",
];

/// Message texts and the fix for each.
const HELPS: &[(&[&str], &str)] = &[
    (
        &["denied by stack policy"],
        "the stack policy denies the update: allow it with `aws cloudformation set-stack-policy`, then run the \
         command again",
    ),
    (
        &["is not authorized", "AccessDenied", "UnauthorizedOperation", "not authorized to perform"],
        "grant the deployment role permission for the call in the error message, then run the command again",
    ),
    (
        &["cannot be deleted as it is in use", "Cannot update export", "Cannot delete export"],
        "another stack imports the export: deploy that stack without the import first, or keep the export for one \
         more deployment",
    ),
    (
        &["already exists", "AlreadyExists", "EntityAlreadyExists", "already owned by you"],
        "a resource with this name already exists: change the name in the program, delete the existing resource, or \
         import it into the stack",
    ),
    (
        &["LimitExceeded", "quota", "Quota", "maximum number of", "limit has been reached"],
        "an account quota is reached: request an increase in Service Quotas or delete unused resources, then run the \
         command again",
    ),
    (
        &[
            "InsufficientInstanceCapacity",
            "Insufficient capacity",
            "InsufficientDBInstanceCapacity",
            "insufficient capacity",
        ],
        "AWS has insufficient capacity in that zone: choose another instance type or zone, or run again later",
    ),
    (&["Rate exceeded", "Throttl", "TooManyRequests"], "the service throttled calls: run the command again"),
    (
        &["does not exist", "NotFound", "not found", "could not be found"],
        "a required resource was deleted or changed outside CloudFormation: find it with `meshsynth drift`, restore \
         it, then run the command again",
    ),
    (
        &["timed out", "did not stabilize", "exceeded attempts to wait", "NotStabilized"],
        "the resource did not become ready before the timeout: inspect it in AWS, fix the cause, then run the command \
         again",
    ),
];

/// Messages for a change set without changes.
const NOTHING_TO_CHANGE: [&str; 9] = [
    "contain changes",
    "contain any changes",
    "contains no changes",
    "there are no changes",
    "no changes are to be performed",
    "no changes to deploy",
    "no updates are to be performed",
    "no updates to be performed",
    "no changes detected",
];

/// Messages for a missing SSM parameter.
const NO_PARAMETER: [&str; 4] = ["from parameter store", "ParameterNotFound", "[ssm:", "[ssm-secure:"];

/// The fix for a missing SSM parameter.
const NO_PARAMETER_HELP: &str = "an SSM parameter of the template is missing in the account and region of the stack: create \
     it, for example with `aws ssm put-parameter`, or correct its name in the program";

/// Whether a change set failed because it contains no changes.
pub fn is_nothing_to_change(reason: &str) -> bool {
    let reason = reason.to_lowercase().replace('\u{2019}', "'");
    let is_negative = ["didn't", "did not", "doesn't", "does not", "no "].iter().any(|word| reason.contains(word));
    is_negative && NOTHING_TO_CHANGE.iter().any(|text| reason.contains(text))
}

/// Whether a message reports that a stack or a change set does not exist. The message can also be about a parameter.
pub fn is_no_stack(message: &str) -> bool {
    message.contains("does not exist") && missing_parameter(message).is_none()
}

/// Messages for an export without importers.
pub const NOT_IMPORTED: &[&str] = &["is not imported by any stack"];

/// Whether a message reports that the current state of the stack prevents the change.
pub fn is_wrong_state(message: &str) -> bool {
    is_any(&["_IN_PROGRESS", "can not be updated"], message)
        || ["stack", " is in ", "state"].iter().all(|word| message.contains(word))
}

/// Messages of the signature check about a clock difference.
pub const WRONG_TIME: &[&str] = &["Signature expired", "Signature not yet current"];

/// Whether a text contains one of the phrases.
pub fn is_any(words: &[&str], text: &str) -> bool {
    words.iter().any(|word| text.contains(word))
}

/// Whether a resource failed only because another resource failed.
pub fn is_echo(reason: &str) -> bool {
    ECHOES.iter().any(|echo| reason.starts_with(echo))
}

/// Returns the fix for a missing SSM parameter, or `None` if the message is about something else.
pub fn missing_parameter(message: &str) -> Option<&'static str> {
    let is_parameter = message.contains("Parameter ") && message.contains("does not exist");
    (is_any(&NO_PARAMETER, message) || is_parameter).then_some(NO_PARAMETER_HELP)
}

/// Returns the fix for a cause, or `None` if the message is unknown.
pub fn help(reason: &str) -> Option<&'static str> {
    missing_parameter(reason).or_else(|| HELPS.iter().find(|(words, _)| is_any(words, reason)).map(|(_, help)| *help))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recognizes_wordings_of_an_empty_change_set() {
        for reason in [
            "The submitted information didn't contain changes. Submit different information to create a change set.",
            "The submitted information didn\u{2019}t contain changes.",
            "No updates are to be performed.",
            "The change set does not contain any changes",
            "There are no changes to execute",
            "Change set contains no changes",
        ] {
            assert!(is_nothing_to_change(reason), "{reason}");
        }
        assert!(!is_nothing_to_change("Template error: resource Queue does not contain a property"));
        assert!(!is_nothing_to_change("The following hook(s)/validation failed"));
    }

    #[test]
    fn missing_ssm_parameter_has_its_own_fix() {
        for reason in [
            "Unable to fetch parameters [/shop/vpc] from parameter store for this account.",
            "Parameters: [ssm:/shop/vpc] cannot be found.",
            "Parameter /shop/vpc does not exist",
        ] {
            assert_eq!(help(reason), Some(NO_PARAMETER_HELP), "{reason}");
        }
    }
}
