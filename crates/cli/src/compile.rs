//! Compiles the programs of several apps with one call of cargo.
//!
//! `cargo run --package a` and `cargo run --package b` resolve the features of shared dependencies separately, one
//! after the other. `cargo build --package a --package b` resolves them once, so that the library is compiled only
//! once. It also compiles the programs in parallel.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::Result;
use meshsynth_model::problem::Problem;
use serde_json::Value;

use crate::config::Target;
use crate::shell::{Shell, count};
use crate::{child, library};

/// Flags that `cargo run` and `cargo build` share.
const FLAGS: [&str; 7] = ["--quiet", "-q", "--locked", "--offline", "--frozen", "--release", "-r"];

/// A program that cargo has compiled.
#[derive(Clone)]
pub struct Compiled {
    /// The path of the binary.
    pub executable: PathBuf,
    /// The folder of the package: the value of `CARGO_MANIFEST_DIR` under `cargo run`.
    pub package_dir: PathBuf,
}

/// A `cargo run` command that names a package and has only flags that `cargo build` supports.
#[derive(Debug, PartialEq)]
struct CargoRun<'a> {
    flags: Vec<&'a str>,
    package: &'a str,
}

/// Compiles the programs of several apps together with cargo; returns them by app.
///
/// Programs that cannot be joined are compiled by their own commands. A single joinable program is not compiled here.
pub fn together(shell: &Shell, targets: &[Target<'_>], folder: &Path) -> Result<BTreeMap<String, Compiled>> {
    let mut groups: BTreeMap<Vec<&str>, Vec<(&str, &str)>> = BTreeMap::new();
    for app in targets.iter().map(|target| target.app) {
        if let Some(run) = CargoRun::read(&app.run) {
            groups.entry(run.flags).or_default().push((&app.name, run.package));
        }
    }
    let mut compiled = BTreeMap::new();
    for (flags, apps) in groups {
        let mut packages: Vec<&str> = Vec::new();
        for (_, package) in &apps {
            if !packages.contains(package) {
                packages.push(package);
            }
        }
        if packages.len() > 1 {
            let programs = build(shell, &flags, &packages, folder)?;
            let found =
                apps.iter().filter_map(|(app, package)| Some(((*app).to_owned(), programs.get(*package)?.clone())));
            compiled.extend(found);
        }
    }
    Ok(compiled)
}

impl<'a> CargoRun<'a> {
    fn read(run: &'a [String]) -> Option<Self> {
        let mut words = run.iter().map(String::as_str);
        if (words.next()?, words.next()?) != ("cargo", "run") {
            return None;
        }
        let (mut flags, mut package) = (Vec::new(), None);
        while let Some(word) = words.next() {
            match word {
                "--package" | "-p" => package = Some(words.next()?),
                word if FLAGS.contains(&word) => flags.push(word),
                word => package = Some(word.strip_prefix("--package=")?),
            }
        }
        let is_name = |text: &&str| text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
        Some(Self { flags, package: package.filter(is_name)? })
    }
}

fn build(shell: &Shell, flags: &[&str], packages: &[&str], folder: &Path) -> Result<BTreeMap<String, Compiled>> {
    let mut command = Command::new("cargo");
    command.current_dir(folder).stdin(Stdio::null()).stdout(Stdio::piped());
    command.args(["build", "--bins", "--keep-going", "--message-format", "json-render-diagnostics"]).args(flags);
    command.args(packages.iter().flat_map(|package| ["--package", package]));
    let text = format!("compiling {}: {}", count(packages.len(), "program"), packages.join(", "));
    let (status, programs) = child::watch_over(shell, command, &text, read)?;
    let programs = programs.unwrap_or_default();
    if status.success() {
        return Ok(programs.into_iter().filter_map(|(package, found)| Some((package, found?))).collect());
    }
    // Because of `--keep-going`, the missing packages have an error or depend on a package that has one.
    let missing = packages.iter().filter(|package| !programs.contains_key(**package));
    let names: Vec<String> = missing.map(|package| format!("`{package}`")).collect();
    let which = match names.as_slice() {
        [first @ .., last] if !first.is_empty() => format!("the programs of {} and {last}", first.join(", ")),
        names => format!("the program of {}", names.concat()),
    };
    Err(match library::versions(folder).as_slice() {
        many @ [_, _, ..] => {
            let text = format!("{which} cannot be compiled: {}", library::clash(many));
            Problem::platform(text).help(library::CLASH_HELP)
        }
        _ => Problem::platform(format!("{which} cannot be compiled"))
            .help("the errors of cargo are above: fix the first error first, because it often causes the rest"),
    }
    .into())
}

/// Reads the binaries that cargo reports, by package. The value is `None` if a package has several.
fn read(stdout: impl Read) -> BTreeMap<String, Option<Compiled>> {
    let mut programs = BTreeMap::new();
    for line in BufReader::new(stdout).lines().map_while(Result::ok) {
        let Some((package, compiled)) = artifact(&line) else { continue };
        let known = programs.contains_key(&package);
        programs.insert(package, (!known).then_some(compiled));
    }
    programs
}

/// Reads the package and its binary from an artifact message of cargo.
///
/// Source: <https://doc.rust-lang.org/cargo/reference/external-tools.html#artifact-messages>.
fn artifact(line: &str) -> Option<(String, Compiled)> {
    let message: Value = serde_json::from_str(line).ok()?;
    let executable = message["executable"].as_str()?;
    let package_dir = Path::new(message["manifest_path"].as_str()?).parent()?;
    let compiled = Compiled { executable: executable.into(), package_dir: package_dir.to_owned() };
    Some((package_name(message["package_id"].as_str()?)?.to_owned(), compiled))
}

/// Returns the name in `path+file:///clone/stacks/shop#0.1.0` or `path+file:///clone#shop@0.1.0`.
///
/// Source: <https://doc.rust-lang.org/cargo/reference/pkgid-spec.html>.
fn package_name(id: &str) -> Option<&str> {
    let (url, fragment) = id.rsplit_once('#')?;
    match fragment.split_once('@') {
        Some((name, _)) => Some(name),
        None => url.rsplit('/').next(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        text.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn only_plain_cargo_run_with_a_package_is_joined() {
        let run = words("cargo run --quiet --package shop --locked");
        assert_eq!(CargoRun::read(&run), Some(CargoRun { flags: vec!["--quiet", "--locked"], package: "shop" }));
        assert_eq!(CargoRun::read(&words("cargo run --package=shop")).map(|run| run.package), Some("shop"));
        for other in [
            "cargo run --quiet",
            "cargo run --package shop -- loud",
            "cargo run --package shop --features all",
            "cargo +nightly run --package shop",
            "cargo run --package https://example.com#shop",
            "cargo run --package",
            "cargo build --package shop",
            "./shop",
        ] {
            assert_eq!(CargoRun::read(&words(other)), None, "{other}");
        }
    }

    #[test]
    fn reads_package_name_from_id() {
        assert_eq!(package_name("path+file:///clone/stacks/shop#0.1.0"), Some("shop"));
        assert_eq!(package_name("path+file:///clone/stacks/first#shop@0.1.0"), Some("shop"));
    }

    #[test]
    fn skips_packages_with_several_binaries() {
        let line = |package: &str, executable: &str| {
            format!(
                "{{\"reason\":\"compiler-artifact\",\"package_id\":\"path+file:///clone/{package}#0.1.0\",\
                 \"manifest_path\":\"/clone/{package}/Cargo.toml\",\"executable\":\"/target/{executable}\"}}\n"
            )
        };
        let library =
            "{\"reason\":\"compiler-artifact\",\"package_id\":\"path+file:///clone#0.1.0\",\"executable\":null}\n";
        let text = [library, &line("shop", "shop"), &line("blog", "one"), &line("blog", "two")].concat();
        let programs = read(text.as_bytes());
        assert_eq!(programs["shop"].as_ref().map(|it| it.executable.as_path()), Some(Path::new("/target/shop")));
        assert_eq!(programs["shop"].as_ref().map(|it| it.package_dir.as_path()), Some(Path::new("/clone/shop")));
        assert!(programs["blog"].is_none());
        assert_eq!(programs.len(), 2);
    }
}
