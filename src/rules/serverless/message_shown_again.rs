//! A queue makes a message visible again while a function still processes it.
//!
//! # What it reports
//!
//! The visibility timeout of a queue is shorter than the timeout of the function that reads it. The defaults are 30
//! seconds for queues and 3 seconds for functions.
//!
//! # Why it matters
//!
//! Lambda rejects an event source with such a queue. AWS recommends six times the timeout, so that a throttled
//! invocation does not run twice.
//!
//! # Fix
//!
//! Increase `QueueProps::visibility`, or decrease `FunctionProps::timeout`.
//!
//! Source: <https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html>

use crate::diag::Diagnostic;
use crate::rules::index::references::source_of;
use crate::synth::{Link, Model};
use crate::val::Data;

/// The default visibility timeout of a queue and the default timeout of a function, in seconds.
const DEFAULTS: (i64, i64) = (30, 3);

pub(super) fn check(model: &Model, _: &Link, out: &mut Vec<Diagnostic>) {
    for (id, mapping) in model.of_type("AWS::Lambda::EventSourceMapping") {
        let Some((of, queue)) = source_of(model, &mapping.props, "EventSourceArn") else { continue };
        let Some((_, function)) = source_of(model, &mapping.props, "FunctionName") else { continue };
        if queue.type_name != "AWS::SQS::Queue" {
            continue;
        }
        let hidden = queue.props.get("VisibilityTimeout").and_then(Data::as_int).unwrap_or(DEFAULTS.0);
        let taken = function.props.get("Timeout").and_then(Data::as_int).unwrap_or(DEFAULTS.1);
        if hidden < taken {
            let message = format!("the visibility timeout of the queue is {hidden} seconds, but the function timeout is {taken} seconds");
            out.push(
                model
                    .error(id, "MS0333", message)
                    .note_at(format!("`{}` is defined here", model.path(of)), model.node(of).at)
                    .help(format!("set `QueueProps::visibility` to {} seconds", taken * 6)),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::lambda::{Code, Function, FunctionProps, QueueSource};
    use crate::sqs::{Queue, QueueProps};
    use crate::testing::{codes, stack};
    use crate::units::Duration;
    use crate::{App, ecr};

    fn with(app: &App, timeout: Duration) {
        let run = stack(app, "run");
        let images = ecr::Repository::new(&run, "mailer", ecr::RepositoryProps::default());
        let props = FunctionProps { timeout, ..FunctionProps::default() };
        let function = Function::new(&run, "mailer-function", Code::image(&images, "1.0.0"), props);
        function.add_queue_source(&Queue::new(&run, "mails", QueueProps::default()), QueueSource::default());
    }

    #[test]
    fn reports_a_function_timeout_above_the_visibility_timeout() {
        assert_eq!(codes(|app| with(app, Duration::seconds(31))), ["MS0333"]);
    }

    #[test]
    fn accepts_a_visibility_timeout_equal_to_the_function_timeout() {
        assert_eq!(codes(|app| with(app, Duration::seconds(30))), [""; 0]);
    }
}
