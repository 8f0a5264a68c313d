//! A file or text with manifests is not valid YAML, or a file cannot be read.
//!
//! # What it reports
//!
//! The rule reports these inputs:
//!
//! - a file for `meshsynth check` that is not valid YAML, or that cannot be opened
//! - a text for `mesh::Manifests` that is not valid YAML, or that contains a document without a required field of a
//!   manifest
//!
//! A duplicate key in one map is also an error.
//!
//! # Why it matters
//!
//! Invalid YAML cannot be applied or checked. The rest of the file is not checked either. Parsers treat duplicate keys
//! differently, and kubectl rejects them.
//!
//! # Fix
//!
//! Fix the file or the text at the line that the message names. Helm templates are not YAML: pass the output of `helm
//! template` to `meshsynth check -`.

#[cfg(test)]
mod tests {
    use crate::{At, Manifest};

    // The command line reads files, and `mesh::Manifests` reads texts; their tests contain both cases.
    #[test]
    fn the_code_is_explained() {
        let code = Manifest::unreadable("a key has no value", At::caller()).code;
        assert!(crate::rules::find(code).is_some_and(|rule| rule.manual().contains("YAML")));
    }
}
