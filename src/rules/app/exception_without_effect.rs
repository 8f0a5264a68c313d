//! An exception has no effect: no finding needs it, it has expired, or it is not valid.
//!
//! An exception that stays after its reason has gone hides the next mistake of its kind.
//!
//! Remove it, fix what it let pass, or give it another day. In a program it is written
//! `construct.allow("MS0701", "why", "2027-01-31")`; in a manifest it is the comment
//! `# meshsynth: allow MS0802 until 2027-01-31: why`, above an object or at a field.

#[cfg(test)]
mod tests {
    use crate::testing::{codes, stack};
    use crate::{Construct, Manifest, kms};

    #[test]
    fn an_exception_that_nothing_needs_is_a_warning() {
        let with = |code: &'static str| {
            codes(move |app| {
                let data = stack(app, "data");
                kms::Key::new(&data, "key", Default::default());
                data.allow(code, "moves next year", "2027-01-31");
            })
        };
        assert_eq!(with("MS0310"), ["MS0120"]);
        assert_eq!(with("CKV_K8S_37"), ["MS0120"]);
        // What the command finds once the output is written, it alone knows.
        assert_eq!(with("MS1226"), [""; 0]);
        // A gate judges a change, and a rule that is not here may be a policy file.
        assert_eq!(with("data-loss"), [""; 0]);
        assert_eq!(with("ACME101"), [""; 0]);
        assert_eq!(with("CKV_AWS_7"), [""; 0]);
    }

    // The command line reads comments; its tests hold both cases.
    #[test]
    fn the_code_is_explained() {
        let code = Manifest::exception_without_effect("it ended").code;
        assert!(crate::rules::find(code).is_some_and(|rule| rule.manual().contains("allow MS0802")));
    }
}
