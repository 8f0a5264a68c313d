//! An import does not use a valid ARN or ID.
//!
//! # What it reports
//!
//! The text that identifies an existing resource does not have the form of its ARN, ID or name. Examples are an alias,
//! a shortened ARN, and the ID of another resource type. The rule also checks the names of SSM parameters. Values that
//! are known only at deployment are not checked.
//!
//! # Why it matters
//!
//! The template is valid, but the deployment fails, or a policy statement matches no resource.
//!
//! # Fix
//!
//! Write the complete ARN, or the ID with its prefix, as the AWS console shows them. If another stack or a parameter
//! contains the value, read it at deployment: `Val::exported("name")` or `ssm::existing(&stack, "/path")`.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html>

#[cfg(test)]
mod tests {
    use crate::kms::{ExistingKey, Key};
    use crate::testing::{codes, stack};

    fn importing(arn: &str) -> Vec<&'static str> {
        codes(|app| {
            // A stack that contains only imports would be empty.
            let data = stack(app, "data");
            crate::ssm::Parameter::new(&data, "name", "name", "value", Default::default());
            Key::import(&data, "key", ExistingKey::arn(arn));
        })
    }

    #[test]
    fn reports_an_alias_or_a_bare_id() {
        assert_eq!(importing("alias/orders"), ["MS0130"]);
        assert_eq!(importing("1234abcd-12ab-34cd-56ef-1234567890ab"), ["MS0130"]);
    }

    #[test]
    fn accepts_a_whole_arn() {
        let arn = "arn:aws:kms:ap-northeast-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
        assert_eq!(importing(arn), [""; 0]);
    }
}
