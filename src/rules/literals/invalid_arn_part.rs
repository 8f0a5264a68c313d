//! An ARN contains an account ID that is not 12 digits, or an unknown region.
//!
//! # What it reports
//!
//! A text that begins with `arn:aws` has a numeric account that is not 12 digits, or a region that is unknown but
//! similar to an AWS region.
//!
//! # Why it matters
//!
//! AWS accepts such an ARN in many places, but it matches no resource. A statement allows nothing, and an alarm
//! notifies no topic.
//!
//! # Fix
//!
//! Write all 12 digits, including leading zeros, and the region as AWS writes it.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html>

use crate::diag::Diagnostic;
use crate::facts::{nearest, regions::REGIONS};
use crate::name::is_account;
use crate::rules::index::literals::each_text;
use crate::synth::{Link, Model};

pub(super) fn check(model: &Model, _: &Link, out: &mut Vec<Diagnostic>) {
    for (id, _, resource) in model.resources() {
        each_text(&resource.props, &mut |_, text| {
            if let Some((wrong, help)) = problem(text) {
                out.push(model.error(id, "MS0141", format!("`{text}` is not an ARN: {wrong}")).help(help));
            }
        });
    }
}

/// Returns the problem of a text that begins like an ARN, and the help text.
fn problem(text: &str) -> Option<(String, String)> {
    let rest = text.strip_prefix("arn:aws")?;
    let mut parts = rest.split(':').skip(2);
    let (region, account) = (parts.next()?, parts.next()?);
    parts.next()?;
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_number(account) && !is_account(account) {
        let help = "use the 12-digit account id".to_owned();
        return Some((format!("the account `{account}` has {} digits instead of 12", account.len()), help));
    }
    let is_plain = !region.is_empty() && region.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if is_plain && !REGIONS.split(' ').any(|known| known == region) {
        let near = nearest(region, REGIONS.split(' '))?;
        return Some((format!("the region `{region}` does not exist"), format!("did you mean `{near}`?")));
    }
    None
}

#[cfg(test)]
mod tests {
    use crate::iam::{Role, RoleProps, Statement, Trust};
    use crate::testing::{codes, stack};

    fn on(arn: &str) -> Vec<&'static str> {
        codes(|app| {
            let role = Role::new(&stack(app, "run"), "worker", Trust::Service("lambda.amazonaws.com"), RoleProps::default());
            role.allow(Statement::allow(["sqs:SendMessage"]).on(arn));
        })
    }

    #[test]
    fn reports_a_missing_digit_or_a_misspelled_region() {
        assert_eq!(on("arn:aws:sqs:eu-west-1:11112222333:orders"), ["MS0141"]);
        assert_eq!(on("arn:aws:sqs:eu-wset-1:111122223333:orders"), ["MS0141"]);
    }

    #[test]
    fn accepts_whole_arns_and_patterns() {
        for arn in ["arn:aws:sqs:eu-west-1:111122223333:orders", "arn:aws:sqs:*:*:orders", "arn:aws-cn:sqs:cn-north-1:111122223333:a"] {
            assert_eq!(on(arn), [""; 0], "{arn}");
        }
    }
}
