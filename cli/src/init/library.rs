//! Where a new project takes the library from.

use std::fs;
use std::path::{Path, PathBuf};

use meshsynth_assembly::problem::Problem;

/// Where the library comes from.
#[derive(Debug, PartialEq)]
pub enum Library {
    /// The registry, in this version.
    Version(&'static str),
    /// A clone of the repository.
    Path(PathBuf),
    /// A git repository.
    Git(String),
}

impl Library {
    /// As this command came to be: a released binary takes the version of its own, one that was built in a
    /// clone takes the clone.
    pub fn detect() -> Self {
        // The release workflow sets it: a folder of the machine that built the binary says nothing here.
        let is_release = option_env!("MESHSYNTH_RELEASE").is_some_and(|value| !value.is_empty());
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent();
        match root.filter(|root| !is_release && is_library(root)) {
            Some(root) => Self::Path(root.to_owned()),
            None => Self::Version(env!("CARGO_PKG_VERSION")),
        }
    }

    /// As the user says, or as this command came to be.
    pub fn choose(path: Option<&Path>, git: Option<&str>, here: &Path) -> Result<Self, Problem> {
        match (path, git) {
            (Some(path), _) => Self::clone_at(&here.join(path)),
            (None, Some(url)) => Ok(Self::Git(url.to_owned())),
            (None, None) => Ok(Self::detect()),
        }
    }

    /// A clone that the user names.
    pub fn clone_at(folder: &Path) -> Result<Self, Problem> {
        let shown = folder.display();
        match folder.canonicalize() {
            Ok(full) if is_library(&full) => Ok(Self::Path(full)),
            Ok(_) => Err(Problem::setting(format!("`{shown}` is not a clone of meshsynth"))
                .help("name the folder whose Cargo.toml has `name = \"meshsynth\"`, with `program` in it")),
            Err(error) => Err(Problem::setting(format!("cannot look at `{shown}`: {error}"))
                .help("name the folder of a clone: `git clone` it first")),
        }
    }

    /// The line of a package with features, each in quotes.
    pub fn entry_with(&self, package: &str, folder: &str, features: &[String]) -> String {
        let features = format!("features = [{}]", features.join(", "));
        match (self, self.entry(package, folder).strip_suffix(" }")) {
            (Self::Version(version), _) => format!("{package} = {{ version = \"{version}\", {features} }}"),
            (_, Some(entry)) => format!("{entry}, {features} }}"),
            (_, None) => self.entry(package, folder),
        }
    }

    /// The line of a package in Cargo.toml; `folder` is where it lies in the repository.
    pub fn entry(&self, package: &str, folder: &str) -> String {
        match self {
            Self::Version(version) => format!("{package} = \"{version}\""),
            Self::Path(root) => format!("{package} = {{ path = {:?} }}", root.join(folder).components().as_path()),
            Self::Git(url) => format!("{package} = {{ git = {url:?} }}"),
        }
    }
}

/// Whether a folder holds the library and the package `program` beside it.
fn is_library(root: &Path) -> bool {
    let holds = |path: &str, name: &str| {
        let text = fs::read_to_string(root.join(path)).unwrap_or_default();
        text.lines().any(|line| line.trim() == format!("name = \"{name}\""))
    };
    holds("Cargo.toml", "meshsynth") && holds("program/Cargo.toml", "meshsynth-program")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_binary_of_a_clone_takes_the_clone() {
        let Library::Path(root) = Library::detect() else { panic!("these tests run in a clone") };
        assert!(root.join("program/src/lib.rs").exists());
        assert_eq!(Library::clone_at(&root).unwrap(), Library::Path(root));
    }

    #[test]
    fn a_folder_that_is_no_clone_is_refused() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        assert!(Library::clone_at(&folder).unwrap_err().to_string().ends_with("is not a clone of meshsynth"));
        let error = Library::clone_at(&folder.join("nowhere")).unwrap_err();
        assert!(error.to_string().starts_with("cannot look at"), "{error}");
    }

    #[test]
    fn entries_are_lines_of_cargo() {
        let path = Library::Path(PathBuf::from("/src/meshsynth"));
        assert_eq!(path.entry("meshsynth", ""), "meshsynth = { path = \"/src/meshsynth\" }");
        assert_eq!(
            path.entry("meshsynth-program", "program"),
            "meshsynth-program = { path = \"/src/meshsynth/program\" }"
        );
        let git = Library::Git("https://git.example/meshsynth".to_owned());
        assert_eq!(git.entry("meshsynth", ""), "meshsynth = { git = \"https://git.example/meshsynth\" }");
    }
}
