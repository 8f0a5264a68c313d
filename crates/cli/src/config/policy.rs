//! The table `[diff]`: closed gates, and temporary exceptions.

use meshsynth_diff::gates::{Gate, Policy};
use meshsynth_model::problem::Problem;
use toml::Spanned;
use toml::de::DeValue;

use super::allow::About;
use super::keys;
use super::reader::Reader;
use crate::gate;

impl Reader<'_> {
    /// Reads the table `[diff]`.
    pub(super) fn policy(&self, value: &Spanned<DeValue<'_>>) -> Result<Policy, Problem> {
        let mut policy = Policy::default();
        for (key, span, value) in self.rows(&keys::DIFF, "diff", value)? {
            match key {
                "deny" => policy.deny.extend(self.gates("diff.deny", value)?),
                "mass-delete" | "regions-at-once" => {
                    policy.deny.push(self.limit(&format!("diff.{key}"), key, value)?)
                }
                "allow" => policy.allow = self.allows(About::Gates, value)?,
                _ => return Err(self.unsupported(&keys::DIFF, "diff", key, span)),
            }
        }
        Ok(policy)
    }

    /// Reads a list of gates.
    pub(super) fn gates(&self, path: &str, value: &Spanned<DeValue<'_>>) -> Result<Vec<Gate>, Problem> {
        let gate = |(text, span): (String, std::ops::Range<usize>)| {
            gate::parse(&text).map_err(|error| self.problem(span, error.text).help(error.help))
        };
        self.texts_of(path, value)?.into_iter().map(gate).collect()
    }

    /// Reads a gate whose limit is the value of a key: `mass-delete = "5%"`, `regions-at-once = 1`.
    pub(super) fn limit(&self, path: &str, word: &str, value: &Spanned<DeValue<'_>>) -> Result<Gate, Problem> {
        let limit = match value.get_ref() {
            DeValue::Integer(number) => number.to_string(),
            _ => self.text_of(path, value)?,
        };
        gate::parse(&format!("{word}={limit}")).map_err(|error| self.problem(value.span(), error.text).help(error.help))
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    fn gates(table: &str) -> Result<Vec<String>, String> {
        let text = format!("[apps.shop]\nrun = [\"a\"]\n[diff]\n{table}");
        let config = Reader { file: "meshsynth.toml", text: &text }.config(PathBuf::from("/project"));
        let gates = config.map_err(|problem| problem.to_string())?.policy.deny;
        Ok(gates.iter().map(Gate::to_string).collect())
    }

    #[test]
    fn reads_limit_from_key_or_from_gate() {
        let expected = ["public", "mass-delete=5%", "regions-at-once=1"].map(str::to_owned);
        let keys = gates("deny = ['public']\nmass-delete = '5%'\nregions-at-once = 1").unwrap();
        assert_eq!(keys, expected);
        assert_eq!(gates("deny = ['public', 'mass-delete=5%', 'regions-at-once=1']").unwrap(), expected);
        assert_eq!(gates("mass-delete = 20").unwrap(), ["mass-delete=20"]);
        assert_eq!(gates("mass-delete = 'much'").unwrap_err(), "the limit in `mass-delete=much` is not valid");
        assert_eq!(gates("regions-at-once = 0").unwrap_err(), "the limit in `regions-at-once=0` is not valid");
    }
}
