//! One key is set to two different values.
//!
//! Environment variables, labels and annotations have one value; the second
//! would silently replace the first, depending on the order of the program.
//!
//! Set it once. Setting it again to the same value is fine.

#[cfg(test)]
mod tests {
    use crate::testing::{codes, workload};

    fn level(first: &str, second: &str) -> Vec<&'static str> {
        codes(|app| {
            workload(app).env("LOG_LEVEL", first).env("LOG_LEVEL", second);
        })
    }

    #[test]
    fn two_values_for_one_key_are_an_error() {
        assert_eq!(level("info", "debug"), ["MS0108"]);
    }

    #[test]
    fn the_same_value_twice_is_fine() {
        assert_eq!(level("info", "info"), [""; 0]);
    }
}
