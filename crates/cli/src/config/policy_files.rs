//! The table `[policy]`: files of policies that are written in other languages than Rust.

pub use meshsynth_check::settings::Pattern;
use meshsynth_model::problem::Problem;
use toml::Spanned;
use toml::de::DeValue;

use super::keys;
use super::reader::Reader;

/// The policy files.
#[derive(Debug, Default, PartialEq)]
pub struct PolicyFiles {
    /// Paths and patterns, relative to the folder of the configuration.
    pub patterns: Vec<Pattern>,
}

impl Reader<'_> {
    /// Reads the table `[policy]`.
    pub(super) fn policy_files(&self, value: &Spanned<DeValue<'_>>) -> Result<PolicyFiles, Problem> {
        let mut files = PolicyFiles::default();
        for (key, span, value) in self.rows(&keys::POLICY, "policy", value)? {
            match key {
                "files" => {
                    for (text, span) in self.texts_of("policy.files", value)? {
                        let place = self.problem(span, "").place.unwrap_or_default();
                        files.patterns.push(Pattern { text, place });
                    }
                }
                _ => return Err(self.unsupported(&keys::POLICY, "policy", key, span)),
            }
        }
        Ok(files)
    }
}
