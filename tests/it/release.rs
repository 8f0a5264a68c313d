//! The parts of a release are consistent in the build workflow, the installer, cargo-binstall and the action.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use crate::support::root;

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|_| panic!("there is no `{path}`"))
}

/// Returns the words after a prefix, up to a character that a target name cannot contain.
fn words<'a>(text: &'a str, before: &str) -> BTreeSet<&'a str> {
    let end = |rest: &'a str| &rest[..rest.find([' ', ',', '"', '\'', '}', ']', '\n', ')', ';']).unwrap_or(rest.len())];
    text.split(before).skip(1).map(end).collect()
}

#[test]
fn every_target_that_is_built_can_be_installed() {
    let built = read(".github/workflows/release.yml");
    let built = words(&built, "- { target: ");
    assert_eq!(built.len(), 5, "{built:?}");
    let script = read("dist/install.sh");
    let page = read("docs/support.md");
    for target in &built {
        // The installer joins the processor and the rest of the target name.
        let (processor, rest) = target.split_once('-').expect("a target has parts");
        assert!(
            script.contains(&format!("-{rest}\"")) || script.contains(&format!("echo {target}")),
            "install.sh: {target}"
        );
        assert!(script.contains(&format!("processor={processor} ;;")), "install.sh: {processor}");
        assert!(page.contains(&format!("`{target}`")), "docs/support.md: {target}");
    }
    for manifest in ["crates/cli/Cargo.toml", "crates/deploy-bin/Cargo.toml"].map(read) {
        let zipped = words(&manifest, "[package.metadata.binstall.overrides.");
        assert_eq!(
            zipped,
            built.iter().copied().filter(|it| it.contains("windows")).collect(),
            "they are packed as zip"
        );
        assert!(manifest.contains("/releases/download/v{ version }/meshsynth-{ target }{ archive-suffix }\""));
        assert!(manifest.contains("bin-dir = \"meshsynth-{ target }/"));
    }
}

#[test]
fn the_action_installs_the_version_of_its_release() {
    let version = env!("CARGO_PKG_VERSION");
    for (path, line) in [
        ("action.yml", format!("    default: \"{version}\"\n")),
        (".pre-commit-hooks.yaml", format!("  entry: ghcr.io/meshsynth/meshsynth:{version} check\n")),
    ] {
        assert_eq!(read(path).matches(&line).count(), 1, "{path}");
    }
    let page = read("docs/install.md");
    for before in ["ghcr.io/meshsynth/meshsynth:", "meshsynth/meshsynth@v", "rev: v"] {
        assert_eq!(words(&page, before), BTreeSet::from([version]), "docs/install.md: {before}");
    }
}

#[test]
fn uses_the_same_commit_of_each_action() {
    let mut known: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for path in ["action.yml", "templates/ci/github.yml", ".github/workflows/ci.yml", ".github/workflows/release.yml"] {
        for line in read(path).lines().filter_map(|line| line.trim_start_matches([' ', '-']).strip_prefix("uses: ")) {
            let (name, pin) = line.split_once('@').unwrap_or_else(|| panic!("{path}: {line}"));
            let (commit, version) = pin.split_once(" # v").unwrap_or_else(|| panic!("{path}: {line}"));
            assert!(commit.len() == 40 && commit.chars().all(|c| c.is_ascii_hexdigit()), "{path}: {line}");
            assert_eq!(version.split('.').count(), 3, "{path}: {line}");
            let name: Vec<&str> = name.split('/').take(2).collect();
            known.entry(name.join("/")).or_default().insert(pin.to_owned());
        }
    }
    assert!(known.len() >= 7, "{known:?}");
    assert!(known.values().all(|pins| pins.len() == 1), "{known:#?}");
}
