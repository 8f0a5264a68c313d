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
            format!("the memory size is {memory} MiB; it must be 128 to 10240"),
            "divide the work among several invocations, or use a workload in a cluster",
        );
    }
    if !(512..=10_240).contains(&scratch) {
        report(
            format!("the size of `/tmp` is {scratch} MiB; it must be 512 to 10240"),
            "use S3 or EFS for larger files",
        );
    }
    let seconds = timeout.as_seconds();
    if !(1..=900).contains(&seconds) {
        let help = "use a Kubernetes job or a state machine for longer tasks";
        report(format!("the timeout is {seconds} seconds; it must be 1 to 900"), help);
    }
    Size {
        memory: Mib(memory.clamp(128, 10_240)),
        scratch: Mib(scratch.clamp(512, 10_240)),
        timeout: Duration::seconds(seconds.clamp(1, 900)),
    }
}
