//! Two constructs of one scope have the same id.
//!
//! # What it reports
//!
//! Two constructs with the same parent have the same ID, or two resources of one stack have the same logical ID. The
//! note shows the first definition. Equal IDs in different scopes are allowed.
//!
//! # Why it matters
//!
//! IDs form the construct path, and the path determines the logical ID and the names in Kubernetes. Two equal IDs would
//! become one resource.
//!
//! # Fix
//!
//! Give one of the constructs another ID. In a loop, include the value that differs in the ID:
//! `format!("subnet-{zone}")`.

#[cfg(test)]
mod tests {
    use crate::testing::{codes, stack};
    use crate::{Construct, kms};

    #[test]
    fn reports_two_constructs_with_the_same_id() {
        assert_eq!(codes(|app| {
            let data = stack(app, "data");
            kms::Key::new(&data, "key", kms::KeyProps::default());
            kms::Key::new(&data, "key", kms::KeyProps::default());
        }), ["MS0101"]);
    }

    #[test]
    fn accepts_the_same_id_in_different_scopes() {
        assert_eq!(codes(|app| {
            let data = stack(app, "data");
            kms::Key::new(&data.scope().construct("a"), "key", kms::KeyProps::default());
            kms::Key::new(&data.scope().construct("b"), "key", kms::KeyProps::default());
        }), [""; 0]);
    }
}
