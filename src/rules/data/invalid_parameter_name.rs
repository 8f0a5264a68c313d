//! The name of a parameter is not valid in Parameter Store.
//!
//! # What it reports
//!
//! A valid name meets these conditions:
//!
//! - It contains only letters, digits and `_.-/`, and has at most 1011 characters.
//! - A name with slashes begins with a slash, and has at most 15 levels, none of which is empty.
//! - Its first level does not begin with `aws` or `ssm`, which are reserved.
//!
//! # Why it matters
//!
//! Parameter Store rejects the parameter.
//!
//! # Fix
//!
//! Choose a name such as `/shop/orders/db-url`. Names of `ssm::Parameter` have the form `/{app}/{service}/{key}`, so
//! the name of the app must not begin with `aws` or `ssm`.
//!
//! Source: <https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-su-create.html>

use crate::diag::Diagnostic;
use crate::synth::{Link, Model};
use crate::val::Data;

pub(super) fn check(model: &Model, _: &Link, out: &mut Vec<Diagnostic>) {
    for (id, parameter) in model.of_type("AWS::SSM::Parameter") {
        let Some(name) = parameter.props.get("Name").and_then(Data::as_str) else { continue };
        if let Some(problem) = problem(name) {
            let message = format!("the parameter name `{name}` {problem}");
            out.push(model.error(id, "MS0311", message).help("use a name such as `/shop/orders/db-url`"));
        }
    }
}

fn problem(name: &str) -> Option<&'static str> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_.-/".contains(c);
    let levels: Vec<&str> = name.trim_start_matches('/').split('/').collect();
    let first = levels[0].to_ascii_lowercase();
    if !name.chars().all(is_plain) {
        Some("contains characters other than letters, digits and `_.-/`")
    } else if levels.len() > 1 && !name.starts_with('/') {
        Some("contains `/`, but does not begin with `/`")
    } else if levels.iter().any(|level| level.is_empty()) || name.starts_with("//") {
        Some("has an empty hierarchy level")
    } else if levels.len() > 15 {
        Some("has more than 15 hierarchy levels")
    } else if first.starts_with("aws") || first.starts_with("ssm") {
        Some("begins with a reserved word")
    } else if name.len() > 1011 {
        Some("has more than 1011 characters")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::problem;
    use crate::ssm::{Parameter, ParameterProps};
    use crate::testing::{codes, stack};

    #[test]
    fn reports_a_name_with_a_space() {
        assert_eq!(
            codes(|app| {
                Parameter::new(&stack(app, "data"), "url", "orders/db url", "x", ParameterProps::default());
            }),
            ["MS0311"]
        );
    }

    #[test]
    fn reports_reserved_and_malformed_names() {
        for name in ["/aws/x", "/SSM-x/y", "shop/orders", "/shop//orders", "/shop/"] {
            assert!(problem(name).is_some(), "{name}");
        }
    }

    #[test]
    fn accepts_a_name_with_the_app_as_first_segment() {
        assert_eq!(
            codes(|app| {
                Parameter::new(&stack(app, "data"), "url", "orders/db-url", "x", ParameterProps::default());
            }),
            [""; 0]
        );
    }
}
