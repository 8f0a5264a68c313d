//! Rust as text, as a person writes it.

use quote::ToTokens;

/// A type or another piece of syntax, without the spaces that the printer of tokens puts everywhere.
pub fn of(tokens: &impl ToTokens) -> String {
    let mut text = tokens.to_token_stream().to_string().replace('\n', " ");
    const PAIRS: &[(&str, &str)] = &[
        (" :: ", "::"),
        (":: ", "::"),
        (" ::", "::"),
        (" < ", "<"),
        ("< ", "<"),
        (" <", "<"),
        (" >", ">"),
        (" ,", ","),
        ("& ", "&"),
        (" ;", ";"),
        ("( ", "("),
        (" )", ")"),
        ("Fn (", "Fn("),
        ("FnOnce (", "FnOnce("),
        (">>", "> >"),
        ("> >", ">>"),
        ("->(", "-> ("),
    ];
    for (from, to) in PAIRS {
        text = text.replace(from, to);
    }
    text
}
