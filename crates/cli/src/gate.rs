//! Gates of the command line and the configuration.

use meshsynth::rules;
use meshsynth_diff::gates::{Gate, GateError};

/// Parses a gate. The code of each built-in rule is a gate, in any case.
pub fn parse(text: &str) -> Result<Gate, GateError> {
    Gate::parse(text, |code| rules::find(code).map(|rule| rule.code.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_codes_of_built_in_rules_only() {
        assert_eq!(parse("ms0421"), Ok(Gate::Rule("MS0421".to_owned())));
        assert!(parse("MS9999").is_err());
    }
}
