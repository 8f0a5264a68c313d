//! Evaluates the end dates of exceptions from programs and from the configuration.

use std::path::Path;

use meshsynth::diag::Diagnostic;
use meshsynth_assembly::Exception;
use meshsynth_diff::day::Day;
use meshsynth_diff::gates::{Allow, is_company_code};

/// The number of days before its end at which an exception is reported.
const SOON: i64 = 14;

/// The remaining term of an exception.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Term {
    /// The last day is past or is not a valid date.
    Ended,
    /// The exception ends in this number of days.
    Soon(i64),
    /// The exception ends later.
    Later,
}

impl Term {
    /// Returns the remaining term of an exception from its last day.
    pub fn of(until: &str, today: Day) -> Self {
        match Day::parse(until).map(|until| today.days_to(until)) {
            Some(days) if days > SOON => Term::Later,
            Some(days) if days >= 0 => Term::Soon(days),
            _ => Term::Ended,
        }
    }
}

/// Returns the findings without a valid exception. A finding whose exception has ended gets a note about it.
pub fn counting(found: Vec<Diagnostic>, today: Day) -> Vec<Diagnostic> {
    let counts = |mut finding: Diagnostic| {
        let Some(allowed) = finding.allowed.take() else { return Some(finding) };
        let ended = format!("its exception expired on {} ({}): {}", allowed.until, allowed.source, allowed.reason);
        (Term::of(&allowed.until, today) == Term::Ended).then(|| finding.note(ended))
    };
    found.into_iter().filter_map(counts).collect()
}

/// Removes ended exceptions from findings, and keeps findings with valid exceptions.
pub fn restored(mut found: Vec<Diagnostic>, today: Day) -> Vec<Diagnostic> {
    for finding in &mut found {
        if finding.allowed.as_ref().is_some_and(|allowed| Term::of(&allowed.until, today) == Term::Ended) {
            finding.allowed = None;
        }
    }
    found
}

/// Returns the errors in an assembly whose exceptions have ended.
pub fn errors_in(folder: &Path, today: Day) -> Vec<Diagnostic> {
    let found = meshsynth_assembly::read_diagnostics(folder).unwrap_or_default();
    counting(found, today).into_iter().filter(Diagnostic::is_error).collect()
}

/// Returns a line for each exception of a program that has ended or soon ends.
pub fn of_program(exceptions: &[Exception], today: Day) -> Vec<String> {
    let rows = exceptions.iter().map(|it| (&it.code, &it.what, it.until.clone(), &it.source));
    rows.filter_map(|(code, what, until, source)| ending(code, what, &until, source, today)).collect()
}

/// Returns a line for each exception of the configuration that has ended, soon ends, or is unused by these findings.
pub fn of_configuration(allows: &[Allow], found: &[Diagnostic], today: Day) -> Vec<String> {
    let is_used = |allow: &Allow| {
        found.iter().filter_map(|finding| finding.allowed.as_ref()).any(|allowed| allowed.source == allow.place)
    };
    let line = |allow: &Allow| {
        let Allow { code, what, until, place, .. } = allow;
        if is_of_rule(code) && !is_used(allow) {
            return Some(format!(
                "warning: the exception for `{code}` in `{what}` matches no finding: remove it ({place})"
            ));
        }
        ending(code, what, &until.to_string(), place, today)
    };
    allows.iter().filter_map(line).collect()
}

/// Whether a code belongs to a rule that `synth` runs: a rule of meshsynth or of a policy pack.
pub fn is_of_rule(code: &str) -> bool {
    meshsynth::rules::find(code).is_some() || is_company_code(code)
}

fn ending(code: &str, what: &str, until: &str, source: &str, today: Day) -> Option<String> {
    let what = if what.is_empty() { "the whole platform".to_owned() } else { format!("`{what}`") };
    match Term::of(until, today) {
        Term::Later => None,
        Term::Soon(0) => Some(format!("warning: the exception for `{code}` in {what} ends today ({source})")),
        Term::Soon(1) => Some(format!("warning: the exception for `{code}` in {what} ends tomorrow ({source})")),
        Term::Soon(days) => {
            Some(format!("warning: the exception for `{code}` in {what} ends in {days} days, on {until} ({source})"))
        }
        Term::Ended => Some(format!("warning: the exception for `{code}` in {what} expired on {until} ({source})")),
    }
}

/// Returns the value of `MESHSYNTH_ALLOW` for a program: one line for each exception, with tabs between the fields.
pub fn variable(allows: &[Allow]) -> String {
    let line = |allow: &Allow| {
        let Allow { code, what, reason, until, who, place } = allow;
        let (until, who) = (until.to_string(), who.as_deref().unwrap_or_default());
        [code.as_str(), what, reason, &until, who, place].map(plain).join("\t")
    };
    allows.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// Joins the words of a text with single spaces, without tabs or line breaks.
fn plain(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use meshsynth::diag::Allowed;

    use super::*;

    fn finding(until: &str) -> Diagnostic {
        let allowed = Allowed {
            reason: "moves".to_owned(),
            until: until.to_owned(),
            who: None,
            source: "src/main.rs:4:9".to_owned(),
        };
        Diagnostic { allowed: Some(Box::new(allowed)), ..Diagnostic::error("ACME001", "no owner") }
    }

    fn day(text: &str) -> Day {
        Day::parse(text).unwrap()
    }

    #[test]
    fn finding_is_reported_again_on_the_day_after_its_exception_ends() {
        assert!(counting(vec![finding("2026-11-23")], day("2026-11-23")).is_empty());
        let again = counting(vec![finding("2026-11-23")], day("2026-11-24"));
        assert!(again[0].is_error() && again[0].notes[0].text.starts_with("its exception expired on 2026-11-23"));
        assert!(restored(vec![finding("2026-11-23")], day("2026-11-23"))[0].allowed.is_some());
        assert!(restored(vec![finding("2026-11-23")], day("2026-11-24"))[0].is_error());
    }

    #[test]
    fn reports_exception_two_weeks_before_end() {
        let of = |today: &str| Term::of("2026-12-15", day(today));
        assert_eq!(of("2026-11-30"), Term::Later);
        assert_eq!(of("2026-12-01"), Term::Soon(14));
        assert_eq!(of("2026-12-15"), Term::Soon(0));
        assert_eq!([of("2026-12-16"), Term::of("soon", day("2026-12-16"))], [Term::Ended, Term::Ended]);
    }

    #[test]
    fn writes_configured_exception_as_one_line() {
        let allow = Allow {
            code: "ACME001".to_owned(),
            what: "data/*".to_owned(),
            reason: "moves\nnext\tmonth".to_owned(),
            until: day("2027-01-31"),
            who: None,
            place: "meshsynth.toml:9:1".to_owned(),
        };
        assert_eq!(variable(&[allow]), "ACME001\tdata/*\tmoves next month\t2027-01-31\t\tmeshsynth.toml:9:1");
    }
}
