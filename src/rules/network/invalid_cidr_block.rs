//! A text is not a valid CIDR block.
//!
//! # What it reports
//!
//! The text of `Cidr::diagnosed` is not four numbers and a prefix length, such as `10.20.0.0/16`, or does not begin at
//! its network address.
//!
//! # Why it matters
//!
//! The network cannot be defined. The compiler checks constants (`Cidr::new`). `Cidr::diagnosed` is for a text that the
//! program reads at run time.
//!
//! # Fix
//!
//! Correct the text in its source.

#[cfg(test)]
mod tests {
    use crate::Cidr;
    use crate::aws::{Vpc, VpcProps};
    use crate::testing::{diagnostics, stack};

    /// Returns the codes of the findings, and whether each has the line of the invalid text.
    fn said(text: &str) -> Vec<(&'static str, bool)> {
        let line = line!() + 3;
        let found = diagnostics("shop", |app| {
            let network = stack(app, "network");
            let cidr = Cidr::diagnosed(text, &network);
            Vpc::new(&network, "vpc", VpcProps { cidr, ..VpcProps::default() });
        });
        found.into_iter().map(|it| (it.code, it.place.is_some_and(|place| place.line == line))).collect()
    }

    #[test]
    fn reports_an_invalid_text_once_at_its_line() {
        for text in ["", "10.20.0.1/16", "10.0.0.0", "10.0.0.0/33", "ä", "999.0.0.0/16", "10.0.0.0/16 "] {
            assert_eq!(said(text), [("MS0119", true)], "{text}");
        }
    }

    #[test]
    fn accepts_a_block() {
        assert!(said("10.20.0.0/16").is_empty());
    }
}
