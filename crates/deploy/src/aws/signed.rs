//! Two read calls without a separate SDK crate: the endpoint of a cluster, and the Kafka brokers.
//!
//! They use the client, retries, timeouts and signatures of the SDK.

use std::fmt;
use std::time::{Duration, SystemTime};

use aws_credential_types::provider::ProvideCredentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use aws_smithy_runtime::client::orchestrator::operation::Operation;
use aws_smithy_runtime_api::client::identity::Identity;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, OrchestratorError};
use aws_smithy_types::body::SdkBody;
use serde_json::Value;

use super::{Clients, error};
use crate::cloud::{CloudError, Fault};

/// A response with an error status.
#[derive(Debug)]
struct Refusal {
    status: u16,
    text: String,
}

impl fmt::Display for Refusal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "status {}: {}", self.status, self.text)
    }
}

impl std::error::Error for Refusal {}

impl Clients {
    /// Returns the current credentials.
    pub(super) async fn identity(&self, call: &str) -> Result<Identity, CloudError> {
        let none = |text: String| CloudError { fault: Fault::NoCredentials, call: call.to_owned(), text };
        let provider = self.config.credentials_provider().ok_or_else(|| none("there are no credentials".to_owned()))?;
        let credentials = provider.provide_credentials().await;
        let credentials =
            credentials.map_err(|it| error::signing_in(call, &it).unwrap_or_else(|| none(error::chain(&it))))?;
        Ok(credentials.into())
    }

    /// Reads a JSON document from a service.
    pub(super) async fn read(&self, call: &str, service: &'static str, path: &str) -> Result<Value, CloudError> {
        let failed = |fault: Fault, text: String| CloudError { fault, call: call.to_owned(), text };
        let identity = self.identity(call).await?;
        let url = format!("{}{path}", self.endpoint(service));
        let request = self.sign(&identity, service, &url).map_err(|text| failed(Fault::Refused, text))?;
        let Some(http) = self.config.http_client() else {
            return Err(failed(Fault::Unreachable, "there is no client".to_owned()));
        };
        let mut operation = Operation::builder().service_name(service).operation_name("read").http_client(http);
        if let Some(timeouts) = self.config.timeout_config() {
            operation = operation.timeout_config(timeouts.clone());
        }
        if let Some(sleep) = self.config.sleep_impl() {
            operation = operation.sleep_impl(sleep);
        }
        let operation = operation
            .endpoint_url(&self.endpoint(service))
            .no_auth()
            .no_retry()
            .serializer(move |request: http::Request<()>| {
                HttpRequest::try_from(request.map(|()| SdkBody::empty())).map_err(Into::into)
            })
            .deserializer(|response| {
                let bytes = response.body().bytes().unwrap_or_default();
                if response.status().is_success() {
                    return Ok(bytes.to_vec());
                }
                let text = String::from_utf8_lossy(bytes).chars().take(500).collect();
                Err(OrchestratorError::operation(Refusal { status: response.status().as_u16(), text }))
            })
            .build();
        let bytes = operation.invoke(request).await.map_err(|it| match it.as_service_error() {
            Some(refusal) => {
                let code =
                    ["AccessDenied", "ResourceNotFound", "ExpiredToken", "UnrecognizedClient", "TooManyRequests"];
                let code = code.iter().find(|code| refusal.text.contains(*code)).map(|code| format!("{code}Exception"));
                failed(error::of(&code.unwrap_or_default(), "", refusal.status), refusal.to_string())
            }
            None => error::signing_in(call, &it).unwrap_or_else(|| failed(Fault::Unreachable, error::chain(&it))),
        })?;
        serde_json::from_slice(&bytes)
            .map_err(|it| failed(Fault::Refused, format!("the response is not valid JSON: {it}")))
    }

    fn sign(&self, identity: &Identity, service: &str, url: &str) -> Result<http::Request<()>, String> {
        let region = self.config.region().map_or("us-east-1", |region| region.as_ref());
        let params = v4::SigningParams::builder()
            .identity(identity)
            .region(region)
            .name(service)
            .time(now())
            .settings(SigningSettings::default())
            .build()
            .map_err(|it| it.to_string())?
            .into();
        let mut request = http::Request::get(url).body(()).map_err(|it| it.to_string())?;
        let signable = SignableRequest::new("GET", url, std::iter::empty(), SignableBody::Bytes(&[]));
        let signed = sign(signable.map_err(|it| it.to_string())?, &params).map_err(|it| it.to_string())?;
        signed.into_parts().0.apply_to_request_http1x(&mut request);
        Ok(request)
    }
}

/// Returns the current time for signatures.
pub(super) fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(crate::time::now())
}

/// Encodes a text as a path segment.
pub(super) fn encoded(text: &str) -> String {
    let keep = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes().map(|byte| if keep(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}
