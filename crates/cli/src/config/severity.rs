//! The tables `[severity]` and `[severity.<environment>]`: the severities of rules.

use std::collections::BTreeMap;
use std::ops::Range;

use meshsynth::diag::Severity;
use meshsynth::rules::{self, RULES};
use meshsynth_check::settings::ByCode;
use meshsynth_diff::gates::is_company_code;
use meshsynth_model::problem::{Problem, did_you_mean, nearest};
use toml::Spanned;
use toml::de::DeValue;

use super::keys;
use super::reader::Reader;

/// The severities of rules, for all environments and for each environment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Severities {
    /// The severities in every environment.
    pub all: ByCode,
    /// The severities that differ in one environment.
    pub environments: BTreeMap<String, ByCode>,
}

impl Severities {
    /// Returns the effective severities in an environment.
    pub fn of(&self, environment: Option<&str>) -> ByCode {
        let mut out = self.all.clone();
        out.extend(environment.and_then(|name| self.environments.get(name)).cloned().unwrap_or_default());
        out
    }

    /// Returns the value of `MESHSYNTH_SEVERITY` for a program, such as `ACME001=warning,MS0421=off`. Returns `None` if
    /// no severity is configured.
    pub fn variable(&self, environment: Option<&str>) -> Option<String> {
        let of = self.of(environment);
        let pairs: Vec<String> = of.iter().map(|(code, severity)| format!("{code}={}", word(*severity))).collect();
        (!pairs.is_empty()).then(|| pairs.join(","))
    }
}

/// Returns the word for a severity in the configuration.
pub fn word(severity: Option<Severity>) -> &'static str {
    severity.map_or("off", Severity::word)
}

impl Reader<'_> {
    /// Reads the table `[severity]`; `environments` are those of all apps.
    pub(super) fn severities(
        &self,
        value: &Spanned<DeValue<'_>>,
        environments: &[&str],
    ) -> Result<Severities, Problem> {
        let mut severities = Severities::default();
        for (key, span, value) in self.rows(&keys::SEVERITY, "severity", value)? {
            if value.get_ref().as_table().is_none() {
                let (code, severity) = self.severity_of(key, span, &format!("severity.{key}"), value)?;
                severities.all.insert(code, severity);
                continue;
            }
            if !environments.contains(&key) {
                let problem = self.problem(span, format!("no app has an environment `{key}`"));
                return Err(problem.help(did_you_mean(key, environments)));
            }
            let table = format!("severity.{key}");
            let mut rows = ByCode::new();
            for (code, span, value) in self.rows(&keys::SEVERITY_OF_ENVIRONMENT, &table, value)? {
                let (code, severity) = self.severity_of(code, span, &format!("{table}.{code}"), value)?;
                rows.insert(code, severity);
            }
            severities.environments.insert(key.to_owned(), rows);
        }
        Ok(severities)
    }

    fn severity_of(
        &self,
        code: &str,
        span: Range<usize>,
        path: &str,
        value: &Spanned<DeValue<'_>>,
    ) -> Result<(String, Option<Severity>), Problem> {
        let code = match rules::find(code) {
            Some(rule) if rule.is_judgement() => rule.code.to_owned(),
            Some(rule) => {
                let text = format!(
                    "the severity of `{}` cannot be changed, because its findings make the output invalid",
                    rule.code
                );
                return Err(self
                    .problem(span, text)
                    .help(format!("see `meshsynth explain {}` for the fix", rule.code)));
            }
            None if is_company_code(code) => code.to_owned(),
            None => {
                let help = match nearest(code, RULES.iter().map(|rule| rule.code)) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "list the codes with `meshsynth explain`; codes of your own rules have the form `ACME001`"
                        .to_owned(),
                };
                return Err(self.problem(span, format!("unknown code `{code}`")).help(help));
            }
        };
        Ok((code, self.severity(path, value)?))
    }

    /// Reads a severity or `off`.
    pub(super) fn severity(&self, path: &str, value: &Spanned<DeValue<'_>>) -> Result<Option<Severity>, Problem> {
        let text = self.text_of(path, value)?;
        let known = [Severity::Error, Severity::Warning, Severity::Note];
        match known.into_iter().find(|severity| severity.word() == text) {
            Some(severity) => Ok(Some(severity)),
            None if text == "off" => Ok(None),
            None => {
                let help = did_you_mean(&text, &["error", "note", "off", "warning"]);
                Err(self.problem(value.span(), format!("unknown severity `{text}`")).help(help))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn environment_overrides_default() {
        let mut severities = Severities::default();
        assert_eq!(severities.variable(Some("production")), None);
        severities.all.insert("MS0421".to_owned(), None);
        severities.all.insert("ACME001".to_owned(), Some(Severity::Warning));
        let production = ByCode::from([("ACME001".to_owned(), Some(Severity::Error))]);
        severities.environments.insert("production".to_owned(), production);
        assert_eq!(severities.variable(Some("staging")).unwrap(), "ACME001=warning,MS0421=off");
        assert_eq!(severities.variable(Some("production")).unwrap(), "ACME001=error,MS0421=off");
        assert_eq!(severities.variable(None).unwrap(), "ACME001=warning,MS0421=off");
    }
}
