//! The programs of the machine: Rust, git, helm.

use std::path::Path;
use std::process::{Command, Stdio};

use meshsynth_model::problem::list;

use super::finding::Finding;
use crate::config::Config;

/// Checks the Rust toolchain, if an app is built with cargo.
pub fn toolchain(here: &Path, config: Option<&Config>) -> Option<Finding> {
    let is_cargo = |run: &[String]| run.first().is_some_and(|program| program == "cargo");
    if config.is_some_and(|config| !config.apps.iter().any(|app| is_cargo(&app.run))) {
        return None;
    }
    let wanted = env!("CARGO_PKG_RUST_VERSION");
    // The folder of the project may pin its own toolchain.
    let (cargo, rustc) = (version(here, "cargo", &["--version"]), version(here, "rustc", &["--version"]));
    Some(match (cargo, rustc) {
        (Some(cargo), Some(rustc)) => match number(&rustc) {
            Some(number) if number < parts(wanted) => Finding::wrong(
                "toolchain",
                format!("{rustc} is installed, but the library requires {wanted} or later"),
                "run `rustup update stable`; a `rust-toolchain.toml` in the project may select an older version",
            ),
            Some(_) => Finding::good("toolchain", format!("{cargo}, {rustc}")),
            None => Finding::doubtful(
                "toolchain",
                format!("`{rustc}` does not contain a version"),
                "reinstall Rust with rustup",
            ),
        },
        (None, _) => Finding::wrong(
            "toolchain",
            "`cargo` is not installed",
            "install Rust: <https://rustup.rs>, then open a new shell",
        ),
        (_, None) => Finding::wrong(
            "toolchain",
            "`rustc` is not installed",
            "install Rust: <https://rustup.rs>, then open a new shell",
        ),
    })
}

/// Checks Git, which `diff` uses to read the old side.
pub fn git(here: &Path) -> Finding {
    match version(here, "git", &["--version"]) {
        None => Finding::doubtful(
            "git",
            "`git` is not installed",
            "install git; without git, `meshsynth diff` compares only folders, specified with `--base`",
        ),
        Some(version) if call(here, "git", &["rev-parse", "--verify", "--quiet", "HEAD"]).is_none() => {
            Finding::doubtful(
                "git",
                format!("{version}; the project is not in a repository, or has no commit"),
                "run `git init && git add . && git commit`: `meshsynth diff` compares with the committed output",
            )
        }
        Some(version) => Finding::good("git", version),
    }
}

/// Checks Helm, if a platform has Helm releases.
pub fn helm(needed_by: &[String]) -> Option<Finding> {
    let names: Vec<&str> = needed_by.iter().map(String::as_str).collect();
    if names.is_empty() {
        return None;
    }
    Some(match call(Path::new("."), "helm", &["version", "--short"]) {
        None => Finding::wrong(
            "helm",
            format!("`helm` is not installed, but {} requires it for its releases", list(&names)),
            "install Helm 3 or 4: <https://helm.sh/docs/intro/install/>",
        ),
        Some(text) => match number(&text) {
            Some(number) if number >= (3, 0) => Finding::good("helm", text),
            _ => Finding::wrong(
                "helm",
                format!("`helm` is {text}"),
                "install Helm 3 or 4: <https://helm.sh/docs/intro/install/>",
            ),
        },
    })
}

/// Returns the version line of a program.
fn version(here: &Path, program: &str, args: &[&str]) -> Option<String> {
    let text = call(here, program, args)?;
    // Remove the commit and the date, such as ` (a1b2c3 2026-01-01)`.
    Some(text.split(" (").next().unwrap_or(&text).to_owned())
}

/// Returns the first line of stdout if the program runs and succeeds.
fn call(here: &Path, program: &str, args: &[&str]) -> Option<String> {
    let output = Command::new(program).args(args).current_dir(here).stdin(Stdio::null()).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout);
    output.status.success().then(|| text.lines().next().unwrap_or_default().trim().to_owned())
}

/// Returns the major and minor version in a text such as `rustc 1.95.0`.
fn number(text: &str) -> Option<(u32, u32)> {
    let version = text.split_whitespace().map(|word| word.trim_start_matches('v'));
    version.into_iter().find(|word| word.starts_with(|c: char| c.is_ascii_digit())).map(parts)
}

fn parts(version: &str) -> (u32, u32) {
    let mut numbers = version.split('.').map(|part| part.parse().unwrap_or(0));
    (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_versions_from_program_output() {
        assert_eq!(number("rustc 1.95.0"), Some((1, 95)));
        assert_eq!(number("v4.1.4+gabc"), Some((4, 1)));
        assert_eq!(number("rustc 1.96.0-nightly"), Some((1, 96)));
        assert_eq!(number("unknown"), None);
        assert!(parts("1.100") > parts("1.95"));
    }
}
