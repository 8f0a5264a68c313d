//! Retries, faults and cross-origin rules of routes.

use crate::kube::istio::virtual_service as l1;
use crate::units::Duration;

/// The retries of a request.
///
/// # Units
///
/// `per_try_timeout` and `backoff` have millisecond precision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retries {
    /// The number of retries. Default: 2.
    pub attempts: u32,
    /// The maximum duration of each attempt. Default: the maximum duration of the whole request.
    pub per_try_timeout: Option<Duration>,
    /// The pause before the first retry. It doubles for each further retry. Default: 25 ms, as in the proxy.
    pub backoff: Option<Duration>,
    /// The failures that are retried. Default: failures in which the request cannot have reached the callee, and
    /// responses that report an unavailable callee.
    pub on: Vec<RetryOn>,
}

impl Default for Retries {
    fn default() -> Self {
        Self {
            attempts: 2,
            per_try_timeout: None,
            backoff: None,
            on: vec![RetryOn::ConnectFailure, RetryOn::RefusedStream, RetryOn::Unavailable, RetryOn::Cancelled],
        }
    }
}

impl Retries {
    /// Never retries, for requests that must not be repeated.
    pub fn never() -> Self {
        Self { attempts: 0, per_try_timeout: None, backoff: None, on: Vec::new() }
    }

    pub(super) fn to_l1(&self) -> l1::HttpRetry {
        let mut retry = l1::HttpRetry::new().attempts(self.attempts);
        if let Some(timeout) = self.per_try_timeout {
            retry = retry.per_try_timeout(timeout);
        }
        if let Some(backoff) = self.backoff {
            retry = retry.backoff(backoff);
        }
        match self.on.is_empty() {
            true => retry,
            false => retry.retry_on(self.on.iter().map(RetryOn::word).collect::<Vec<_>>().join(",")),
        }
    }
}

/// A failure after which the proxy sends a request again.
///
/// Source: <https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/router_filter#x-envoy-retry-on>
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RetryOn {
    /// The connection failed.
    ConnectFailure,
    /// The callee refused the stream before processing it.
    RefusedStream,
    /// The connection was reset.
    Reset,
    /// A status of 500 or higher, or no response.
    ServerError,
    /// The statuses 502, 503 and 504.
    GatewayError,
    /// gRPC: the callee is unavailable.
    Unavailable,
    /// gRPC: the call was cancelled.
    Cancelled,
    /// gRPC: the deadline passed.
    DeadlineExceeded,
    /// This status.
    Status(u16),
}

impl RetryOn {
    fn word(&self) -> String {
        match self {
            RetryOn::ConnectFailure => "connect-failure".to_owned(),
            RetryOn::RefusedStream => "refused-stream".to_owned(),
            RetryOn::Reset => "reset".to_owned(),
            RetryOn::ServerError => "5xx".to_owned(),
            RetryOn::GatewayError => "gateway-error".to_owned(),
            RetryOn::Unavailable => "unavailable".to_owned(),
            RetryOn::Cancelled => "cancelled".to_owned(),
            RetryOn::DeadlineExceeded => "deadline-exceeded".to_owned(),
            RetryOn::Status(status) => status.to_string(),
        }
    }
}

/// The cross-origin access (CORS) of web pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cors {
    /// The origins, such as `https://shop.example.com`. Default: none.
    pub origins: Vec<String>,
    /// The methods. Default: `GET`.
    pub methods: Vec<String>,
    /// The headers that a page may send. Default: none.
    pub headers: Vec<String>,
    /// The response headers that a page may read. Default: none.
    pub expose_headers: Vec<String>,
    /// How long a browser caches the rules. Default: 10 minutes.
    pub max_age: Duration,
    /// Whether requests include cookies. Default: `false`.
    pub credentials: bool,
}

impl Default for Cors {
    fn default() -> Self {
        Self {
            origins: Vec::new(),
            methods: vec!["GET".to_owned()],
            headers: Vec::new(),
            expose_headers: Vec::new(),
            max_age: Duration::minutes(10),
            credentials: false,
        }
    }
}

impl Cors {
    pub(super) fn to_l1(&self) -> l1::CorsPolicy {
        let origins: Vec<_> = self.origins.iter().map(|origin| l1::StringMatch::new().exact(origin)).collect();
        let mut cors = l1::CorsPolicy::new()
            .allow_origins(origins)
            .allow_methods(self.methods.clone())
            .max_age(self.max_age)
            .allow_credentials(self.credentials);
        if !self.headers.is_empty() {
            cors = cors.allow_headers(self.headers.clone());
        }
        if !self.expose_headers.is_empty() {
            cors = cors.expose_headers(self.expose_headers.clone());
        }
        cors
    }
}
