//! The page of mistakes quotes what comes out.

use std::fs;

/// Mistakes that need another machine or another library: their texts come from tests here.
const QUOTED: [&str; 2] = ["two_versions", "doctor_no_helm"];

#[test]
fn the_page_of_mistakes_quotes_what_comes_out() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
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
