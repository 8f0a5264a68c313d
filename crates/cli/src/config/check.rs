//! The table `[check]`: severities, namespaces and exceptions of `meshsynth check`.

pub use meshsynth_check::settings::Check;
use meshsynth_model::problem::Problem;
use toml::Spanned;
use toml::de::DeValue;

use super::allow::About;
use super::keys;
use super::reader::Reader;

impl Reader<'_> {
    /// Reads the table `[check]`.
    pub(super) fn check(&self, value: &Spanned<DeValue<'_>>) -> Result<Check, Problem> {
        let mut check = Check::default();
        for (key, span, value) in self.rows(&keys::CHECK, "check", value)? {
            match key {
                "severity" => {
                    for (code, span, value) in self.rows(&keys::CHECK_SEVERITY, "check.severity", value)? {
                        let code = self.known_code(code, span)?;
                        let path = format!("check.severity.{code}");
                        let severity = self.severity(&path, value)?;
                        check.severity.insert(code.to_owned(), severity);
                    }
                }
                "namespaces" => {
                    for (folder, _, value) in self.rows(&keys::CHECK_NAMESPACES, "check.namespaces", value)? {
                        let namespace = self.text_of(&format!("check.namespaces.\"{folder}\""), value)?;
                        let folder = folder.trim_start_matches("./").trim_end_matches('/').to_owned();
                        check.namespaces.insert(folder, namespace);
                    }
                }
                "allow" => check.allow = self.allows(About::Findings, value)?,
                _ => return Err(self.unsupported(&keys::CHECK, "check", key, span)),
            }
        }
        Ok(check)
    }

    /// Returns the code if a rule of meshsynth has it, or else an error.
    pub(super) fn known_code(&self, code: &str, span: std::ops::Range<usize>) -> Result<&'static str, Problem> {
        let rule = meshsynth::rules::find(code);
        rule.map(|rule| rule.code).ok_or_else(|| {
            let help = "list the codes with `meshsynth explain`";
            self.problem(span, format!("unknown code `{code}`")).help(help)
        })
    }
}
