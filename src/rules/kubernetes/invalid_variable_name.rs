//! The name of an environment variable is not valid.
//!
//! # What it reports
//!
//! A name contains characters other than letters, digits, `_`, `-` and `.`, begins with a digit, or is empty.
//!
//! # Why it matters
//!
//! The API server rejects a `ConfigMap` with a key such as `ORDERS URL`. A variable whose name begins with a digit is
//! missing in the pods.
//!
//! # Fix
//!
//! Use letters, digits and `_`, and begin with a letter, such as `QUEUE_URL`.
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
    fn reports_a_name_that_contains_a_space_or_starts_with_a_digit() {
        for key in ["", "ORDERS URL", "1ST", "größe"] {
            assert_eq!(codes_of(key), ["MS0451"], "{key}");
        }
    }

    #[test]
    fn accepts_names_that_frameworks_use() {
        for key in ["ORDERS_URL", "spring.datasource.url", "_X"] {
            assert_eq!(codes_of(key), [""; 0], "{key}");
        }
    }
}
