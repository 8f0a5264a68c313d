//! Runs rules and catches their panics, without printing them.

use std::any::Any;
use std::cell::RefCell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

use crate::diag::Place;

/// The panic of a rule.
pub(crate) struct Panicked {
    /// The message, if it is a text.
    pub message: String,
    /// The location of the panic.
    pub place: Option<Place>,
}

thread_local! {
    /// Whether this thread runs a rule, with the location of the rule's last panic.
    static RUNNING: RefCell<Option<Option<Place>>> = const { RefCell::new(None) };
}

/// Runs a rule, and returns its panic as an error.
pub(crate) fn catch(run: impl FnOnce()) -> Result<(), Panicked> {
    keep_quiet();
    RUNNING.set(Some(None));
    let ended = panic::catch_unwind(AssertUnwindSafe(run));
    let place = RUNNING.take().flatten();
    ended.map_err(|payload| Panicked { message: text(payload.as_ref()), place })
}

/// Suppresses the output of panics in rules, because they become diagnostics. For other panics, the previous panic hook
/// runs.
fn keep_quiet() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let others = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            let is_ours = RUNNING.with_borrow_mut(|running| {
                let Some(place) = running else { return false };
                *place = info.location().map(|it| Place {
                    file: it.file().to_owned(),
                    line: it.line(),
                    column: it.column(),
                });
                true
            });
            if !is_ours {
                others(info);
            }
        }));
    });
}

fn text(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_else(|| "without a message".to_owned())
}
