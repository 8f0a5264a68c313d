//! What only the owner of something that exists already can do.
//!
//! A platform refers to a key, a bucket or a security group that somebody else defined. What cannot be written from here,
//! such as a statement in the policy of that key, is a task of its owner: `owners.json` of the assembly lists all of them.

use crate::tree::{At, NodeId};
use crate::val::{Attr, Data, Val};

/// What the owner of something that exists already must do, so that the platform works.
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
///     what: "let the nodes of the cluster connect to TCP port 5432".to_owned(),
///     document: None,
/// });
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct OwnerTask {
    /// What is to be changed: its ARN, its id or its name. It may be known at deployment only.
    pub owner: Val<String>,
    /// What to do, in one sentence that begins with a verb and has no period, such as "add the statement to the key policy".
    pub what: String,
    /// The statement or the rule to add, where there is one. A secret in it is named by its ARN.
    pub document: Option<Data>,
}

/// A task, and which construct needs it.
#[doc(hidden)]
#[derive(Clone, Debug)]
pub struct NeededTask {
    /// The construct that does not work without it.
    pub node: NodeId,
    /// The user's line.
    pub at: At,
    /// The task.
    pub task: OwnerTask,
}

impl NeededTask {
    /// Visits every attribute that the task names, to be changed in place.
    pub fn each_attr_mut(&mut self, visit: &mut dyn FnMut(&mut Attr)) {
        if let Val::Deferred(owner) = &mut self.task.owner {
            owner.each_attr_mut(visit);
        }
        if let Some(document) = &mut self.task.document {
            document.each_attr_mut(visit);
        }
    }
}
