//! Misuse that the types prevent: each case fails to compile with the expected error text.

/// Checks the cases in `tests/types/` and the compiler output of each.
#[test]
fn misuse_does_not_compile() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/types/*.rs");
}
