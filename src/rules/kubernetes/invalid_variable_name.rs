//! An environment variable has a name that no variable has.
//!
//! The API server refuses a `ConfigMap` with a key such as `ORDERS URL`, and pods start without a variable whose name begins
//! with a digit.
//!
//! Use letters, digits and `_`, and begin with a letter.
//!
//! Source: <https://kubernetes.io/docs/tasks/inject-data-application/define-environment-variable-container/>

#[cfg(test)]
mod tests {
    use crate::testing::{codes, workload};

    fn codes_of(key: &'static str) -> Vec<&'static str> {
        codes(|app| {
            workload(app).env(key, "x");
        })
    }

    #[test]
    fn a_name_with_a_space_or_a_digit_first_is_an_error() {
        for key in ["", "ORDERS URL", "1ST", "größe"] {
            assert_eq!(codes_of(key), ["MS0451"], "{key}");
        }
    }

    #[test]
    fn names_as_frameworks_have_them_are_fine() {
        for key in ["ORDERS_URL", "spring.datasource.url", "_X"] {
            assert_eq!(codes_of(key), [""; 0], "{key}");
        }
    }
}
