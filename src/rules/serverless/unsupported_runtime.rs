//! A Lambda runtime is deprecated, misspelled or unknown.
//!
//! # What it reports
//!
//! A deprecated runtime is a warning. A name that is similar to a runtime is an error. Other unknown names are
//! warnings, because AWS adds runtimes.
//!
//! # Why it matters
//!
//! A deprecated runtime gets no security updates, and Lambda later blocks the creation and update of its functions.
//!
//! # Fix
//!
//! Use the runtime that the help text suggests.
//!
//! Source: <https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html>

use crate::diag::Diagnostic;
use crate::facts::versions::lambda::{self, Offer};
use crate::synth::{Link, Model};
use crate::val::Data;

use crate::facts::nearest;

pub(super) fn check(model: &Model, _: &Link, out: &mut Vec<Diagnostic>) {
    for (id, function) in model.of_type("AWS::Lambda::Function") {
        let Some(runtime) = function.props.get("Runtime").and_then(Data::as_str) else { continue };
        match lambda::offer(runtime) {
            Offer::Supported => {}
            Offer::Deprecated(since, next) => out.push(
                model
                    .warning(id, "MS0332", format!("runtime `{runtime}` is deprecated since {since}"))
                    .help(format!("use `{next}`")),
            ),
            Offer::Unknown => out.push(match nearest(runtime, lambda::known()) {
                Some(near) => model
                    .error(id, "MS0332", format!("`{runtime}` is not a Lambda runtime"))
                    .help(format!("did you mean `{near}`?")),
                None => model
                    .warning(id, "MS0332", format!("`{runtime}` was not a Lambda runtime on {}", lambda::JUDGED))
                    .help("check the list of Lambda runtimes"),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::lambda::{Code, Function, FunctionProps};
    use crate::s3::{Bucket, BucketProps};
    use crate::testing::{codes, diagnostics, stack};
    use crate::App;

    fn with(app: &App, runtime: &str) {
        let run = stack(app, "run");
        let archives = Bucket::new(&run, "archives", BucketProps::default());
        let code = Code::zip(&archives, "mailer.zip", runtime, "app.handler");
        Function::new(&run, "mailer", code, FunctionProps::default());
    }

    #[test]
    fn reports_deprecated_and_misspelled_runtimes() {
        assert_eq!(codes(|app| with(app, "python3.9")), ["MS0332"]);
        let helps = |runtime: &str, wanted: &str| {
            let found = diagnostics("shop", |app| with(app, runtime));
            assert!(found.iter().any(|it| it.help.as_deref() == Some(wanted)), "{found:?}");
        };
        helps("pyhton3.14", "did you mean `python3.14`?");
        helps("nodejs8.10", "use `nodejs24.x`");
    }

    #[test]
    fn accepts_a_supported_runtime() {
        assert_eq!(codes(|app| with(app, "python3.14")), [""; 0]);
    }
}
