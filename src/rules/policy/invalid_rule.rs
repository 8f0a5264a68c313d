//! A rule of your own has a code that is not valid, or that another rule has.
//!
//! Exceptions, severities and `meshsynth explain` know a rule by its code, so each rule needs one of its own. It is left
//! out until it has one.
//!
//! A code is 2 to 12 upper-case letters and a number, such as `ACME001`. `MS` belongs to meshsynth, and one
//! letter with four digits, such as `E3012`, to cfn-lint. Where two packs use the same letters, ask the owner of one of them for others.

#[cfg(test)]
mod tests {
    use crate::App;
    use crate::policy::Rule;
    use crate::testing::diagnostics;

    fn said(rules: &[&'static str]) -> Vec<String> {
        let define = |app: &App| {
            app.rules(rules.iter().map(|code| Rule::new(code, "nothing", |_, _| {})));
        };
        diagnostics("shop", define).into_iter().map(|it| format!("{}: {}", it.code, it.message)).collect()
    }

    #[test]
    fn a_code_has_a_form_and_ms_is_taken() {
        for code in ["acme001", "ACME", "MS0001", "A1", "E3012"] {
            assert_eq!(said(&[code]), [format!("MS1101: `{code}` is not a valid code of a rule")]);
        }
    }

    #[test]
    fn two_rules_of_one_code_are_an_error_and_of_two_codes_are_fine() {
        assert_eq!(said(&["ACME001", "ACME002", "ACME001"]), ["MS1101: two rules have the code `ACME001`"]);
        assert_eq!(said(&["ACME001", "ACME002"]), [""; 0]);
    }
}
