//! The source of the library in a new project.

use std::fs;
use std::path::{Path, PathBuf};

use meshsynth_model::problem::Problem;

/// The source of the library.
#[derive(Debug, PartialEq)]
pub enum Library {
    /// The registry, with the version of this build.
    Version(&'static str),
    /// A clone of the repository.
    Path(PathBuf),
    /// A git repository.
    Git(String),
}

impl Library {
    /// Detects the source: a release build uses the registry, and a build in a clone uses the clone.
    pub fn detect() -> Self {
        // The release workflow sets this variable. A release does not use its build folder, which does not exist on the
        // user's machine.
        let is_release = option_env!("MESHSYNTH_RELEASE").is_some_and(|value| !value.is_empty());
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2);
        match root.filter(|root| !is_release && is_library(root)) {
            Some(root) => Self::Path(root.to_owned()),
            None => Self::Version(env!("CARGO_PKG_VERSION")),
        }
    }

    /// Returns the source that the user selects, or else the detected one.
    pub fn choose(path: Option<&Path>, git: Option<&str>, here: &Path) -> Result<Self, Problem> {
        match (path, git) {
            (Some(path), _) => Self::clone_at(&here.join(path)),
            (None, Some(url)) => Ok(Self::Git(url.to_owned())),
            (None, None) => Ok(Self::detect()),
        }
    }

    /// Returns a clone that the user selects.
    pub fn clone_at(folder: &Path) -> Result<Self, Problem> {
        let shown = folder.display();
        match folder.canonicalize() {
            Ok(full) if is_library(&full) => Ok(Self::Path(full)),
            Ok(_) => Err(Problem::setting(format!("`{shown}` is not a clone of the meshsynth repository")).help(
                "specify the folder that contains `crates/program` and a Cargo.toml with `name = \"meshsynth\"`",
            )),
            Err(error) => Err(Problem::setting(format!("cannot read `{shown}`: {error}"))
                .help("specify the folder of a clone: run `git clone` first")),
        }
    }

    /// Returns the line of a package in Cargo.toml with features, which are already quoted.
    pub fn entry_with(&self, package: &str, folder: &str, features: &[String]) -> String {
        let features = format!("features = [{}]", features.join(", "));
        match (self, self.entry(package, folder).strip_suffix(" }")) {
            (Self::Version(version), _) => format!("{package} = {{ version = \"{version}\", {features} }}"),
            (_, Some(entry)) => format!("{entry}, {features} }}"),
            (_, None) => self.entry(package, folder),
        }
    }

    /// Returns the line of a package in Cargo.toml; `folder` is its path in the repository.
    pub fn entry(&self, package: &str, folder: &str) -> String {
        match self {
            Self::Version(version) => format!("{package} = \"{version}\""),
            Self::Path(root) => format!("{package} = {{ path = {:?} }}", root.join(folder).components().as_path()),
            Self::Git(url) => format!("{package} = {{ git = {url:?} }}"),
        }
    }
}

/// Whether a folder contains the library and the package `program`.
fn is_library(root: &Path) -> bool {
    let holds = |path: &str, name: &str| {
        let text = fs::read_to_string(root.join(path)).unwrap_or_default();
        text.lines().any(|line| line.trim() == format!("name = \"{name}\""))
    };
    holds("Cargo.toml", "meshsynth") && holds("crates/program/Cargo.toml", "meshsynth-program")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn build_in_a_clone_uses_the_library_of_the_clone() {
        let Library::Path(root) = Library::detect() else { panic!("these tests run in a clone") };
        assert!(root.join("crates/program/src/lib.rs").exists());
        assert_eq!(Library::clone_at(&root).unwrap(), Library::Path(root));
    }

    #[test]
    fn rejects_folder_that_is_not_a_clone() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        assert!(
            Library::clone_at(&folder).unwrap_err().to_string().ends_with("is not a clone of the meshsynth repository")
        );
        let error = Library::clone_at(&folder.join("nowhere")).unwrap_err();
        assert!(error.to_string().starts_with("cannot read"), "{error}");
    }

    #[test]
    fn writes_dependency_lines() {
        let path = Library::Path(PathBuf::from("/src/meshsynth"));
        assert_eq!(path.entry("meshsynth", ""), "meshsynth = { path = \"/src/meshsynth\" }");
        assert_eq!(
            path.entry("meshsynth-program", "crates/program"),
            "meshsynth-program = { path = \"/src/meshsynth/crates/program\" }"
        );
        let git = Library::Git("https://git.example/meshsynth".to_owned());
        assert_eq!(git.entry("meshsynth", ""), "meshsynth = { git = \"https://git.example/meshsynth\" }");
    }
}
