//! The objects of clusters and the resources of stacks that policies evaluate, with positions.

use std::collections::BTreeMap;

use meshsynth::diag::Place;

use crate::expressions::Tree;
use crate::yaml::Marked;

/// The description of values that are known only at deployment.
pub const DEFERRED: &str = "a value that is known only at deployment";

/// A Kubernetes object.
#[derive(Clone, Debug)]
pub struct Object {
    /// The content as written.
    pub tree: Tree,
    /// The position in the program or file.
    pub place: Place,
    /// The path of its construct, or another name.
    pub construct: String,
    /// The document with the lines of its fields, for a policy or a binding in a file.
    pub document: Option<Marked>,
}

/// The objects of a cluster.
#[derive(Debug, Default)]
pub struct Cluster {
    /// The namespace of objects that specify none.
    pub namespace: String,
    /// The objects.
    pub objects: Vec<Object>,
}

/// A CloudFormation resource.
#[derive(Clone, Debug)]
pub struct Resource {
    /// Its logical ID.
    pub logical_id: String,
    /// Its type.
    pub type_name: String,
    /// Its body in the template.
    pub body: Tree,
    /// The position in the program or file.
    pub place: Place,
    /// The path of its construct, or another name.
    pub construct: String,
}

/// A CloudFormation stack.
#[derive(Debug, Default)]
pub struct Stack {
    /// Its name.
    pub name: String,
    /// Its region; `None` if it is known only at deployment.
    pub region: Option<String>,
    /// Its account; `None` if it is known only at deployment.
    pub account: Option<String>,
    /// Its tags; `None` if they are known only at deployment.
    pub tags: Option<BTreeMap<String, String>>,
    /// Its resources.
    pub resources: Vec<Resource>,
}

/// All objects and resources that are evaluated together.
#[derive(Debug, Default)]
pub struct Subjects {
    /// The clusters.
    pub clusters: Vec<Cluster>,
    /// The stacks.
    pub stacks: Vec<Stack>,
}
