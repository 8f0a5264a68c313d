//! Severities and exceptions for findings.

use crate::diag::{Allowed, Diagnostic, Place};
use crate::exception::{CodeForm, ConfiguredException, Exception, is_like};
use crate::tree::NodeId;

use super::judge::{Findings, Judge};
use super::{Model, foreign};

/// Exceptions with their usage, in the order of the program.
pub(super) type Used<'a> = Vec<(&'a Exception, bool)>;

/// Applies severities and exceptions to findings, and reports invalid or unused exceptions.
pub(super) fn apply<'a>(model: &'a Model, judge: &dyn Judge, found: &mut Vec<Diagnostic>) -> Used<'a> {
    let mut used: Used<'_> = model.exceptions.iter().map(|it| (it, foreign::covers(model, it))).collect();
    let is_judgement = |code: &str| judge.findings_of(code) == Findings::Judgements;
    if !used.is_empty() {
        for finding in found.iter_mut().filter(|it| is_judgement(it.code)) {
            if let Some((exception, is_used)) = used.iter_mut().find(|(it, _)| covers(model, it, finding)) {
                *is_used = true;
                finding.allowed = Some(Box::new(allowed(exception)));
            }
        }
    }
    if !model.configured.is_empty() {
        for finding in found.iter_mut().filter(|it| it.allowed.is_none() && is_judgement(it.code)) {
            finding.allowed = configured(model, finding).map(Box::new);
        }
    }
    for (code, severity) in &model.severities {
        if judge.findings_of(code) == Findings::Invalid {
            let message =
                format!("the severity of `{code}` cannot be changed, because its findings make the output invalid");
            found.push(Diagnostic::error("MS1102", message).at(model.node(model.root()).at));
        } else if is_judgement(code) {
            match severity {
                Some(severity) => found.iter_mut().filter(|it| it.code == code).for_each(|it| it.severity = *severity),
                None => found.retain(|it| it.code != code),
            }
        }
    }
    found.extend(used.iter().filter_map(|(exception, is_used)| wrong(model, judge, exception, *is_used)));
    used
}

/// Whether an exception applies to the code and the construct of a finding.
fn covers(model: &Model, exception: &Exception, finding: &Diagnostic) -> bool {
    exception.code == finding.code && is_below(model, exception.node, &finding.construct)
}

fn is_below(model: &Model, above: NodeId, path: &str) -> bool {
    match path.strip_prefix(model.construct(above)) {
        Some(rest) => rest.is_empty() || rest.starts_with('/') || model.construct(above).is_empty(),
        None => false,
    }
}

/// Returns the configured exception for a finding, by its construct or its file.
fn configured(model: &Model, finding: &Diagnostic) -> Option<Allowed> {
    let file = finding.place.as_ref().map_or("", |place| place.file.as_str());
    let fits = |it: &&ConfiguredException| {
        it.code == finding.code && (is_like(&it.what, &finding.construct) || is_like(&it.what, file))
    };
    // If several exceptions match, use the one with the latest end date. The text order of these dates is their
    // chronological order.
    let exception = model.configured.iter().filter(fits).max_by_key(|it| &it.until)?;
    let ConfiguredException { reason, until, who, source, .. } = exception.clone();
    Some(Allowed { reason, until, who, source })
}

fn allowed(exception: &Exception) -> Allowed {
    let Exception { reason, until, who, at, .. } = exception.clone();
    Allowed { reason, until, who, source: Place::from(at).to_string() }
}

/// Returns the error in an exception, if there is one. The command-line tool validates exceptions for the codes that it
/// defines itself, such as gates.
fn wrong(model: &Model, judge: &dyn Judge, exception: &Exception, is_used: bool) -> Option<Diagnostic> {
    let Exception { node, code, at, .. } = exception;
    let about = |diagnostic: Diagnostic| diagnostic.construct(model.construct(*node)).at(*at);
    match (CodeForm::of(code)?, judge.findings_of(code)) {
        (_, Findings::Invalid) => {
            let message = format!("`{code}` cannot be allowed, because its findings make the output invalid");
            Some(about(Diagnostic::error("MS1102", message)).help("fix the finding, and remove the exception"))
        }
        (CodeForm::BuiltIn, Findings::Unknown) => Some(
            about(Diagnostic::error("MS1102", format!("unknown diagnostic `{code}`")))
                .help("list all codes with `meshsynth explain`"),
        ),
        (CodeForm::BuiltIn | CodeForm::Company, Findings::Judgements) if !is_used => {
            let message = format!("the exception for `{code}` matches no finding");
            Some(
                about(Diagnostic::warning("MS0120", message))
                    .help("remove the exception, because it would hide a future finding"),
            )
        }
        (CodeForm::Checkov | CodeForm::CfnLint, _) if !is_used => {
            let message = format!("the exception for `{code}` applies to no resource of this construct");
            Some(
                about(Diagnostic::warning("MS0120", message))
                    .help("remove the exception, or move it to the construct of the finding"),
            )
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::cloudwatch;
    use crate::exception::ConfiguredException;
    use crate::testing::{diagnostics, stack};

    /// Defines an alarm without an action and configured exceptions. Returns the number of findings that are not
    /// allowed.
    fn n_counting(exceptions: &[(&str, &str)]) -> usize {
        let found = diagnostics("shop", |app| {
            let watch = stack(app, "watch");
            let metric = cloudwatch::Metric::new("Shop", "UnpaidOrders");
            cloudwatch::Alarm::new(&watch, "unpaid", &metric, cloudwatch::Limit::Above(100.0), Default::default());
            for (code, what) in exceptions {
                app.allow_configured(ConfiguredException {
                    code: (*code).to_owned(),
                    what: (*what).to_owned(),
                    reason: "agreed".to_owned(),
                    until: "2027-01-31".to_owned(),
                    who: None,
                    source: "meshsynth.toml:9:1".to_owned(),
                });
            }
        });
        found.iter().filter(|finding| finding.allowed.is_none()).count()
    }

    #[test]
    fn allows_findings_that_match_configured_pattern() {
        assert_eq!(n_counting(&[]), 1);
        for what in ["watch/*", "*/unpaid", "watch/unpaid", "*", "src/synth/exceptions.rs"] {
            assert_eq!(n_counting(&[("MS0701", what)]), 0, "{what}");
        }
        for (code, what) in [("MS0701", "watch"), ("MS0701", "data/*"), ("MS0702", "*")] {
            assert_eq!(n_counting(&[(code, what)]), 1, "{code} {what}");
        }
    }
}
