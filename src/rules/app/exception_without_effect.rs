//! A comment that should suppress a finding of `meshsynth check` has no effect: it has expired, matches no finding, or is not valid.
//!
//! An exception that stays after its reason has gone hides the next mistake of its kind.
//!
//! Remove the comment, fix what it suppressed, or give it another day. It is written
//! `# meshsynth: allow MS0802 until 2027-01-31: why`, above an object or at a field.

#[cfg(test)]
mod tests {
    use crate::Manifest;

    // The command line reads comments; its tests hold both cases.
    #[test]
    fn the_code_is_explained() {
        let code = Manifest::exception_without_effect("it ended").code;
        assert!(crate::rules::find(code).is_some_and(|rule| rule.manual().contains("allow MS0802")));
    }
}
