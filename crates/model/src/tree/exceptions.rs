//! Exceptions that a construct declares.

use crate::diag::Diagnostic;
use crate::exception::{CodeForm, Exception, is_day};

use super::{At, Scope};

/// A new exception. The caller can add the person or team that approved it.
pub struct Allowance {
    scope: Scope,
    idx: usize,
}

impl Allowance {
    /// Sets the person or team that approved the exception.
    pub fn by(self, who: &str) -> Self {
        let Self { scope, idx } = &self;
        scope.settings(|settings| {
            if let Some(exception) = settings.exceptions.get_mut(*idx) {
                exception.who = Some(who.to_owned());
            }
        });
        self
    }
}

impl Scope {
    /// Records an exception, or reports it if it is invalid.
    pub(super) fn add_exception(&self, code: &str, reason: &str, until: &str, caller: At) -> Allowance {
        let at = self.user_line(caller);
        let wrong = [
            (
                CodeForm::of(code).is_none(),
                format!("`{code}` is not a valid code"),
                "use the code of a rule, such as `ACME001`, or of a check, such as `CKV_AWS_18`",
            ),
            (
                !is_day(until),
                format!("`{until}` is not a valid date"),
                "use the last day of the exception, such as `2027-01-31`",
            ),
            (
                reason.trim().is_empty(),
                format!("the exception for `{code}` has no reason"),
                "state why the finding is acceptable",
            ),
        ];
        for (_, message, help) in wrong.into_iter().filter(|(is_wrong, ..)| *is_wrong) {
            self.report(Diagnostic::error("MS1102", message).at(at).help(help));
        }
        let exception = Exception {
            node: self.node(),
            code: code.to_owned(),
            reason: reason.to_owned(),
            until: until.to_owned(),
            who: None,
            at,
        };
        let mut idx = 0;
        self.settings(|settings| {
            idx = settings.exceptions.len();
            settings.exceptions.push(exception);
        });
        Allowance { scope: self.clone(), idx }
    }
}
