//! The table `[policy]`: the files of policies that are not written in Rust.

use meshsynth_assembly::problem::Problem;
use toml::Spanned;
use toml::de::DeValue;

use super::reader::{Reader, entries};

/// Where policies are read from.
#[derive(Debug, Default, PartialEq)]
pub struct PolicyFiles {
    /// Paths and patterns, relative to the folder of the configuration.
    pub patterns: Vec<Pattern>,
}

/// A path, in which `*` stands for anything in a name and `**` for any folders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    /// As it is written.
    pub text: String,
    /// Where it is written.
    pub place: String,
}

impl Reader<'_> {
    /// The table `[policy]`.
    pub(super) fn policy_files(&self, value: &Spanned<DeValue<'_>>) -> Result<PolicyFiles, Problem> {
        let mut files = PolicyFiles::default();
        for (key, span, value) in entries(self.table_of("policy", value)?) {
            match key {
                "files" => {
                    for (text, span) in self.texts_of("policy.files", value)? {
                        let place = self.problem(span, "").place.unwrap_or_default();
                        files.patterns.push(Pattern { text, place });
                    }
                }
                _ => return Err(self.unknown_key(key, span, "in `[policy]`", &["files"])),
            }
        }
        Ok(files)
    }
}
