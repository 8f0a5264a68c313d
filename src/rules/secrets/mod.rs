//! Secrets, keys and passwords.

use super::Rule;

rules! {
    "MS0112" plain_text_secret => model in "synth::check";
    "MS0312" invalid_replica_key => model;
    "MS0313" unsupported_managed_password => model;
    "MS0607" secret_in_another_region => model;
}
