//! What the SDK's errors mean for a deployment.

use std::error::Error;
use std::fmt::Debug;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use crate::cloud::{CloudError, Fault};

/// What is said where no way to sign in leads anywhere.
pub const NO_CREDENTIALS: &str = "there are no credentials";

/// A failed call, by what it means.
pub(super) fn map<E>(call: &str, error: SdkError<E, HttpResponse>) -> CloudError
where
    E: Error + ProvideErrorMetadata + Debug + 'static,
{
    let status = error.raw_response().map_or(0, |response| response.status().as_u16());
    let (fault, text) = match &error {
        SdkError::TimeoutError(_) => (Fault::Unreachable, "no answer in time".to_owned()),
        SdkError::ServiceError(service) => {
            let code = service.err().code().unwrap_or_default();
            let message = service.err().message().unwrap_or("no message");
            let text = if code.is_empty() { message.to_owned() } else { format!("{code}: {message}") };
            (of(code, message, status), text)
        }
        SdkError::ResponseError(_) => (Fault::Unreachable, format!("an answer that cannot be read: {}", chain(&error))),
        SdkError::DispatchFailure(failure) if failure.is_io() || failure.is_timeout() => {
            (Fault::Unreachable, chain(&error))
        }
        _ => {
            let text = chain(&error);
            let is_about_credentials =
                ["redential", "identity", "profile", "SSO"].iter().any(|word| text.contains(word));
            if is_about_credentials { (Fault::Credentials, missing(&text)) } else { (Fault::Unreachable, text) }
        }
    };
    CloudError { fault, call: call.to_owned(), text }
}

/// What is missing, of a chain that tried many ways to sign in: its first line says so, the others what it tried.
fn missing(text: &str) -> String {
    let text = text.lines().next().unwrap_or_default().trim_end_matches(" Attempted:").trim_end();
    if text.contains("no credentials found in chain") {
        return NO_CREDENTIALS.to_owned();
    }
    let text = text.strip_prefix("dispatch failure: other: ").unwrap_or(text);
    text.strip_prefix("an error occurred while loading credentials: ").unwrap_or(text).to_owned()
}

/// What a code and a message mean.
///
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/CommonErrors.html>.
pub(super) fn of(code: &str, message: &str, status: u16) -> Fault {
    match code {
        "Throttling" | "ThrottlingException" | "RequestLimitExceeded" | "TooManyRequestsException" | "SlowDown" => {
            Fault::Throttled
        }
        "AccessDenied" | "AccessDeniedException" | "UnauthorizedOperation" | "Forbidden" => Fault::Denied,
        "ExpiredToken"
        | "ExpiredTokenException"
        | "InvalidClientTokenId"
        | "UnrecognizedClientException"
        | "SignatureDoesNotMatch"
        | "RequestExpired"
        | "InvalidAccessKeyId"
        | "NotAuthorized"
        | "MissingAuthenticationToken"
        | "IncompleteSignature" => Fault::Credentials,
        "AlreadyExistsException" => Fault::Exists,
        "ChangeSetNotFound" | "ChangeSetNotFoundException" | "NoSuchKey" | "NotFound" | "ResourceNotFoundException" => {
            Fault::Missing
        }
        "InvalidChangeSetStatus"
        | "InvalidChangeSetStatusException"
        | "OperationInProgressException"
        | "PreconditionFailed"
        | "ConditionalRequestConflict"
        | "TokenAlreadyExistsException" => Fault::State,
        "ValidationError" if message.contains("does not exist") => Fault::Missing,
        "ValidationError" if message.contains("_IN_PROGRESS") || message.contains("can not be updated") => Fault::State,
        "ValidationError" if message.contains("state") && message.contains("stack") && message.contains(" is in ") => {
            Fault::State
        }
        "InternalFailure" | "InternalError" | "ServiceUnavailable" | "ServiceUnavailableException" => {
            Fault::Unreachable
        }
        _ if status == 429 => Fault::Throttled,
        _ if status >= 500 => Fault::Unreachable,
        _ => Fault::Refused,
    }
}

/// An error with its causes, in one line.
pub(super) fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text += &format!(": {cause_text}");
        }
        next = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_said_without_the_way_there() {
        let chain = "dispatch failure: other: the credential provider was not enabled: no credentials found in chain. Attempted:\n - x";
        assert_eq!(missing(chain), NO_CREDENTIALS);
        let expired = "dispatch failure: other: an error occurred while loading credentials: the SSO token is expired";
        assert_eq!(missing(expired), "the SSO token is expired");
    }

    #[test]
    fn codes_mean_what_they_say() {
        assert_eq!(of("Throttling", "Rate exceeded", 400), Fault::Throttled);
        assert_eq!(of("ValidationError", "Stack with id shop does not exist", 400), Fault::Missing);
        let busy = "Stack:arn:aws:cloudformation:… is in UPDATE_IN_PROGRESS state and can not be updated.";
        assert_eq!(of("ValidationError", busy, 400), Fault::State);
        assert_eq!(of("ValidationError", "Template format error: unresolved", 400), Fault::Refused);
        assert_eq!(of("ExpiredToken", "The security token is expired", 403), Fault::Credentials);
        assert_eq!(of("", "", 503), Fault::Unreachable);
    }
}
