//! What exists already: values that are read in the stack of a scope, and what their owners must do.

use crate::owner_task::{NeededTask, OwnerTask};
use crate::val::{PARAMETER, Val, Value};

use super::{At, NodeId, Scope};

impl Scope {
    /// Records what the owner of something that exists already must do for this construct. One task may be recorded often.
    #[track_caller]
    pub fn owner_task(&self, task: OwnerTask) {
        let needed = NeededTask { node: self.node(), at: self.user_line(At::caller()), task };
        self.settings(|settings| settings.owner_tasks.push(needed));
    }

    /// A value that [`Val::exported`] made, read in the account and the region of this scope, whoever uses it.
    ///
    /// An `import` does this with what it is given: what exists in one region is read there.
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

    /// What a parameter of AWS Systems Manager holds, in the account and the region of this scope.
    #[doc(hidden)]
    pub fn existing_parameter<T: Value>(&self, path: &str) -> Val<T> {
        self.stack().attr(format!("{PARAMETER}{path}"))
    }
}
