//! One key is set to two different values.
//!
//! # What it reports
//!
//! An environment variable, a label or an annotation of one construct is set twice, with two different values. Setting
//! a key again to the same value is allowed.
//!
//! # Why it matters
//!
//! A key has one value. The second value would silently replace the first, so the result would depend on the order of
//! statements in the program.
//!
//! # Fix
//!
//! Set the key once, or use another key for the second value.

#[cfg(test)]
mod tests {
    use crate::testing::{codes, workload};

    fn level(first: &str, second: &str) -> Vec<&'static str> {
        codes(|app| {
            workload(app).env("LOG_LEVEL", first).env("LOG_LEVEL", second);
        })
    }

    #[test]
    fn reports_two_values_for_one_key() {
        assert_eq!(level("info", "debug"), ["MS0108"]);
    }

    #[test]
    fn accepts_the_same_value_twice() {
        assert_eq!(level("info", "info"), [""; 0]);
    }
}
