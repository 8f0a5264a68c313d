//! The supported versions in docs/support.md, generated from the facts and the manifests.
//!
//! `UPDATE_DOCS=1 cargo test --test it versions` writes them.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;

use meshsynth::facts::versions::eks::{self, Support};
use meshsynth::mesh::ISTIO_VERSION;

use crate::support::root;

const PAGE: &str = "docs/support.md";

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|_| panic!("there is no `{path}`"))
}

/// Returns the text between `key = "` and `"`.
fn value(text: &str, key: &str) -> String {
    let rest = text.split(&format!("\n{key} = \"")).nth(1).unwrap_or_else(|| panic!("there is no `{key}`"));
    rest.split('"').next().unwrap_or_default().to_owned()
}

fn rust() -> String {
    let rust = value(&read("Cargo.toml"), "rust-version");
    format!("Rust {rust} or newer.\n")
}

/// The number of EKS versions in the page.
const N_LISTED: usize = 9;

fn kubernetes() -> String {
    let mut text = "| version | standard support until | extended support until |\n|---|---|---|\n".to_owned();
    for release in &eks::calendar().releases[..N_LISTED] {
        let (version, standard, extended) =
            (release.cycle, release.until.unwrap_or("–"), release.extended.unwrap_or("–"));
        let note = match eks::support(version) {
            _ if version == eks::DEFAULT => " (default)",
            Support::Standard(_) => "",
            Support::Extended(_) => ": a warning, because extended support costs extra",
            _ => ": an error, because EKS no longer supports it",
        };
        let _ = writeln!(text, "| {version}{note} | {standard} | {extended} |");
    }
    let _ = writeln!(text, "\nJudged on {}.", eks::JUDGED_ON);
    text
}

/// Returns the sources in the first lines of the schemas, such as `istio-1.30.3`, as name and version.
fn sources() -> BTreeMap<String, String> {
    let files = fs::read_dir(root().join("crates/facts/schema/kubernetes")).expect("there are schemas").flatten();
    let first = files.map(|file| read(&file.path().strip_prefix(root()).expect("it is below").to_string_lossy()));
    let mut found = BTreeMap::new();
    for text in first {
        let head = text.lines().next().unwrap_or_default().to_owned();
        let head: serde_json::Value = serde_json::from_str(&head).expect("the first line is JSON");
        for source in head["sources"].as_array().expect("it names its sources") {
            let source = source.as_str().expect("a source is a text").trim_end_matches("-standard");
            let (name, version) = source.rsplit_once(['-', ' ']).expect("a source has a version");
            let old = found.insert(name.to_owned(), version.to_owned());
            assert!(old.is_none_or(|old| old == version), "two versions of {name}");
        }
    }
    found
}

fn kinds() -> String {
    let sources = sources();
    let mut text = "| software | version | kinds from |\n|---|---|---|\n".to_owned();
    for (name, shown) in [
        ("istio", "Istio"),
        ("keda", "KEDA"),
        ("argo-rollouts", "Argo Rollouts"),
        ("prometheus-operator", "Prometheus Operator"),
        ("gateway-api", "Gateway API, standard channel"),
    ] {
        let _ = writeln!(text, "| {shown} | {} | its CRDs |", sources[name]);
    }
    for (name, shown) in [
        ("external-secrets", "External Secrets"),
        ("cert-manager", "cert-manager"),
        ("argo-cd", "Argo CD"),
        ("flux-cd", "Flux"),
    ] {
        let package = format!("@kubernetes-models/{name}");
        let version = &sources[&format!("npm {package}")];
        let _ = writeln!(text, "| {shown} | that of the package | npm `{package}` {version} |");
    }
    text
}

#[test]
fn the_support_page_is_up_to_date() {
    let mut text = read(PAGE);
    let before = text.clone();
    for (name, made) in [("rust", rust()), ("kubernetes", kubernetes()), ("kinds", kinds())] {
        let (begin, end) =
            (format!("<!-- versions {name}: made by tests/it/versions.rs -->\n"), format!("<!-- /versions {name} -->"));
        let (head, rest) = text.split_once(&begin).unwrap_or_else(|| panic!("{PAGE} has no place for {name}"));
        let (_, tail) = rest.split_once(&end).unwrap_or_else(|| panic!("the place of {name} does not end"));
        text = format!("{head}{begin}\n{made}\n{end}{tail}");
    }
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(root().join(PAGE), text).expect("the page is written");
        return;
    }
    assert!(text == before, "{PAGE} is stale: UPDATE_DOCS=1 cargo test --test it versions");
}

#[test]
fn installed_versions_equal_checked_versions() {
    let sources = sources();
    assert_eq!(sources["istio"], ISTIO_VERSION);
    assert_eq!(sources["Kubernetes"], eks::DEFAULT);
    let charts = read("src/mesh/addons/keda.rs");
    assert!(charts.contains(&format!("const VERSION: &str = \"{}\";", sources["keda"])), "KEDA {}", sources["keda"]);
}

#[test]
fn pages_state_the_required_rust_version() {
    let rust = value(&read("Cargo.toml"), "rust-version");
    for page in ["README.md", "docs/getting-started.md", "docs/install.md"] {
        let text = read(page);
        let named: Vec<&str> = text.split("Rust ").skip(1).filter(|it| it.starts_with("1.")).collect();
        assert!(!named.is_empty(), "{page} names no version of Rust");
        assert!(named.iter().all(|it| it.starts_with(&format!("{rust} "))), "{page}: want Rust {rust}");
    }
}
