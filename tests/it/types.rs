//! Misuse that the types prevent: each case must not compile, and its text is kept.

/// The cases under `tests/types/`, with the compiler's text beside each.
#[test]
fn misuse_does_not_compile() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/types/*.rs");
}
