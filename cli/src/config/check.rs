//! The table `[check]`: how findings of `meshsynth check` are judged, and which of them may pass until when.

use std::collections::BTreeMap;

use meshsynth::diag::Severity;
use meshsynth_assembly::problem::{Problem, did_you_mean};
use meshsynth_diff::day::Day;
use toml::Spanned;
use toml::de::DeValue;

use super::reader::{Reader, entries};

/// How findings are judged.
#[derive(Debug, Default, PartialEq)]
pub struct Check {
    /// The severity of a code, where it is not the usual one; none where it is not told.
    pub severity: BTreeMap<&'static str, Option<Severity>>,
    /// The namespace of objects that name none, by the folder that their files lie in.
    pub namespaces: BTreeMap<String, String>,
    /// The exceptions.
    pub allow: Vec<AllowFinding>,
}

/// A finding that may pass.
#[derive(Clone, Debug, PartialEq)]
pub struct AllowFinding {
    /// Its code.
    pub code: &'static str,
    /// The construct, such as `shop/virtualservice-orders`, or the file; `*` stands for anything.
    pub what: String,
    /// Why.
    pub reason: String,
    /// The last day.
    pub until: Day,
    /// Where it is written.
    pub place: String,
}

impl Reader<'_> {
    /// The table `[check]`.
    pub(super) fn check(&self, value: &Spanned<DeValue<'_>>) -> Result<Check, Problem> {
        let mut check = Check::default();
        for (key, span, value) in entries(self.table_of("check", value)?) {
            match key {
                "severity" => {
                    for (code, span, value) in entries(self.table_of("check.severity", value)?) {
                        let code = self.known_code(code, span)?;
                        let path = format!("check.severity.{code}");
                        let severity = self.severity(&path, value)?;
                        check.severity.insert(code, severity);
                    }
                }
                "namespaces" => {
                    for (folder, _, value) in entries(self.table_of("check.namespaces", value)?) {
                        let namespace = self.text_of(&format!("check.namespaces.\"{folder}\""), value)?;
                        let folder = folder.trim_start_matches("./").trim_end_matches('/').to_owned();
                        check.namespaces.insert(folder, namespace);
                    }
                }
                "allow" => {
                    let wanted = "a list of tables, each written as `[[check.allow]]`";
                    let array = value.get_ref().as_array();
                    let array = array.ok_or_else(|| self.wrong_type("check.allow", value, wanted))?;
                    for item in array {
                        check.allow.push(self.allow_finding(item)?);
                    }
                }
                _ => return Err(self.unknown_key(key, span, "in `[check]`", &["allow", "namespaces", "severity"])),
            }
        }
        Ok(check)
    }

    fn known_code(&self, code: &str, span: std::ops::Range<usize>) -> Result<&'static str, Problem> {
        let rule = meshsynth::rules::find(code);
        rule.map(|rule| rule.code).ok_or_else(|| {
            let help = "`meshsynth explain` lists the codes";
            self.problem(span, format!("there is no code `{code}`")).help(help)
        })
    }

    fn severity(&self, path: &str, value: &Spanned<DeValue<'_>>) -> Result<Option<Severity>, Problem> {
        let text = self.text_of(path, value)?;
        let known = [Severity::Error, Severity::Warning, Severity::Note];
        match known.into_iter().find(|severity| severity.word() == text) {
            Some(severity) => Ok(Some(severity)),
            None if text == "off" => Ok(None),
            None => {
                let help = did_you_mean(&text, &["error", "note", "off", "warning"]);
                Err(self.problem(value.span(), format!("there is no severity `{text}`")).help(help))
            }
        }
    }

    fn allow_finding(&self, item: &Spanned<DeValue<'_>>) -> Result<AllowFinding, Problem> {
        let (mut code, mut what, mut reason, mut until) = (None, None, None, None);
        for (key, span, value) in entries(self.table_of("check.allow", item)?) {
            let path = format!("check.allow.{key}");
            match key {
                "code" => {
                    let text = self.text_of(&path, value)?;
                    code = Some(self.known_code(&text, value.span())?);
                }
                "what" => what = Some(self.text_of(&path, value)?),
                "reason" => reason = Some(self.text_of(&path, value)?),
                "until" => until = Some(self.day_of(&path, value)?),
                _ => {
                    let known = ["code", "reason", "until", "what"];
                    return Err(self.unknown_key(key, span, "in `[[check.allow]]`", &known));
                }
            }
        }
        let place = self.problem(item.span(), "").place.unwrap_or_default();
        match (code, what, reason, until) {
            (Some(code), Some(what), Some(reason), Some(until)) => Ok(AllowFinding { code, what, reason, until, place }),
            _ => Err(self.problem(item.span(), "an exception of `[[check.allow]]` is not whole").help(
                "it says all of `code`, `what`, `reason` and `until`, such as `code = \"MS0802\"`, `what = \"shop/*\"`, \
                 `reason = \"the platform team defines it\"`, `until = \"2026-12-31\"`",
            )),
        }
    }
}
