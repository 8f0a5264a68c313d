//! A file that `meshsynth check` was given is not valid YAML, or cannot
//! be opened; or a text that `mesh::Manifests` was given is not valid YAML, or
//! not a manifest.
//!
//! Nothing in it can be applied, so nothing in it is checked. A key that stands
//! twice in one map counts: readers differ in what they make of it, and kubectl
//! refuses it.
//!
//! Fix the file or the text at the line that is named. Templates of Helm are not YAML: give
//! `meshsynth check -` what `helm template` prints.

#[cfg(test)]
mod tests {
    use crate::{At, Manifest};

    // The command line reads files, and `mesh::Manifests` reads texts; their tests hold both cases.
    #[test]
    fn the_code_is_explained() {
        let code = Manifest::unreadable("a key has no value", At::caller()).code;
        assert!(crate::rules::find(code).is_some_and(|rule| rule.manual().contains("YAML")));
    }
}
