//! Rust syntax as formatted text.

use quote::ToTokens;

/// Formats a type or another syntax element without the additional spaces of the token printer.
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
