//! An exception has no effect because no finding needs it, it has expired, or it is not valid.
//!
//! # What it reports
//!
//! An exception suppresses the findings of one code at a construct and below it, or at an object or field of a
//! manifest. The rule reports a warning in these cases:
//!
//! - There is no finding of this code at the construct, object or field.
//! - The exception names a Checkov or cfn-lint check, and no resource at or below the construct has a type that the
//!   check covers.
//! - The date of a comment has passed, or the comment is not valid.
//!
//! # Why it matters
//!
//! An exception that remains after its reason is gone hides the next mistake of the same kind.
//!
//! # Fix
//!
//! Remove the exception, fix the finding that it suppressed, or set a later date.
//!
//! In a program, an exception is written `construct.allow("MS0701", "why", "2027-01-31")`. In a manifest, it is the
//! comment `# meshsynth: allow MS0802 until 2027-01-31: why`, above an object or at a field.

#[cfg(test)]
mod tests {
    use crate::testing::{codes, stack};
    use crate::{Construct, Manifest, kms};

    #[test]
    fn warns_about_an_exception_without_a_finding() {
        let with = |code: &'static str| {
            codes(move |app| {
                let data = stack(app, "data");
                kms::Key::new(&data, "key", Default::default());
                data.allow(code, "moves next year", "2027-01-31");
            })
        };
        assert_eq!(with("MS0310"), ["MS0120"]);
        assert_eq!(with("CKV_K8S_37"), ["MS0120"]);
        // The command runs some checks after the output is written, so their findings are unknown here.
        assert_eq!(with("MS1226"), [""; 0]);
        // A gate checks a change. A code that is not a built-in rule may come from a policy file.
        assert_eq!(with("data-loss"), [""; 0]);
        assert_eq!(with("ACME101"), [""; 0]);
        assert_eq!(with("CKV_AWS_7"), [""; 0]);
    }

    // The command line reads comments; its tests contain both cases.
    #[test]
    fn the_code_is_explained() {
        let code = Manifest::exception_without_effect("it ended").code;
        assert!(crate::rules::find(code).is_some_and(|rule| rule.manual().contains("allow MS0802")));
    }
}
