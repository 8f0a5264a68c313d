//! Settings of an app as a whole.

use crate::diag::Severity;
use crate::exception::{ConfiguredException, Exception};
use crate::owner_task::NeededTask;
use crate::reach_rule::ReachRule;

/// Settings of an app as a whole.
pub struct Settings {
    /// Whether references between stacks are weak: stacks read outputs without exports.
    pub weak_references: bool,
    /// The role with which a stack reads the outputs of another account.
    pub output_reader_role: String,
    /// Tags for every resource that supports tags: key, value.
    pub tags: Vec<(String, String)>,
    /// Labels for every Kubernetes object and every pod: key, value.
    pub labels: Vec<(String, String)>,
    /// Whether the clusters may contain objects that the tree does not define.
    pub is_open: bool,
    /// The exceptions that the program declares.
    pub exceptions: Vec<Exception>,
    /// The exceptions in the project configuration.
    pub configured: Vec<ConfiguredException>,
    /// The tasks for owners of existing resources.
    pub owner_tasks: Vec<NeededTask>,
    /// The reach rules.
    pub reach: Vec<ReachRule>,
    /// The severities of findings by code, if they differ from the default severity of the rule. `None` disables the
    /// rule.
    pub severities: Vec<(String, Option<Severity>)>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            weak_references: false,
            output_reader_role: "meshsynth-output-reader".to_owned(),
            tags: Vec::new(),
            labels: Vec::new(),
            is_open: false,
            exceptions: Vec::new(),
            configured: Vec::new(),
            owner_tasks: Vec::new(),
            reach: Vec::new(),
            severities: Vec::new(),
        }
    }
}
