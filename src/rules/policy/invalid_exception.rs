//! An exception is not valid, or lets pass what cannot pass.
//!
//! `construct.allow("ACME001", "why", "2027-01-31")` lets the findings of one
//! rule pass, at a construct and below it, until the end of a day. It needs a code, a reason and a day
//! of the calendar. What makes the output invalid cannot pass, and cannot be told as less than an error: a property that
//! the vendor refuses is refused whatever the program says. Only a rule that judges a platform (the pass *check graph*, a rule
//! of your own, a policy file) has findings that may pass.
//!
//! Write the code as the diagnostic shows it, the reason in words that a reviewer understands, and the day as
//! `YYYY-MM-DD`. Fix what cannot pass.

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
    fn an_exception_needs_a_code_a_reason_and_a_day() {
        assert_eq!(errors("MS-0701", "why", "2027-01-31"), ["`MS-0701` is not a code"]);
        assert_eq!(errors("MS0701", " ", "2027-01-31"), ["the exception for `MS0701` has no reason"]);
        assert_eq!(errors("MS0701", "why", "2027-02-29"), ["`2027-02-29` is not a day"]);
        assert_eq!(errors("MS9998", "why", "2027-02-28"), ["unknown diagnostic `MS9998`"]);
    }

    #[test]
    fn what_is_said_in_full_lets_the_finding_pass() {
        assert!(alarm("MS0701", "the metric feeds a dashboard", "2027-01-31").is_empty());
    }

    #[test]
    fn what_makes_the_output_invalid_cannot_pass() {
        let found = diagnostics("shop", |app| {
            let queue = Queue::new().raw("Color", "blue").define(&stack(app, "data"), "mails");
            queue.allow("MS0105", "we like it", "2027-01-31");
        });
        let codes: Vec<_> = found.iter().map(|it| it.code).collect();
        assert_eq!(codes, ["MS0105", "MS1102"]);
        assert_eq!(found[1].message, "`MS0105` cannot be allowed: what it finds makes the output invalid");
    }
}
