//! What a role is allowed, told to whoever runs under it: permission without a way there is of no use.

use std::rc::Rc;

use crate::tree::{At, Scope};

use super::Api;

/// Actions that a role is allowed.
pub(crate) struct Allowed<'a> {
    /// The actions that the holder of the role calls by itself.
    pub actions: &'a [String],
    /// The region in which they are called.
    pub region: &'a str,
    /// The user's line.
    pub at: At,
    /// Whether it is a grant of a construct, and not a statement that was written by hand.
    pub is_grant: bool,
}

impl Allowed<'_> {
    /// The APIs that the actions lead to, each once.
    pub fn apis(&self) -> Vec<&'static Api> {
        let mut apis: Vec<&'static Api> = self.actions.iter().flat_map(|action| Api::all_of(action)).collect();
        apis.sort_unstable_by_key(|api| api.prefix);
        apis.dedup();
        apis
    }
}

type Listener = Rc<dyn Fn(&Allowed<'_>)>;

/// Who is told of what a role is allowed.
#[derive(Default)]
struct Listeners(Vec<Listener>);

/// Tells all that listen to a role.
pub(super) fn tell(role: &Scope, allowed: &Allowed<'_>) {
    if allowed.actions.is_empty() {
        return;
    }
    // They define constructs, so the tree must not be borrowed meanwhile.
    let listeners = role.keep(|listeners: &mut Listeners| listeners.0.clone());
    listeners.iter().for_each(|open| open(allowed));
}

/// Listens to a role.
pub(super) fn listen(role: &Scope, open: impl Fn(&Allowed<'_>) + 'static) {
    role.keep(|listeners: &mut Listeners| listeners.0.push(Rc::new(open)));
}
