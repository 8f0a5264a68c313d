//! The table `[diff]`: which gates are closed, and what may pass them until when.

use meshsynth_assembly::problem::{Problem, did_you_mean};
use meshsynth_diff::day::Day;
use meshsynth_diff::gates::{Allow, Gate, Policy};
use toml::Spanned;
use toml::de::DeValue;

use super::reader::{Reader, entries};

impl Reader<'_> {
    /// The table `[diff]`.
    pub(super) fn policy(&self, value: &Spanned<DeValue<'_>>) -> Result<Policy, Problem> {
        let mut policy = Policy::default();
        for (key, span, value) in entries(self.table_of("diff", value)?) {
            match key {
                "deny" => {
                    for (text, span) in self.texts_of("diff.deny", value)? {
                        policy.deny.push(self.gate(&text, span)?);
                    }
                }
                "allow" => {
                    let wanted = "a list of tables, each written as `[[diff.allow]]`";
                    let array = value.get_ref().as_array();
                    let array = array.ok_or_else(|| self.wrong_type("diff.allow", value, wanted))?;
                    for item in array {
                        policy.allow.push(self.allow(item)?);
                    }
                }
                _ => return Err(self.unknown_key(key, span, "in `[diff]`", &["allow", "deny"])),
            }
        }
        Ok(policy)
    }

    /// A day of the calendar.
    pub(super) fn day_of(&self, path: &str, value: &Spanned<DeValue<'_>>) -> Result<Day, Problem> {
        let text = self.text_of(path, value)?;
        Day::parse(&text).ok_or_else(|| {
            let problem = self.problem(value.span(), format!("`{path}` is not a day: `{text}`"));
            problem.help("write it as `until = \"2026-12-31\"`")
        })
    }

    fn gate(&self, text: &str, span: std::ops::Range<usize>) -> Result<Gate, Problem> {
        Gate::ALL.into_iter().find(|gate| gate.word() == text).ok_or_else(|| {
            let known = Gate::ALL.map(Gate::word);
            self.problem(span, format!("there is no gate `{text}`")).help(did_you_mean(text, &known))
        })
    }

    fn allow(&self, item: &Spanned<DeValue<'_>>) -> Result<Allow, Problem> {
        let (mut gate, mut what, mut reason, mut until) = (None, None, None, None);
        for (key, span, value) in entries(self.table_of("diff.allow", item)?) {
            let path = format!("diff.allow.{key}");
            match key {
                "gate" => gate = Some(self.gate(&self.text_of(&path, value)?, value.span())?),
                "what" => what = Some(self.text_of(&path, value)?),
                "reason" => reason = Some(self.text_of(&path, value)?),
                "until" => until = Some(self.day_of(&path, value)?),
                _ => {
                    let known = ["gate", "reason", "until", "what"];
                    return Err(self.unknown_key(key, span, "in `[[diff.allow]]`", &known));
                }
            }
        }
        let place = self.problem(item.span(), "").place.unwrap_or_default();
        match (gate, what, reason, until) {
            (Some(gate), Some(what), Some(reason), Some(until)) => Ok(Allow { gate, what, reason, until, place }),
            _ => Err(self.problem(item.span(), "an exception of `[[diff.allow]]` is not whole").help(
                "it says all of `gate`, `what`, `reason` and `until`, such as `gate = \"data-loss\"`, `what = \"data/*\"`, \
                 `reason = \"moved by hand, see the runbook\"`, `until = \"2026-12-31\"`",
            )),
        }
    }
}
