//! Two constructs of one scope have the same id.
//!
//! Ids make the path, and the path makes the logical id and the names in
//! Kubernetes; two equal ids would be one resource.
//!
//! Give one of them another id. In a loop, put what differs into the id:
//! `format!("subnet-{zone}")`.

#[cfg(test)]
mod tests {
    use crate::testing::{codes, stack};
    use crate::{Construct, kms};

    #[test]
    fn two_keys_of_one_id_are_an_error() {
        assert_eq!(codes(|app| {
            let data = stack(app, "data");
            kms::Key::new(&data, "key", kms::KeyProps::default());
            kms::Key::new(&data, "key", kms::KeyProps::default());
        }), ["MS0101"]);
    }

    #[test]
    fn equal_ids_in_two_scopes_are_fine() {
        assert_eq!(codes(|app| {
            let data = stack(app, "data");
            kms::Key::new(&data.scope().construct("a"), "key", kms::KeyProps::default());
            kms::Key::new(&data.scope().construct("b"), "key", kms::KeyProps::default());
        }), [""; 0]);
    }
}
