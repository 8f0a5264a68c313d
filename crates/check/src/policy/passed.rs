//! Applies the severities and exceptions of the configuration and the program to findings.

use meshsynth::diag::{Allowed, Diagnostic};
use meshsynth_assembly::Exception;
use meshsynth_diff::day::Day;
use meshsynth_diff::gates::{Allow, is_like};

use crate::settings::ByCode;

/// Returns the findings that count, and those that are suppressed.
pub fn passed(
    found: Vec<Diagnostic>,
    severities: &ByCode,
    allows: &[Allow],
    exceptions: &[Exception],
    today: Day,
) -> (Vec<Diagnostic>, Vec<Diagnostic>) {
    let (mut counting, mut passed) = (Vec::new(), Vec::new());
    for mut finding in found {
        match severities.get(finding.code) {
            Some(None) => continue,
            Some(Some(severity)) => finding.severity = *severity,
            None => {}
        }
        match allowed(&finding, allows, exceptions, today) {
            Some(allowed) => passed.push(Diagnostic { allowed: Some(Box::new(allowed)), ..finding }),
            None => counting.push(finding),
        }
    }
    (counting, passed)
}

/// Returns the valid exception for a finding.
fn allowed(finding: &Diagnostic, allows: &[Allow], exceptions: &[Exception], today: Day) -> Option<Allowed> {
    let path = finding.construct.as_str();
    let of_program = exceptions.iter().find(|it| {
        let is_below = path.strip_prefix(it.what.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        it.code == finding.code
            && (it.what.is_empty() || is_below)
            && Day::parse(&it.until).is_some_and(|day| day >= today)
    });
    if let Some(Exception { reason, until, who, source, .. }) = of_program {
        return Some(Allowed {
            reason: reason.clone(),
            until: until.clone(),
            who: who.clone(),
            source: source.clone(),
        });
    }
    let file = finding.place.as_ref().map_or("", |place| place.file.as_str());
    let fits = |what: &str| is_like(what, path) || is_like(what, file);
    let allow = allows.iter().find(|it| it.code == finding.code && fits(&it.what) && !it.has_ended(today))?;
    let Allow { reason, until, who, place, .. } = allow;
    Some(Allowed { reason: reason.clone(), until: until.to_string(), who: who.clone(), source: place.clone() })
}
