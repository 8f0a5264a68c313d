//! The patches of an `EnvoyFilter`, and the effect of their operations.

use super::items;
use crate::node::Object;
use crate::val::Data;

/// A patch, with its target and its operation.
pub(in crate::rules) struct Patch<'a> {
    /// Its path, such as `spec.configPatches[0]`.
    pub path: String,
    /// The target, such as `HTTP_FILTER`.
    pub target: &'a str,
    /// The operation, such as `INSERT_BEFORE`.
    pub operation: &'a str,
    /// Whether it is for one version of the proxy.
    pub is_for_a_version: bool,
}

/// Returns the patches of a filter that have a target and an operation, in order.
pub(in crate::rules) fn patches(filter: &Object) -> Vec<Patch<'_>> {
    let path = "spec.configPatches";
    let mut found = Vec::new();
    for (path, patch) in items(filter.body.at(path), path) {
        let text = |path: &str| patch.at(path).and_then(Data::as_str);
        let (Some(target), Some(operation)) = (text("applyTo"), text("patch.operation")) else { continue };
        let is_for_a_version = patch.at("match.proxy.proxyVersion").is_some();
        found.push(Patch { path, target, operation, is_for_a_version });
    }
    found
}

impl Patch<'_> {
    /// Whether Istio ignores the operation for its target.
    pub fn is_ignored(&self) -> bool {
        match self.operation {
            "REPLACE" => !matches!(self.target, "HTTP_FILTER" | "NETWORK_FILTER" | "VIRTUAL_HOST"),
            "ADD" | "REMOVE" => matches!(self.target, "ROUTE_CONFIGURATION" | "HTTP_ROUTE"),
            _ => false,
        }
    }

    /// Whether the effect of the operation depends on previous patches.
    pub fn is_relative(&self) -> bool {
        match self.operation {
            "INSERT_BEFORE" | "INSERT_AFTER" => true,
            "REPLACE" | "REMOVE" => !self.is_ignored(),
            _ => false,
        }
    }
}
