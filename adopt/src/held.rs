//! What a proof found, for the next time that the program is written.

use std::collections::{BTreeMap, BTreeSet};

/// What is written otherwise than it could be, since the proof found fault with it.
///
/// A program is written, built and compared; what differs is held, and the program is written again, until nothing differs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Held {
    /// The stacks that are left out, by their names, and why in one line. They are refusals of the report.
    pub stacks: BTreeMap<String, String>,
    /// The objects that are left out, by their kind and their name as the report has it, and why in one line.
    pub left_out: BTreeMap<(String, String), String>,
    /// The resources that are typed ones and in no construct: their stack and their logical id.
    pub resources: BTreeSet<(String, String)>,
}
