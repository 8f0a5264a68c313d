//! A company's own rules, and what a program lets pass.

use super::Rule;

rules! {
    "MS1101" invalid_rule in "app";
    "MS1102" invalid_exception in "synth::exceptions", "tree::exceptions";
}
