//! The documentation page about mistakes quotes actual messages.

use std::fs;

/// Mistakes that need another machine or library. Tests in this crate produce their messages.
const QUOTED: [&str; 2] = ["two_versions", "doctor_no_helm"];

#[test]
fn page_of_mistakes_quotes_actual_messages() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    let page = fs::read_to_string(format!("{root}/docs/mistakes.md")).unwrap();
    for name in QUOTED {
        let snapshot = fs::read_to_string(format!("{root}/snapshots/cli/{name}.snap")).unwrap();
        let text = snapshot.splitn(3, "---\n").nth(2).unwrap();
        let said: Vec<&str> = text.lines().take_while(|line| !line.starts_with("-- ")).collect();
        assert!(
            said.len() == 2 && page.contains(&said.join("\n")),
            "docs/mistakes.md does not quote {name}: {said:#?}"
        );
    }
}
