//! Existing resources: values that a stack reads, and tasks for owners.

use crate::owner_task::{NeededTask, OwnerTask};
use crate::val::{AttrName, Val, Value};

use super::{At, NodeId, Scope};

impl Scope {
    /// Records a task for the owner of an existing resource, on behalf of this construct. The same task may be recorded
    /// several times.
    #[track_caller]
    pub fn owner_task(&self, task: OwnerTask) {
        let needed = NeededTask { node: self.node(), at: self.user_line(At::caller()), task };
        self.settings(|settings| settings.owner_tasks.push(needed));
    }

    /// Makes a value of [`Val::exported`] refer to the account and the region of this scope, independent of the stack
    /// that reads it.
    ///
    /// An `import` method calls it for its arguments, because exports about an existing resource are in the region of
    /// that resource.
    pub fn read_here<T: Value>(&self, value: Val<T>) -> Val<T> {
        let Val::Deferred(mut deferred) = value else { return value };
        let stack = self.stack().node();
        deferred.each_attr_mut(&mut |attr| {
            if attr.node == NodeId::READER {
                attr.node = stack;
            }
        });
        Val::Deferred(deferred)
    }

    /// Returns the value of an AWS Systems Manager parameter in the account and the region of this scope.
    #[doc(hidden)]
    pub fn existing_parameter<T: Value>(&self, path: &str) -> Val<T> {
        self.stack().attr(AttrName::Parameter(path.into()))
    }
}
