//! What policies judge: the objects of clusters and the resources of stacks, each with the line of whoever wrote it.

use std::collections::BTreeMap;

use meshsynth::diag::Place;

use crate::expressions::Tree;
use crate::yaml::Marked;

/// What is known only at deployment, as notes say it.
pub const DEFERRED: &str = "a value that is known only at deployment";

/// An object of Kubernetes.
#[derive(Clone, Debug)]
pub struct Object {
    /// As it was written.
    pub tree: Tree,
    /// The line of the program, or of the file.
    pub place: Place,
    /// Its path in the program, or what it is called otherwise.
    pub construct: String,
    /// The document with the lines of its fields, where it is a policy or a binding of a file.
    pub document: Option<Marked>,
}

/// The objects of a cluster.
#[derive(Debug, Default)]
pub struct Cluster {
    /// The namespace of objects that name none.
    pub namespace: String,
    /// The objects.
    pub objects: Vec<Object>,
}

/// A resource of CloudFormation.
#[derive(Clone, Debug)]
pub struct Resource {
    /// Its logical id.
    pub logical_id: String,
    /// Its type.
    pub type_name: String,
    /// Everything that its template says of it.
    pub body: Tree,
    /// The line of the program, or of the file.
    pub place: Place,
    /// Its path in the program, or what it is called otherwise.
    pub construct: String,
}

/// A stack of CloudFormation.
#[derive(Debug, Default)]
pub struct Stack {
    /// Its name.
    pub name: String,
    /// Its region; none where only the deployment tells.
    pub region: Option<String>,
    /// Its account; none where only the deployment tells.
    pub account: Option<String>,
    /// Its tags; none where only the deployment tells.
    pub tags: Option<BTreeMap<String, String>>,
    /// Its resources.
    pub resources: Vec<Resource>,
}

/// Everything that is judged together.
#[derive(Debug, Default)]
pub struct Subjects {
    /// The clusters.
    pub clusters: Vec<Cluster>,
    /// The stacks.
    pub stacks: Vec<Stack>,
}
