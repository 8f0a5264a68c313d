//! The settings of `meshsynth.toml` that apply to findings.

use std::collections::BTreeMap;

use meshsynth::diag::Severity;
use meshsynth_diff::gates::Allow;

/// The severities that differ from the default, by code. `None` turns a rule off.
pub type ByCode = BTreeMap<String, Option<Severity>>;

/// The settings of `meshsynth check`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Check {
    /// The severities that differ from the default. `None` turns a rule off.
    pub severity: ByCode,
    /// The namespace of objects that specify none, by the folder of their files.
    pub namespaces: BTreeMap<String, String>,
    /// The exceptions.
    pub allow: Vec<Allow>,
    /// The exceptions for rules in `[[allow]]`. They may be unused by `check`.
    pub everywhere: Vec<Allow>,
}

/// A path in which `*` matches any text in a name and `**` matches any folders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    /// The pattern as the user wrote it.
    pub text: String,
    /// The position in the file.
    pub place: String,
}
