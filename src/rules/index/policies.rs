//! Identity issuers and trust policies, for rules about IAM.

use serde_json::{Map, Value};

pub(in crate::rules) use crate::policy::document::{Document, is_deferred, is_made, texts};
use crate::synth::Model;
use crate::tree::NodeId;
use crate::val::{Data, Deferred};

/// Returns the cluster of this platform whose issuer or OpenID Connect provider a value refers to.
pub(in crate::rules) fn cluster_of(model: &Model, value: &Deferred) -> Option<NodeId> {
    let attr = match value {
        Deferred::Attr(attr) => attr,
        Deferred::Piece { of, .. } => return cluster_of(model, of),
        Deferred::Item { .. }
        | Deferred::Joined { .. }
        | Deferred::Text(_)
        | Deferred::Doc(_)
        | Deferred::Verbatim(_) => {
            return None;
        }
    };
    let resource = model.resource(attr.node)?;
    match resource.type_name.as_ref() {
        "AWS::EKS::Cluster" => Some(attr.node),
        "AWS::IAM::OIDCProvider" => match resource.props.get("Url")? {
            Data::Deferred(url) => cluster_of(model, url),
            _ => None,
        },
        _ => None,
    }
}

/// A service account that a role trusts through its cluster's issuer.
pub(in crate::rules) struct Subject {
    /// The cluster, if this platform defines it.
    pub cluster: Option<NodeId>,
    /// The subject, such as `system:serviceaccount:shop:orders`.
    pub name: String,
}

/// Returns the subjects and subject patterns in the condition of a web identity statement.
pub(in crate::rules) fn subjects(
    model: &Model,
    document: &Document<'_>,
    statement: &Map<String, Value>,
) -> Vec<Subject> {
    let tests = |operator: &str| {
        let condition = statement.get("Condition").and_then(|it| it.get(operator));
        condition.and_then(Value::as_object).into_iter().flatten()
    };
    let mut found = Vec::new();
    for (key, value) in tests("StringEquals").chain(tests("StringLike")) {
        if key.ends_with(":sub") {
            let cluster = document.value(key).and_then(|value| cluster_of(model, value));
            found.extend(texts(Some(value)).map(|name| Subject { cluster, name: name.to_owned() }));
        }
    }
    found
}

/// Whether a statement contains an action.
pub(in crate::rules) fn is_about(statement: &Map<String, Value>, action: &str) -> bool {
    texts(statement.get("Action")).any(|it| it.eq_ignore_ascii_case(action))
}
