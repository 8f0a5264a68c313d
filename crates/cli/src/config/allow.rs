//! Exceptions: the tables `[[allow]]`, `[[diff.allow]]` and `[[check.allow]]`, which share one schema.

use std::ops::Range;

use meshsynth::rules::{self, RULES};
use meshsynth_diff::day::Day;
use meshsynth_diff::gates::{Allow, WORDS};
use meshsynth_model::problem::{Problem, did_you_mean, nearest};
use toml::Spanned;
use toml::de::DeValue;

use super::keys::{self, Table};
use super::reader::Reader;

/// The kind of an exception table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum About {
    /// `[[allow]]`: gates, rules and codes of other tools.
    Everything,
    /// `[[diff.allow]]`: gates, by the key `gate`.
    Gates,
    /// `[[check.allow]]`: rules of meshsynth.
    Findings,
}

impl About {
    /// Returns the table.
    fn table(self) -> &'static Table {
        match self {
            About::Everything => &keys::ALLOW,
            About::Gates => &keys::DIFF_ALLOW,
            About::Findings => &keys::CHECK_ALLOW,
        }
    }

    /// Returns the key that names the gate or rule.
    fn key(self) -> &'static str {
        match self {
            About::Gates => "gate",
            _ => "code",
        }
    }

    /// Returns an example for help texts.
    fn example(self) -> &'static str {
        match self {
            About::Everything => {
                "specify all of `code`, `what`, `reason`, `until` and `who`, such as `code = \"data-loss\"`, `what = \
                 \"data/*\"`, `reason = \"moved by hand, see the runbook\"`, `until = \"2026-12-31\"`, `who = \
                 \"platform team\"`"
            }
            About::Gates => {
                "specify all of `gate`, `what`, `reason` and `until`, such as `gate = \"data-loss\"`, `what = \
                 \"data/*\"`, `reason = \"moved by hand, see the runbook\"`, `until = \"2026-12-31\"`"
            }
            About::Findings => {
                "specify all of `code`, `what`, `reason` and `until`, such as `code = \"MS0802\"`, `what = \
                 \"shop/*\"`, `reason = \"the platform team defines it\"`, `until = \"2026-12-31\"`"
            }
        }
    }
}

impl Reader<'_> {
    /// Reads the exceptions of a table.
    pub(super) fn allows(&self, about: About, value: &Spanned<DeValue<'_>>) -> Result<Vec<Allow>, Problem> {
        let table = about.table().path;
        let wanted = format!("a list of tables, each written as `[[{table}]]`");
        let array = value.get_ref().as_array().ok_or_else(|| self.wrong_type(table, value, &wanted))?;
        array.iter().map(|item| self.allow(about, item)).collect()
    }

    fn allow(&self, about: About, item: &Spanned<DeValue<'_>>) -> Result<Allow, Problem> {
        let table = about.table().path;
        let (mut code, mut what, mut reason, mut until, mut who) = (None, None, None, None, None);
        for (key, span, value) in self.rows(about.table(), table, item)? {
            let path = format!("{table}.{key}");
            match key {
                key if key == about.key() => {
                    code = Some(self.allowed_code(about, &self.text_of(&path, value)?, value.span())?);
                }
                "what" => what = Some(self.text_of(&path, value)?),
                "reason" => reason = Some(self.text_of(&path, value)?),
                "until" => until = Some(self.day_of(&path, value)?),
                "who" => who = Some(self.text_of(&path, value)?),
                _ => return Err(self.unsupported(about.table(), table, key, span)),
            }
        }
        let place = self.problem(item.span(), "").place.unwrap_or_default();
        let has_who = who.is_some() || about != About::Everything;
        match (code, what, reason, until) {
            (Some(code), Some(what), Some(reason), Some(until)) if has_who => {
                Ok(Allow { code, what, reason, until, who, place })
            }
            _ => {
                let text = format!("an exception in `[[{table}]]` is incomplete");
                Err(self.problem(item.span(), text).help(about.example()))
            }
        }
    }

    /// Reads a date.
    fn day_of(&self, path: &str, value: &Spanned<DeValue<'_>>) -> Result<Day, Problem> {
        let text = self.text_of(path, value)?;
        Day::parse(&text).ok_or_else(|| {
            let problem = self.problem(value.span(), format!("`{path}` is not a date: `{text}`"));
            problem.help("write it as `until = \"2026-12-31\"`")
        })
    }

    fn allowed_code(&self, about: About, text: &str, span: Range<usize>) -> Result<String, Problem> {
        match about {
            About::Findings => self.known_code(text, span).map(str::to_owned),
            About::Gates if WORDS.contains(&text) => Ok(text.to_owned()),
            About::Gates => Err(self.problem(span, format!("unknown gate `{text}`")).help(did_you_mean(text, &WORDS))),
            About::Everything => self.any_code(text, span),
        }
    }

    /// Reads a gate, the code of a rule, or a code in the form of other tools: upper-case letters and digits.
    fn any_code(&self, text: &str, span: Range<usize>) -> Result<String, Problem> {
        if WORDS.contains(&text) {
            return Ok(text.to_owned());
        }
        if let Some(rule) = rules::find(text) {
            return Ok(rule.code.to_owned());
        }
        let digits = text.trim_start_matches(|letter: char| letter.is_ascii_uppercase());
        let is_ours = text.starts_with("MS") && text.len() == digits.len() + 2;
        let is_code = text.starts_with(|first: char| first.is_ascii_uppercase())
            && text.contains(|letter: char| letter.is_ascii_digit())
            && text.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_' || letter == '-');
        if is_code && !is_ours {
            return Ok(text.to_owned());
        }
        let known = WORDS.into_iter().chain(RULES.iter().map(|rule| rule.code));
        let help = match nearest(text, known) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!(
                "use the name of a gate ({}), the code of a rule such as `MS0802` or `ACME001`, or the code of \
                 another tool such as `CKV_AWS_18`",
                WORDS.join(", ")
            ),
        };
        Err(self.problem(span, format!("unknown code `{text}`")).help(help))
    }
}
