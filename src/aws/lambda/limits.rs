//! Lambda limits for memory, timeout and storage.

use crate::diag::Diagnostic;
use crate::tree::Scope;
use crate::units::{Duration, Mib};

/// The size of a function.
pub(super) struct Size {
    pub memory: Mib,
    pub scratch: Mib,
    pub timeout: Duration,
}

/// Returns the size, limited to the values that Lambda supports. Values outside the limits are
/// reported.
///
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
#[track_caller]
pub(super) fn checked(scope: &Scope, size: Size) -> Size {
    let report = |message: String, help: &str| scope.report(Diagnostic::error("MS0331", message).help(help));
    let Size { memory: Mib(memory), scratch: Mib(scratch), timeout } = size;
    if !(128..=10_240).contains(&memory) {
        report(
            format!("memory of {memory} MiB, want 128 to 10240"),
            "for more work at a time, split it over more calls",
        );
    }
    if !(512..=10_240).contains(&scratch) {
        report(format!("`/tmp` of {scratch} MiB, want 512 to 10240"), "use S3 or EFS for more");
    }
    let seconds = timeout.as_seconds();
    if !(1..=900).contains(&seconds) {
        let help = "what takes longer is a job of the cluster or a state machine";
        report(format!("a timeout of {seconds} seconds, want 1 to 900"), help);
    }
    Size {
        memory: Mib(memory.clamp(128, 10_240)),
        scratch: Mib(scratch.clamp(512, 10_240)),
        timeout: Duration::seconds(seconds.clamp(1, 900)),
    }
}
