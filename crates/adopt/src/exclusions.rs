//! Results of a verification, for the next version of the program.

use std::collections::{BTreeMap, BTreeSet};

/// Resources and objects that are written differently because the verification reported a difference.
///
/// A program is written, built and compared with its source. Differences are recorded here, and the program is written
/// again until it has none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exclusions {
    /// The omitted stacks, by name, each with a one-line reason. The report lists them as refusals.
    pub stacks: BTreeMap<String, String>,
    /// The omitted objects, by kind and name in the report, each with a one-line reason.
    pub objects: BTreeMap<(String, String), String>,
    /// The resources that must not be in a construct, by stack and logical ID.
    pub resources: BTreeSet<(String, String)>,
}
