//! The existing templates and objects.

use std::collections::BTreeMap;

use meshsynth_model::val::Data;

/// The input for one program.
#[derive(Clone, Debug, Default)]
pub struct Estate {
    /// The name of the app.
    pub app: String,
    /// The templates.
    pub templates: Vec<Template>,
    /// The objects.
    pub objects: Vec<Object>,
    /// The name of the cluster that contains the objects.
    pub cluster: String,
    /// The Kubernetes version of the cluster.
    pub version: String,
}

/// A CloudFormation template and its stack.
#[derive(Clone, Debug)]
pub struct Template {
    /// The name of the stack.
    pub stack: String,
    /// Its account, if it is known.
    pub account: Option<String>,
    /// Its region.
    pub region: String,
    /// The file of the template.
    pub file: String,
    /// The path of the file below the folder of the sources, for comments.
    pub label: String,
    /// Whether another template deploys it as a nested stack.
    pub is_nested: bool,
    /// The files of the templates that its nested stacks deploy, by logical ID.
    pub nested: BTreeMap<String, String>,
    /// The template, with short tags converted to functions.
    pub data: Data,
    /// The first lines of its resources, by logical ID.
    pub lines: BTreeMap<String, u32>,
    /// The comments above entries, by section and logical ID: `Resources.Vpc`.
    pub comments: BTreeMap<String, Vec<String>>,
}

/// A Kubernetes object.
#[derive(Clone, Debug)]
pub struct Object {
    /// The file of the object.
    pub file: String,
    /// The first line of the object.
    pub line: u32,
    /// The default namespace, if its kind is namespaced and its metadata contains no namespace.
    pub namespace: String,
    /// The object.
    pub data: Data,
    /// The comments above it.
    pub comments: Vec<String>,
}
