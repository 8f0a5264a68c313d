//! What an app says about itself as a whole.

use crate::diag::Severity;
use crate::exception::{ConfiguredException, Exception};
use crate::owner_task::NeededTask;
use crate::reach_rule::ReachRule;

/// What an app says about itself as a whole.
pub struct Settings {
    /// Whether references between stacks are weak, so that no export ties them together.
    pub weak_references: bool,
    /// The role by which a stack reads the outputs of another account.
    pub output_reader_role: String,
    /// Tags for everything that takes tags: key, value.
    pub tags: Vec<(String, String)>,
    /// Labels for every object of Kubernetes and every pod: key, value.
    pub labels: Vec<(String, String)>,
    /// Whether there may be more in the clusters than the tree says.
    pub is_open: bool,
    /// What is let pass.
    pub exceptions: Vec<Exception>,
    /// What the configuration of the project lets pass.
    pub configured: Vec<ConfiguredException>,
    /// What the owners of things that exist already must do.
    pub owner_tasks: Vec<NeededTask>,
    /// Who must reach what, and who must not.
    pub reach: Vec<ReachRule>,
    /// How bad findings are, by code, where that is not as the rule says; none for a rule that is off.
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
