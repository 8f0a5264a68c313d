//! Rules for custom rules and for exceptions.

use super::Rule;

rules! {
    "MS1101" invalid_rule in "app";
    "MS1102" invalid_exception in "synth::exceptions", "tree::exceptions";
}
