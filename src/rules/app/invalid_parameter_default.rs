//! The default of a CloudFormation parameter is not an allowed value.
//!
//! # What it reports
//!
//! `Default` of a template parameter has one of these problems:
//!
//! - It is a map or a list. A list is a text with commas.
//! - It is not in `AllowedValues`.
//! - Its length is not between `MinLength` and `MaxLength`, for the type `String`.
//! - It is not a number between `MinValue` and `MaxValue`, for a type of numbers.
//!
//! Parameters of the Parameter Store are not checked, because their default is a parameter name.
//!
//! # Why it matters
//!
//! CloudFormation rejects the template, even if the user specifies another value for the parameter.
//!
//! # Fix
//!
//! Change `Default`, or change `AllowedValues`, `MinLength`, `MaxLength`, `MinValue` or `MaxValue`.
//!
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html>

#[cfg(test)]
mod tests {
    use crate::rules::testing::templates::fields;

    fn of(parameter: &str) -> Vec<String> {
        fields(&format!(r#"{{ "Parameters": {{ "P": {parameter} }}, "Resources": {{ "A": {{ "Type": "AWS::SNS::Topic" }} }} }}"#))
    }

    #[test]
    fn reports_a_default_that_is_not_allowed() {
        for parameter in [
            r#"{ "Type": "String", "AllowedValues": ["dev", "prod"], "Default": "test" }"#,
            r#"{ "Type": "Number", "MaxValue": 10, "Default": 12 }"#,
            r#"{ "Type": "Number", "Default": "many" }"#,
            r#"{ "Type": "String", "MinLength": 8, "Default": "short" }"#,
            r#"{ "Type": "CommaDelimitedList", "Default": ["a", "b"] }"#,
        ] {
            assert_eq!(of(parameter), ["MS0123 Default"], "{parameter}");
        }
    }

    #[test]
    fn accepts_a_default_that_is_allowed() {
        for parameter in [
            r#"{ "Type": "String", "AllowedValues": ["dev", "prod"], "Default": "dev" }"#,
            r#"{ "Type": "Number", "MinValue": "1", "Default": "12" }"#,
            r#"{ "Type": "CommaDelimitedList", "AllowedValues": ["a", "b"], "Default": "a, b" }"#,
            r#"{ "Type": "AWS::SSM::Parameter::Value<String>", "MaxLength": 1, "Default": "/shop/image" }"#,
        ] {
            assert_eq!(of(parameter), [""; 0], "{parameter}");
        }
    }
}
