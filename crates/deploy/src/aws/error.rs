//! Maps SDK errors to faults of a deployment.

use std::error::Error;
use std::time::Duration;

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_sts::operation::assume_role::AssumeRoleError;
use aws_sdk_sts::operation::assume_role_with_web_identity::AssumeRoleWithWebIdentityError;
use aws_sdk_sts::primitives::{DateTime, DateTimeFormat};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::{ConnectorError, SdkError};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::{profile, words};
use crate::cloud::{CloudError, Fault};
use crate::failure::ASSUME_ROLE;

/// AWS rejects signatures with a larger clock difference.
const SKEW: Duration = Duration::from_secs(300);
/// The action that the SDK calls for web identities. The trust policy of the role allows it, so the generated policies
/// do not contain it.
const WEB_IDENTITY: &str = concat!("sts:", "AssumeRoleWithWebIdentity");
/// The maximum length of an AWS message.
const LONGEST: usize = 600;

/// Maps the error of a call to its fault.
pub(super) fn map<E>(call: &str, error: SdkError<E, HttpResponse>) -> CloudError
where
    E: Error + ProvideErrorMetadata + 'static,
{
    meaning(call, &error)
}

fn meaning<E>(call: &str, error: &SdkError<E, HttpResponse>) -> CloudError
where
    E: Error + ProvideErrorMetadata + 'static,
{
    let failed = |fault: Fault, text: String| CloudError { fault, call: call.to_owned(), text };
    match error {
        SdkError::TimeoutError(_) => failed(Fault::Unreachable, "no response before the timeout".to_owned()),
        SdkError::ServiceError(service) => {
            let code = service.err().code().unwrap_or_default();
            let message = service.err().message().unwrap_or("no message");
            let text = if code.is_empty() { message.to_owned() } else { format!("{code}: {message}") };
            let fault = of(code, message, service.raw().status().as_u16());
            match skew(service.raw()).filter(|_| matches!(fault, Fault::Credentials | Fault::ClockSkew)) {
                Some(skew) => failed(Fault::ClockSkew, format!("{skew}; {}", first_line(&text))),
                None => failed(fault, first_line(&text)),
            }
        }
        SdkError::ResponseError(_) => failed(Fault::Unreachable, format!("the response is invalid: {}", chain(error))),
        SdkError::DispatchFailure(failure) if failure.is_io() || failure.is_timeout() => {
            failed(Fault::Unreachable, chain(error))
        }
        SdkError::ConstructionFailure(_) => {
            signing_in(call, error).unwrap_or_else(|| failed(Fault::Refused, chain(error)))
        }
        _ => signing_in(call, error).unwrap_or_else(|| failed(Fault::Unreachable, chain(error))),
    }
}

/// Returns the credentials error that prevented a call, or `None` if another error did.
pub(super) fn signing_in(call: &str, error: &(dyn Error + 'static)) -> Option<CloudError> {
    if let Some(error) = cause::<SdkError<AssumeRoleError, HttpResponse>>(error) {
        return Some(meaning(ASSUME_ROLE, error));
    }
    if let Some(error) = cause::<SdkError<AssumeRoleWithWebIdentityError, HttpResponse>>(error) {
        return Some(meaning(WEB_IDENTITY, error));
    }
    // The SDK returns the error of a rejected role without the HTTP response.
    if let Some(error) = cause::<AssumeRoleError>(error) {
        return Some(refused(ASSUME_ROLE, error));
    }
    if let Some(error) = cause::<AssumeRoleWithWebIdentityError>(error) {
        return Some(refused(WEB_IDENTITY, error));
    }
    let credentials = cause::<CredentialsError>(error)?;
    let failed = |fault: Fault, text: String| CloudError { fault, call: call.to_owned(), text };
    if let Some(text) = profile::missing() {
        return Some(failed(Fault::NoCredentials, text));
    }
    Some(match credentials {
        CredentialsError::CredentialsNotLoaded(_) => {
            failed(Fault::NoCredentials, format!("there are no credentials: {}", profile::nothing()))
        }
        CredentialsError::ProviderTimedOut(_) => {
            failed(Fault::Credentials, "the credentials provider timed out".to_owned())
        }
        other => failed(Fault::Credentials, other.source().map_or_else(|| first_line(&other.to_string()), chain)),
    })
}

fn refused(call: &str, error: &impl ProvideErrorMetadata) -> CloudError {
    let (code, message) = (error.code().unwrap_or_default(), error.message().unwrap_or("no message"));
    CloudError { fault: of(code, message, 0), call: call.to_owned(), text: first_line(&format!("{code}: {message}")) }
}

/// Finds an error of a type in the chain of causes.
fn cause<'a, E: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a E> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<E>() {
            return Some(found);
        }
        next = error.source();
    }
    None
}

/// Describes the difference between the clocks of this machine and AWS. Returns `None` if it is small enough.
fn skew(response: &HttpResponse) -> Option<String> {
    let there = DateTime::from_str(response.headers().get("date")?, DateTimeFormat::HttpDate).ok()?.secs();
    let here = i64::try_from(crate::time::now()).unwrap_or_default();
    let distance = here.abs_diff(there);
    let how = if here < there { "behind" } else { "ahead of" };
    (distance > SKEW.as_secs())
        .then(|| format!("the clock of this machine is {} min {how} the AWS clock", distance / 60))
}

/// Maps an error code and its message to a fault.
///
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/CommonErrors.html>.
pub(super) fn of(code: &str, message: &str, status: u16) -> Fault {
    match code {
        "Throttling" | "ThrottlingException" | "RequestLimitExceeded" | "TooManyRequestsException" | "SlowDown" => {
            Fault::Throttled
        }
        "AccessDenied" | "AccessDeniedException" | "UnauthorizedOperation" | "Forbidden" => Fault::Denied,
        "RequestTimeTooSkewed" | "RequestInTheFuture" | "RequestExpired" => Fault::ClockSkew,
        "SignatureDoesNotMatch" | "InvalidSignatureException" | "InvalidSignature"
            if words::is_any(words::WRONG_TIME, message) =>
        {
            Fault::ClockSkew
        }
        "ExpiredToken"
        | "ExpiredTokenException"
        | "InvalidClientTokenId"
        | "UnrecognizedClientException"
        | "SignatureDoesNotMatch"
        | "InvalidSignatureException"
        | "InvalidSignature"
        | "InvalidAccessKeyId"
        | "NotAuthorized"
        | "OptInRequired"
        | "MissingAuthenticationToken"
        | "IncompleteSignature" => Fault::Credentials,
        "AlreadyExistsException" => Fault::Exists,
        "ChangeSetNotFound"
        | "ChangeSetNotFoundException"
        | "NoSuchKey"
        | "NotFound"
        | "ResourceNotFoundException"
        | "ResourceScanNotFound"
        | "StackRefactorNotFoundException"
        | "ResourceScanNotFoundException" => Fault::Missing,
        "InvalidChangeSetStatus"
        | "InvalidChangeSetStatusException"
        | "OperationInProgressException"
        | "ResourceScanInProgress"
        | "ResourceScanInProgressException"
        | "PreconditionFailed"
        | "ConditionalRequestConflict"
        | "TokenAlreadyExistsException" => Fault::State,
        "ValidationError" if words::is_no_stack(message) => Fault::Missing,
        "ValidationError" if words::is_wrong_state(message) => Fault::State,
        "InternalFailure" | "InternalError" | "ServiceUnavailable" | "ServiceUnavailableException" => {
            Fault::Unreachable
        }
        _ if status == 429 => Fault::Throttled,
        _ if status >= 500 => Fault::Unreachable,
        _ => Fault::Refused,
    }
}

/// Formats an error and its causes in one line. Omits errors that only wrap another error.
pub(super) fn chain(error: &(dyn Error + 'static)) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut next = Some(error);
    while let Some(error) = next {
        let text = first_line(&error.to_string());
        if !is_wrapper(error) && !parts.iter().any(|part| part.contains(&text)) {
            parts.push(text);
        }
        next = error.source();
    }
    match parts.as_slice() {
        [] => first_line(&error.to_string()),
        parts => first_line(&parts.join(": ")),
    }
}

/// Whether an error adds no information to its cause.
fn is_wrapper(error: &(dyn Error + 'static)) -> bool {
    error.source().is_some()
        && (error.is::<ConnectorError>()
            || error.is::<CredentialsError>()
            || error
                .is::<SdkError<aws_sdk_sts::operation::get_caller_identity::GetCallerIdentityError, HttpResponse>>())
}

/// Returns the first line. The explanation of a signature error can include the whole request.
fn first_line(text: &str) -> String {
    let line = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn maps_error_codes_to_faults() {
        assert_eq!(of("Throttling", "Rate exceeded", 400), Fault::Throttled);
        assert_eq!(of("ValidationError", "Stack with id shop does not exist", 400), Fault::Missing);
        assert_eq!(of("ValidationError", "Parameter /shop/vpc does not exist", 400), Fault::Refused);
        let busy = "Stack:arn:aws:cloudformation:… is in UPDATE_IN_PROGRESS state and can not be updated.";
        assert_eq!(of("ValidationError", busy, 400), Fault::State);
        assert_eq!(of("ValidationError", "Template format error: unresolved", 400), Fault::Refused);
        assert_eq!(of("ExpiredToken", "The security token is expired", 403), Fault::Credentials);
        assert_eq!(of("", "", 503), Fault::Unreachable);
    }

    #[test]
    fn distinguishes_clock_skew_from_wrong_key() {
        let late = "Signature expired: 20261121T060000Z is now earlier than 20261121T061500Z";
        assert_eq!(of("SignatureDoesNotMatch", late, 403), Fault::ClockSkew);
        assert_eq!(of("RequestTimeTooSkewed", "The difference is too large", 403), Fault::ClockSkew);
        let wrong = "The request signature we calculated does not match";
        assert_eq!(of("SignatureDoesNotMatch", wrong, 403), Fault::Credentials);
    }

    #[test]
    fn reports_first_line_of_aws_message() {
        let text = "\nThe signature does not match.\n\nThe Canonical String should have been\n'POST\n/'";
        assert_eq!(first_line(text), "The signature does not match.");
        assert_eq!(first_line(&"x".repeat(700)).chars().count(), LONGEST + 1);
    }
}
