//! The hand-written parts of `meshsynth::kube`: the trait of kinds, and fields with a number or text.

mod int_or_string;

pub use crate::kind::Kind;
pub use int_or_string::IntOrString;
