//! A rule: its code, its manual, and its check.

use std::borrow::Cow;
use std::fmt;

use crate::diag::Severity;
use crate::exception::CodeForm;
use crate::tree::At;

use super::platform::Platform;
use super::report::Report;

/// A custom rule of a company.
///
/// A code has 2 to 12 upper-case letters and a number, such as `ACME001`. The prefix `MS` is reserved for meshsynth.
///
/// # Example
///
/// ```
/// use meshsynth::cfn::s3::Bucket;
/// use meshsynth::policy::{Platform, Report, Rule};
/// use meshsynth::{s3, testing};
///
/// fn is_versioned(platform: &Platform<'_>, report: &mut Report) {
///     for bucket in platform.resources_of::<Bucket>() {
///         let versions = bucket.property("VersioningConfiguration.Status");
///         if versions.as_str() != Some("Enabled") {
///             report.at(&versions, "the bucket keeps no old versions").help("leave `versioned` as it is");
///         }
///     }
/// }
///
/// let rule = Rule::new("ACME001", "every bucket keeps old versions", is_versioned);
/// let found = testing::findings(&rule, |app| {
///     let data = testing::stack(app, "data");
///     s3::Bucket::new(&data, "receipts", s3::BucketProps { versioned: false, ..Default::default() });
/// });
/// assert_eq!(found[0].construct, "data/receipts");
/// ```
pub struct Rule {
    code: &'static str,
    summary: Cow<'static, str>,
    manual: Cow<'static, str>,
    severity: Severity,
    check: Box<Check>,
    at: At,
}

/// The check of a rule.
type Check = dyn Fn(&Platform<'_>, &mut Report) + Send + Sync;

impl Rule {
    /// Defines a rule with a one-line requirement `summary`. Its findings are errors.
    #[track_caller]
    pub fn new(
        code: &'static str,
        summary: impl Into<Cow<'static, str>>,
        check: impl Fn(&Platform<'_>, &mut Report) + Send + Sync + 'static,
    ) -> Self {
        let (summary, manual) = (summary.into(), Cow::Borrowed(""));
        Self { code, summary, manual, severity: Severity::Error, check: Box::new(check), at: At::caller() }
    }

    /// Sets the Markdown text of `meshsynth explain`: the meaning of the rule, its reason, and how to fix findings.
    #[must_use]
    pub fn manual(self, manual: impl Into<Cow<'static, str>>) -> Self {
        Self { manual: manual.into(), ..self }
    }

    /// Sets the severity of its findings. Default: errors.
    #[must_use]
    pub fn severity(self, severity: Severity) -> Self {
        Self { severity, ..self }
    }

    /// Returns its code.
    pub fn code(&self) -> &'static str {
        self.code
    }

    /// Returns its one-line requirement.
    pub fn summary(&self) -> &str {
        &self.summary
    }

    pub(crate) fn manual_text(&self) -> &str {
        &self.manual
    }

    pub(crate) fn default_severity(&self) -> Severity {
        self.severity
    }

    /// Returns the line that defines it.
    pub(crate) fn at(&self) -> At {
        self.at
    }

    /// Whether its code has the form of a company rule.
    pub(crate) fn has_valid_code(&self) -> bool {
        CodeForm::of(self.code) == Some(CodeForm::Company)
    }

    pub(crate) fn check(&self, platform: &Platform<'_>, report: &mut Report) {
        (self.check)(platform, report);
    }
}

impl fmt::Debug for Rule {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}", self.code, self.summary)
    }
}
