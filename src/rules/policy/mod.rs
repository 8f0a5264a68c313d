//! A company's own rules, and what a program lets pass.

use super::Rule;

rules! {
    "MS1102" invalid_exception in "synth::exceptions", "tree::exceptions";
}
