//! What exists, as it was read.

use std::collections::BTreeMap;

use meshsynth_types::val::Data;

/// Everything that becomes one program.
#[derive(Clone, Debug, Default)]
pub struct Estate {
    /// The name of the app.
    pub app: String,
    /// The templates.
    pub templates: Vec<Template>,
    /// The objects.
    pub objects: Vec<Object>,
    /// The name of the cluster that the objects are in.
    pub cluster: String,
    /// The Kubernetes version of the cluster.
    pub version: String,
}

/// A template of CloudFormation, and the stack that it is of.
#[derive(Clone, Debug)]
pub struct Template {
    /// The name of the stack.
    pub stack: String,
    /// Its account, where it is known.
    pub account: Option<String>,
    /// Its region.
    pub region: String,
    /// Where it was read.
    pub file: String,
    /// The template, short tags written as functions.
    pub data: Data,
    /// The lines where its resources begin, by their logical ids.
    pub lines: BTreeMap<String, u32>,
    /// The comments above entries, by the section and the logical id: `Resources.Vpc`.
    pub comments: BTreeMap<String, Vec<String>>,
}

/// An object of Kubernetes.
#[derive(Clone, Debug)]
pub struct Object {
    /// Where it was read.
    pub file: String,
    /// The line where it begins.
    pub line: u32,
    /// Its namespace, where it names none and its kind has one.
    pub namespace: String,
    /// The object.
    pub data: Data,
    /// The comments above it.
    pub comments: Vec<String>,
}
