//! Notifications about the permissions of a role. A construct that runs with the role uses these notifications to allow
//! network connections.

use std::rc::Rc;

use crate::tree::{At, Scope};

use super::Api;

/// The actions that a permission adds to a role.
pub(crate) struct Allowed<'a> {
    /// The actions that the grantee calls directly.
    pub actions: &'a [String],
    /// The region in which they are called.
    pub region: &'a str,
    /// The line in the user's program.
    pub at: At,
    /// Whether a construct's grant method added the permission. If not, the program added it as a handwritten
    /// statement.
    pub is_grant: bool,
}

impl Allowed<'_> {
    /// Returns the APIs of the actions, without duplicates.
    pub fn apis(&self) -> Vec<&'static Api> {
        let mut apis: Vec<&'static Api> = self.actions.iter().flat_map(|action| Api::all_of(action)).collect();
        apis.sort_unstable_by_key(|api| api.prefix);
        apis.dedup();
        apis
    }
}

type Listener = Rc<dyn Fn(&Allowed<'_>)>;

/// The listeners of a role, and the permissions that they were notified of.
#[derive(Default)]
struct Listeners {
    open: Vec<Listener>,
    told: Vec<Told>,
}

/// An earlier notification, which is repeated for each new listener. It has the same fields as [`Allowed`].
#[derive(Clone)]
struct Told {
    actions: Vec<String>,
    region: String,
    at: At,
    is_grant: bool,
}

/// Notifies all listeners that are registered for a role.
pub(super) fn tell(role: &Scope, allowed: &Allowed<'_>) {
    if allowed.actions.is_empty() {
        return;
    }
    let Allowed { actions, region, at, is_grant } = *allowed;
    let told = Told { actions: actions.to_vec(), region: region.to_owned(), at, is_grant };
    // Listeners define constructs, so the tree must not be borrowed during the calls.
    let listeners = role.keep(|listeners: &mut Listeners| {
        listeners.told.push(told);
        listeners.open.clone()
    });
    listeners.iter().for_each(|open| open(allowed));
}

/// Adds a listener to a role. The listener is called immediately for each existing permission, and later for each new
/// permission.
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
