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
    /// Returns the APIs that the actions lead to, each once.
    pub fn apis(&self) -> Vec<&'static Api> {
        let mut apis: Vec<&'static Api> = self.actions.iter().flat_map(|action| Api::all_of(action)).collect();
        apis.sort_unstable_by_key(|api| api.prefix);
        apis.dedup();
        apis
    }
}

type Listener = Rc<dyn Fn(&Allowed<'_>)>;

/// Who is told of what a role is allowed, and what was told so far.
#[derive(Default)]
struct Listeners {
    open: Vec<Listener>,
    told: Vec<Told>,
}

/// Actions that a role was allowed before, as [`Allowed`] has them.
#[derive(Clone)]
struct Told {
    actions: Vec<String>,
    region: String,
    at: At,
    is_grant: bool,
}

/// Tells all that listen to a role.
pub(super) fn tell(role: &Scope, allowed: &Allowed<'_>) {
    if allowed.actions.is_empty() {
        return;
    }
    let Allowed { actions, region, at, is_grant } = *allowed;
    let told = Told { actions: actions.to_vec(), region: region.to_owned(), at, is_grant };
    // They define constructs, so the tree must not be borrowed meanwhile.
    let listeners = role.keep(|listeners: &mut Listeners| {
        listeners.told.push(told);
        listeners.open.clone()
    });
    listeners.iter().for_each(|open| open(allowed));
}

/// Listens to a role. What it was allowed before is told at once.
pub(super) fn listen(role: &Scope, open: impl Fn(&Allowed<'_>) + 'static) {
    let open: Listener = Rc::new(open);
    let told = role.keep(|listeners: &mut Listeners| {
        listeners.open.push(Rc::clone(&open));
        listeners.told.clone()
    });
    for Told { actions, region, at, is_grant } in &told {
        open(&Allowed { actions, region, at: *at, is_grant: *is_grant });
    }
}
