//! The API server calls of a deployment, as a trait that tests can implement.

use std::fmt;

use serde_json::Value;

use crate::retryable::Retryable;

/// The label that identifies the objects of an app.
pub const APP_LABEL: &str = "meshsynth/app";
/// The field manager of meshsynth.
pub const MANAGER: &str = "meshsynth";

/// The API server calls that a deployment needs. Callers can repeat every call.
#[allow(async_fn_in_trait, reason = "a deployment runs on one thread, so its futures need not be Send")]
pub trait Kube {
    /// Reads a document. Returns `None` if it does not exist.
    async fn get(&self, path: &str) -> Result<Option<Value>, KubeError>;
    /// Applies an object with server-side apply.
    async fn apply(&self, path: &str, object: &Value, force: bool) -> Result<Value, KubeError>;
    /// Applies an object as a dry run, with the same options as a deployment.
    async fn try_apply(&self, path: &str, object: &Value, force: bool) -> Result<Value, KubeError>;
    /// Returns the result of applying an object, regardless of the managers of its fields. Changes nothing.
    async fn would_apply(&self, path: &str, object: &Value) -> Result<Value, KubeError>;
    /// Merges a patch into an object if the object did not change since it was read.
    async fn merge(&self, path: &str, patch: &Value) -> Result<Value, KubeError>;
    /// Deletes an object. Succeeds if it does not exist. Returns the object if a finalizer delays its deletion.
    async fn delete(&self, path: &str, uid: &str) -> Result<Option<Value>, KubeError>;
    /// Posts a review object, which the API server answers and does not store.
    async fn ask(&self, path: &str, question: &Value) -> Result<Value, KubeError>;
}

/// The error of a call.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct KubeError {
    /// The HTTP status, or 0 if the server did not answer.
    pub code: u16,
    /// The reason, such as `Conflict`.
    pub reason: String,
    /// The message of the server.
    pub text: String,
    /// The causes, each with its reason, message and field.
    pub causes: Vec<(String, String, String)>,
}

impl Retryable for KubeError {
    fn is_transient(&self) -> bool {
        [0, 429, 502, 503, 504].contains(&self.code)
            || (self.code == 500 && self.text.contains("failed calling webhook"))
    }

    fn is_throttled(&self) -> bool {
        self.code == 429
    }
}

impl fmt::Display for KubeError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.code {
            0 => out.write_str(&self.text),
            code => write!(out, "{code} {}: {}", self.reason, self.text),
        }
    }
}

impl std::error::Error for KubeError {}
