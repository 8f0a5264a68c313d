//! The table `[diff]`: which gates are closed, and what may pass them until when.

use meshsynth_assembly::problem::Problem;
use meshsynth_diff::gates::{Gate, Policy};
use toml::Spanned;
use toml::de::DeValue;

use super::allow::About;
use super::reader::{Reader, entries};

impl Reader<'_> {
    /// The table `[diff]`.
    pub(super) fn policy(&self, value: &Spanned<DeValue<'_>>) -> Result<Policy, Problem> {
        let mut policy = Policy::default();
        for (key, span, value) in entries(self.table_of("diff", value)?) {
            match key {
                "deny" => policy.deny = self.gates("diff.deny", value)?,
                "allow" => policy.allow = self.allows(About::Gates, value)?,
                _ => return Err(self.unknown_key(key, span, "in `[diff]`", &["allow", "deny"])),
            }
        }
        Ok(policy)
    }

    /// A list of gates.
    pub(super) fn gates(&self, path: &str, value: &Spanned<DeValue<'_>>) -> Result<Vec<Gate>, Problem> {
        let gate = |(text, span): (String, std::ops::Range<usize>)| {
            Gate::parse(&text).map_err(|error| self.problem(span, error.text).help(error.help))
        };
        self.texts_of(path, value)?.into_iter().map(gate).collect()
    }
}
