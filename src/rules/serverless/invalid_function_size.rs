//! The memory, timeout or storage of a function is outside the limits of Lambda.
//!
//! # What it reports
//!
//! Memory is 128 to 10,240 MiB, `/tmp` is 512 to 10,240 MiB, and the timeout is at most 15 minutes.
//!
//! # Why it matters
//!
//! Lambda rejects other values when the stack is deployed.
//!
//! # Fix
//!
//! Use values within the limits. For longer work, use a `Job` of the cluster, or split the work into steps of a state
//! machine.
//!
//! Source: <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>

#[cfg(test)]
mod tests {
    use crate::lambda::{Code, Function, FunctionProps};
    use crate::testing::{codes, stack};
    use crate::units::{Duration, Mib};
    use crate::{App, ecr};

    fn with(app: &App, props: FunctionProps) {
        let run = stack(app, "run");
        let images = ecr::Repository::new(&run, "mailer", ecr::RepositoryProps::default());
        Function::new(&run, "mailer-function", Code::image(&images, "1.0.0"), props);
    }

    #[test]
    fn reports_a_timeout_of_an_hour_and_64_mib_of_memory() {
        let timeout = Duration::minutes(60);
        assert_eq!(codes(|app| with(app, FunctionProps { timeout, ..Default::default() })), ["MS0331"]);
        assert_eq!(codes(|app| with(app, FunctionProps { memory: Mib(64), ..Default::default() })), ["MS0331"]);
        assert_eq!(codes(|app| with(app, FunctionProps { scratch: Mib(256), ..Default::default() })), ["MS0331"]);
    }

    #[test]
    fn accepts_the_maximum() {
        let timeout = Duration::minutes(15);
        let props = FunctionProps { timeout, memory: Mib(10_240), scratch: Mib(10_240), ..Default::default() };
        assert_eq!(codes(|app| with(app, props)), [""; 0]);
    }
}
