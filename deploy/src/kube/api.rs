//! An API server, as far as a deployment needs it: a trait, so that tests may answer instead.

use std::fmt;

use serde_json::Value;

use crate::retryable::Retryable;

/// The label by which an object is known to be ours.
pub const APP_LABEL: &str = "meshsynth/app";
/// Our name as a manager of fields.
pub const MANAGER: &str = "meshsynth";

/// An API server, as far as a deployment needs it. Every call may be made again.
#[allow(async_fn_in_trait, reason = "one thread runs a deployment, so no future has to be Send")]
pub trait Kube {
    /// Reads a document; none where there is none.
    async fn get(&self, path: &str) -> Result<Option<Value>, KubeError>;
    /// Applies an object, server-side.
    async fn apply(&self, path: &str, object: &Value, force: bool) -> Result<Value, KubeError>;
    /// Applies an object as a deployment would, and changes nothing.
    async fn try_apply(&self, path: &str, object: &Value, force: bool) -> Result<Value, KubeError>;
    /// What an object would be if it were applied now, whoever manages its fields; nothing is changed.
    async fn would_apply(&self, path: &str, object: &Value) -> Result<Value, KubeError>;
    /// Merges a patch into an object that is as it was read.
    async fn merge(&self, path: &str, patch: &Value) -> Result<Value, KubeError>;
    /// Deletes an object; fine where there is none. Answers what is left of it, where a finalizer holds it.
    async fn delete(&self, path: &str, uid: &str) -> Result<Option<Value>, KubeError>;
    /// Posts a question, which is answered and not kept.
    async fn ask(&self, path: &str, question: &Value) -> Result<Value, KubeError>;
}

/// A call that failed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct KubeError {
    /// The status; 0 where there was no answer.
    pub code: u16,
    /// Such as `Conflict`.
    pub reason: String,
    /// What the server said.
    pub text: String,
    /// Each with its reason, field and message.
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
