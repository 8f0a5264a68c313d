//! The page that lists every construct, made from the sources.

use std::collections::BTreeMap;
use std::fs;

use crate::support::{files, root};

const HEAD: &str = "\
# Constructs

Every construct and the first sentence of its documentation. The whole of it, with fields, defaults, diagnostics and
examples, is in the documentation of the library: `cargo doc --open --package meshsynth`, or
[docs.rs](https://docs.rs/meshsynth). Below them are the typed resources, one for each type of CloudFormation
(`cfn`) and each kind of Kubernetes, Istio, KEDA and others (`kube`).

Made from the sources; a test keeps it current.
";

/// The constructs of a file, each with its first sentence.
fn constructs(text: &str) -> Vec<(String, String)> {
    let names = text.lines().filter_map(|line| line.strip_prefix("impl Construct for ")?.split([' ', '<']).next());
    names.filter_map(|name| Some((name.to_owned(), sentence(text, name)?))).collect()
}

/// The first sentence of a public type's documentation.
fn sentence(text: &str, name: &str) -> Option<String> {
    let lines: Vec<&str> = text.lines().collect();
    let begins = |line: &str| {
        let rest = line.strip_prefix("pub struct ").and_then(|rest| rest.strip_prefix(name));
        rest.is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric()))
    };
    let at = lines.iter().position(|line| begins(line))?;
    let start = lines[..at].iter().rposition(|line| !line.starts_with("///") && !line.starts_with("#["))? + 1;
    let doc = lines[start..at].iter().filter_map(|line| line.strip_prefix("///")).map(str::trim);
    let paragraph: Vec<&str> = doc.take_while(|line| !line.is_empty()).collect();
    let plain = paragraph.join(" ");
    Some(plain.split(". ").next().unwrap_or_default().trim_end_matches('.').to_owned())
}

fn page() -> String {
    let mut groups: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    for folder in ["src/aws", "src/mesh"] {
        for file in files(&root().join(folder), &["rs"]) {
            let text = fs::read_to_string(&file).expect("a source file is text");
            let path = file.strip_prefix(root().join("src")).expect("it lies there").with_extension("");
            let parts: Vec<String> = path.iter().map(|part| part.to_string_lossy().into_owned()).collect();
            let depth = if parts.len() > 2 { 2 } else { 1 };
            groups.entry(parts[..depth].join("::")).or_default().extend(constructs(&text));
        }
    }
    let mut text = HEAD.to_owned();
    for (group, mut rows) in groups.into_iter().filter(|(_, rows)| !rows.is_empty()) {
        rows.sort();
        text += &format!("\n## `{group}`\n\n| construct | what it is |\n|---|---|\n");
        for (name, sentence) in rows {
            let sentence = sentence.replace('|', "\\|").replace("](crate::", "](").replace("](super::", "](");
            text += &format!("| `{name}` | {} |\n", without_links(&sentence));
        }
    }
    text
}

/// Links of the documentation lead nowhere in the book.
fn without_links(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(start) = rest.find('[') {
        out += &rest[..start];
        rest = &rest[start + 1..];
        let end = rest.find(']').unwrap_or(rest.len());
        out += &rest[..end];
        rest = rest.get(end + 1..).unwrap_or_default();
        if let Some(target) = rest.strip_prefix('(') {
            rest = target.split_once(')').map_or("", |(_, after)| after);
        }
    }
    out + rest
}

#[test]
fn the_page_of_constructs_is_current() {
    let path = root().join("docs/constructs.md");
    let page = page();
    assert!(page.lines().count() > 60, "the sources are read wrongly: {page}");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, &page).expect("the page is written");
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    assert!(written == page, "docs/constructs.md is stale: UPDATE_DOCS=1 cargo test constructs");
}

#[test]
fn a_link_is_its_text() {
    assert_eq!(
        without_links("A node group of a [`Cluster`](super::Cluster), or [two]."),
        "A node group of a `Cluster`, or two."
    );
}
