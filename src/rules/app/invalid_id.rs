//! A construct ID has characters that names cannot have.
//!
//! # What it reports
//!
//! An ID contains characters other than lower-case letters, digits, `-` and `.`, begins with another character than a
//! letter or digit, or is too long for its names. These IDs have further rules:
//!
//! - An ID that names a Kubernetes Service or Namespace is a DNS label: at most 63 characters, no dots, and a letter or
//!   digit at the end. The ID of a Service begins with a letter.
//! - An app name has letters, digits and `-`, begins with a letter, ends with a letter or digit, and has at most 63
//!   characters.
//!
//! # Why it matters
//!
//! IDs become logical IDs, names of Kubernetes objects and folders. Other characters would have to be replaced, so two
//! IDs could become the same name. App names are part of stack names, tags and labels.
//!
//! # Fix
//!
//! Write the ID in kebab-case, such as `orders-db`. IDs are part of the contract: renaming an ID later replaces the
//! resource.

#[cfg(test)]
mod tests {
    use crate::kms::{Key, KeyProps};
    use crate::testing::{codes, stack};

    #[test]
    fn reports_an_id_with_capital_letters() {
        assert_eq!(codes(|app| drop(Key::new(&stack(app, "data"), "OrdersKey", KeyProps::default()))), ["MS0102"]);
    }

    #[test]
    fn accepts_kebab_case() {
        assert_eq!(codes(|app| drop(Key::new(&stack(app, "data"), "orders-key", KeyProps::default()))), [""; 0]);
    }
}
