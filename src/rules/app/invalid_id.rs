//! A construct id has characters that names cannot have.
//!
//! Ids become logical ids, names of Kubernetes objects and folders. All of
//! them take lower-case letters, digits, `-` and `.`; anything else would have
//! to be replaced, and two ids could become one name.
//!
//! What names a Service or a Namespace of Kubernetes is a DNS label besides: at
//! most 63 characters, no dots, a letter or digit at its end. An app is named
//! in stacks, tags and labels: letters, digits and `-`, at most 63.
//!
//! Write the id in kebab-case, such as `orders-db`. Ids are part of the
//! contract: renaming one later replaces the resource.

#[cfg(test)]
mod tests {
    use crate::kms::{Key, KeyProps};
    use crate::testing::{codes, stack};

    #[test]
    fn an_id_with_capitals_is_an_error() {
        assert_eq!(codes(|app| drop(Key::new(&stack(app, "data"), "OrdersKey", KeyProps::default()))), ["MS0102"]);
    }

    #[test]
    fn kebab_case_is_fine() {
        assert_eq!(codes(|app| drop(Key::new(&stack(app, "data"), "orders-key", KeyProps::default()))), [""; 0]);
    }
}
