//! A custom rule has an invalid code, or the code of another rule.
//!
//! # What it reports
//!
//! A valid code is 2 to 12 upper-case letters and a number, such as `ACME001`. The prefix `MS` is reserved for
//! meshsynth. One letter with four digits, such as `E3012`, is reserved for cfn-lint. Two rules must not have the same
//! code.
//!
//! # Why it matters
//!
//! Exceptions, severities and `meshsynth explain` identify a rule by its code. A rule with an invalid or duplicate code
//! does not run.
//!
//! # Fix
//!
//! Give each rule a unique code. If two rule packs use the same letters, ask the owner of one pack to change them.

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
    fn rejects_invalid_codes_and_the_prefix_ms() {
        for code in ["acme001", "ACME", "MS0001", "A1", "E3012"] {
            assert_eq!(said(&[code]), [format!("MS1101: `{code}` is not a valid rule code")]);
        }
    }

    #[test]
    fn reports_two_rules_with_one_code() {
        assert_eq!(said(&["ACME001", "ACME002", "ACME001"]), ["MS1101: two rules have the code `ACME001`"]);
        assert_eq!(said(&["ACME001", "ACME002"]), [""; 0]);
    }
}
