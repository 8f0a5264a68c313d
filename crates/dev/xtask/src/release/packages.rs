//! Checks the packages for the registry.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::{call, cargo};

/// The published crates, in this order.
const PUBLISHED: [&str; 20] = [
    "meshsynth-access",
    "meshsynth-model",
    "meshsynth-yaml",
    "meshsynth-facts",
    "meshsynth-cfn",
    "meshsynth-kube",
    "meshsynth-services",
    "meshsynth",
    "meshsynth-program",
    "meshsynth-template",
    "meshsynth-assembly",
    "meshsynth-adopt",
    "meshsynth-reach",
    "meshsynth-diff",
    "meshsynth-upgrade",
    "meshsynth-templates",
    "meshsynth-check",
    "meshsynth-cli",
    "meshsynth-deploy",
    "meshsynth-deploy-cli",
];
/// The number of crates that programs use, whose documentation is built.
const N_LIBRARIES: usize = 9;
/// The maximum size of a compressed package in the registry.
///
/// Source: <https://doc.rust-lang.org/cargo/reference/publishing.html>.
const MOST_BYTES: u64 = 10 << 20;

/// Creates and inspects the published packages. With `is_built`, builds each crate from its package.
pub fn run(root: &Path, target: &Path, is_built: bool) -> Result<()> {
    let copy = Copy::new(root)?;
    let mut package = cargo(root, &["package", "--quiet", "--locked"]);
    package.args(PUBLISHED.iter().flat_map(|name| ["--package", name]));
    if !is_built {
        package.args(["--no-verify", "--allow-dirty", "--offline"]);
    }
    call(&mut package)?;
    drop(copy);
    let output = cargo(root, &["metadata", "--format-version", "1", "--no-deps"]).output()?;
    let metadata: Value = serde_json::from_slice(&output.stdout).context("cargo metadata is JSON")?;
    let packages = metadata["packages"].as_array().context("cargo metadata lists packages")?;
    let mut findings = Vec::new();
    for package in packages {
        let name = package["name"].as_str().unwrap_or_default();
        match PUBLISHED.contains(&name) {
            true => findings.extend(look(target, name, package)?),
            false if package["publish"] == serde_json::json!([]) => {}
            false => findings
                .push(format!("{name}: the crate is not in the list of published crates: set `publish = false`")),
        }
    }
    for finding in &findings {
        println!("{finding}");
    }
    println!("judged: {} passed, {} failed", packages.len().saturating_sub(findings.len()), findings.len());
    if !findings.is_empty() {
        bail!("the published packages are incomplete");
    }
    Ok(())
}

/// A copy of the pages of constructs in the package of the command, which exists only during packaging.
struct Copy(PathBuf);

impl Copy {
    fn new(root: &Path) -> Result<Self> {
        let copy = Self(root.join("crates/cli/constructs"));
        fs::create_dir_all(&copy.0).with_context(|| format!("creating `{}`", copy.0.display()))?;
        for entry in fs::read_dir(root.join("docs/constructs")).context("listing `docs/constructs`")? {
            let page = entry?;
            fs::copy(page.path(), copy.0.join(page.file_name())).context("copying the pages of constructs")?;
        }
        Ok(copy)
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        // A copy that remains is ignored by git, and the next packaging replaces it.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Builds the documentation of the libraries like docs.rs.
pub fn document(root: &Path) -> Result<()> {
    let mut docs = cargo(root, &["doc", "--quiet", "--locked", "--no-deps"]);
    docs.args(PUBLISHED.iter().take(N_LIBRARIES).flat_map(|name| ["--package", name]));
    call(docs.env("RUSTDOCFLAGS", "--cfg docsrs --deny warnings"))
}

/// Returns the problems of a package: missing metadata for its registry page, wrong content, or its size.
fn look(target: &Path, name: &str, package: &Value) -> Result<Vec<String>> {
    let mut findings = Vec::new();
    for key in ["description", "license", "repository", "readme", "rust_version"] {
        if package[key].as_str().is_none_or(str::is_empty) {
            findings.push(format!("{name}: the manifest has no `{key}`"));
        }
    }
    let folder = format!("{name}-{}", package["version"].as_str().unwrap_or_default());
    let file = target.join("package").join(format!("{folder}.crate"));
    let n_bytes = fs::metadata(&file).with_context(|| format!("looking at `{}`", file.display()))?.len();
    if n_bytes > MOST_BYTES {
        findings.push(format!("{name}: the package has {n_bytes} bytes; the registry allows {MOST_BYTES}"));
    }
    let listed = Command::new("tar").arg("-tzf").arg(&file).output().context("`tar` is missing")?;
    let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
    let paths: Vec<&str> = listed.lines().filter_map(|line| line.strip_prefix(&format!("{folder}/"))).collect();
    for wanted in ["Cargo.toml", "Cargo.lock", "README.md", "LICENSE-MIT", "LICENSE-APACHE"] {
        if !paths.contains(&wanted) {
            findings.push(format!("{name}: the package has no `{wanted}`"));
        }
    }
    if name == "meshsynth-cli" && !paths.iter().any(|path| path.starts_with("constructs/")) {
        findings.push(format!("{name}: the package has no pages of constructs"));
    }
    for path in paths.iter().filter(|path| path.contains("/snapshots/") || path.ends_with(".snap.new")) {
        findings.push(format!("{name}: `{path}` is only for tests of this repository"));
    }
    Ok(findings)
}
