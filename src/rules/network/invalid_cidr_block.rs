//! A text is not a valid CIDR block.
//!
//! A block is four numbers and the length of its prefix, such as `10.20.0.0/16`,
//! and begins at its network address. A constant is checked by the compiler
//! (`Cidr::new`); this is about one that the program reads while it runs, with
//! `Cidr::diagnosed`.
//!
//! Correct the text where it comes from.

#[cfg(test)]
mod tests {
    use crate::Cidr;
    use crate::aws::{Vpc, VpcProps};
    use crate::testing::{diagnostics, stack};

    fn said(text: &str) -> Vec<(&'static str, Option<u32>)> {
        let found = diagnostics("shop", |app| {
            let network = stack(app, "network");
            let cidr = Cidr::diagnosed(text, &network);
            Vpc::new(&network, "vpc", VpcProps { cidr, ..VpcProps::default() });
        });
        found.into_iter().map(|it| (it.code, it.place.map(|place| place.line))).collect()
    }

    #[test]
    fn a_text_that_is_no_block_is_one_error_at_its_line() {
        for text in ["", "10.20.0.1/16", "10.0.0.0", "10.0.0.0/33", "ä", "999.0.0.0/16", "10.0.0.0/16 "] {
            assert_eq!(said(text), [("MS0119", Some(19))], "{text}");
        }
    }

    #[test]
    fn a_block_is_fine() {
        assert!(said("10.20.0.0/16").is_empty());
    }
}
