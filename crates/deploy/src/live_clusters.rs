//! The clusters of a deployment, and the settings of their access.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use crate::approval::Approval;
use crate::assembly::Assembly;
use crate::aws::Aws;
use crate::gate::Permit;
use crate::stop::Stop;
use crate::watch::Watch;

/// The cluster settings of a deployment.
#[derive(Clone, Debug, Default)]
pub struct ClusterAccess {
    /// A kubeconfig file. `None` uses an EKS token.
    pub kubeconfig: Option<PathBuf>,
    /// A kubeconfig context.
    pub context: Option<String>,
    /// The path of the `helm` program.
    pub helm: Option<PathBuf>,
    /// Whether to deploy only stacks.
    pub stacks_only: bool,
    /// Whether to take over fields of other managers.
    pub force: bool,
    /// The field managers or tools from which whole objects are taken over.
    pub take_over: Vec<String>,
    /// The changes that require an approval.
    pub approval: Approval,
    /// The time limit of a smoke test. `None` means ten minutes.
    pub smoke_timeout: Option<Duration>,
    /// The search path for the bash and kubectl of smoke tests. It overrides the `PATH` of this process.
    pub path: Option<OsString>,
}

impl ClusterAccess {
    /// Whether clusters are accessed with EKS tokens instead of a kubeconfig.
    pub fn is_of_eks(&self) -> bool {
        self.kubeconfig.is_none() && self.context.is_none()
    }
}

/// The clusters of an assembly.
pub struct LiveClusters<'a, C = Aws> {
    /// AWS.
    pub aws: &'a C,
    /// The assembly.
    pub assembly: &'a Assembly,
    /// The cluster settings.
    pub access: &'a ClusterAccess,
    /// The receiver of events.
    pub watch: &'a dyn Watch,
    /// Whether the run was cancelled.
    pub stop: &'a Stop,
    /// The check before each new operation.
    pub gate: &'a dyn Permit,
    /// A private folder for the files that Helm reads.
    pub folder: PathBuf,
}
