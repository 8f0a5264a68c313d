//! Tasks for the owners of existing resources.
//!
//! A platform can refer to a key, a bucket or a security group that another team defined. Only the owner of such a
//! resource can make some changes, such as adding a statement to the key policy. Each such change is a task. The file
//! `owners.json` in the assembly lists all tasks.

use crate::tree::{At, NodeId};
use crate::val::{Attr, Data, Val};

/// A task for the owner of an existing resource. The platform works only after the owner completes the task.
///
/// # Example
///
/// ```
/// # use meshsynth::{App, Construct, Env, Stack};
/// # let app = App::new("shop");
/// # let data = Stack::new(&app, "data", Env::new("111122223333", "eu-west-1"));
/// use meshsynth::OwnerTask;
///
/// data.scope().owner_task(OwnerTask {
///     owner: "sg-0123456789abcdef0".into(),
///     what: "allow the nodes of the cluster to connect to TCP port 5432".to_owned(),
///     document: None,
/// });
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct OwnerTask {
    /// The resource to change: its ARN, id or name. The value may be deferred.
    pub owner: Val<String>,
    /// The action that the owner must perform: one sentence that begins with a verb and has no period, such as "add the
    /// statement to the key policy".
    pub what: String,
    /// The statement or rule to add, if there is one. If it refers to a secret, it contains only the ARN of the secret.
    pub document: Option<Data>,
}

/// A task and the construct that needs it.
#[doc(hidden)]
#[derive(Clone, Debug)]
pub struct NeededTask {
    /// The construct that requires the task.
    pub node: NodeId,
    /// The line in the user's code.
    pub at: At,
    /// The task.
    pub task: OwnerTask,
}

impl NeededTask {
    /// Visits every attribute in the task for modification.
    pub fn each_attr_mut(&mut self, visit: &mut dyn FnMut(&mut Attr)) {
        if let Val::Deferred(owner) = &mut self.task.owner {
            owner.each_attr_mut(visit);
        }
        if let Some(document) = &mut self.task.document {
            document.each_attr_mut(visit);
        }
    }
}
