//! An exception is not valid, or suppresses a finding that cannot be suppressed.
//!
//! # What it reports
//!
//! `construct.allow("ACME001", "why", "2027-01-31")` suppresses the findings of one rule at a construct and below it,
//! until the end of a day. The rule reports:
//!
//! - an exception without a code, a reason or a valid date
//! - an exception for an unknown built-in code
//! - an exception or a lower severity for a rule whose findings make the output invalid
//!
//! Only rules that evaluate the whole platform (the pass *check graph*, custom rules and policy files) have findings
//! that can be suppressed.
//!
//! # Why it matters
//!
//! An exception without a reason or date cannot be reviewed. AWS or Kubernetes rejects invalid output, so suppressing
//! the finding does not help.
//!
//! # Fix
//!
//! Write the code as the diagnostic shows it, a reason that a reviewer understands, and the date as `YYYY-MM-DD`. Fix
//! findings that cannot be suppressed.

#[cfg(test)]
mod tests {
    use crate::cfn::sqs::Queue;
    use crate::diag::Diagnostic;
    use crate::testing::{diagnostics, stack};
    use crate::{Construct, cloudwatch};

    fn alarm(code: &str, reason: &str, until: &str) -> Vec<Diagnostic> {
        diagnostics("shop", |app| {
            let watch = stack(app, "watch");
            let metric = cloudwatch::Metric::new("Shop", "UnpaidOrders");
            let alarm = cloudwatch::Alarm::new(&watch, "unpaid", &metric, cloudwatch::Limit::Above(100.0), Default::default());
            alarm.allow(code, reason, until);
        })
    }

    fn errors(code: &str, reason: &str, until: &str) -> Vec<String> {
        let found = alarm(code, reason, until);
        found.into_iter().filter(|it| it.code == "MS1102").map(|it| it.message).collect()
    }

    #[test]
    fn requires_a_code_a_reason_and_an_end_date() {
        assert_eq!(errors("MS-0701", "why", "2027-01-31"), ["`MS-0701` is not a valid code"]);
        assert_eq!(errors("MS0701", " ", "2027-01-31"), ["the exception for `MS0701` has no reason"]);
        assert_eq!(errors("MS0701", "why", "2027-02-29"), ["`2027-02-29` is not a valid date"]);
        assert_eq!(errors("MS9998", "why", "2027-02-28"), ["unknown diagnostic `MS9998`"]);
    }

    #[test]
    fn accepts_a_complete_exception() {
        assert!(alarm("MS0701", "the metric feeds a dashboard", "2027-01-31").is_empty());
    }

    #[test]
    fn reports_an_exception_for_a_finding_that_makes_the_output_invalid() {
        let found = diagnostics("shop", |app| {
            let queue = Queue::new().raw("Color", "blue").define(&stack(app, "data"), "mails");
            queue.allow("MS0105", "we like it", "2027-01-31");
        });
        let codes: Vec<_> = found.iter().map(|it| it.code).collect();
        assert_eq!(codes, ["MS0105", "MS1102"]);
        assert_eq!(found[1].message, "`MS0105` cannot be allowed, because its findings make the output invalid");
    }
}
