//! Rules for secrets, keys and passwords.

use super::Rule;

mod hidden;

pub use hidden::{hide_in_object, hide_in_template, hide_in_values};

rules! {
    "MS0112" plain_text_secret => model in "synth::check";
    "MS0312" invalid_replica_key => model;
    "MS0313" unsupported_managed_password => model;
    "MS0607" secret_in_another_region => model;
}
