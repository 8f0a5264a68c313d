//! Options of the crate `meshsynth-deploy`, from the command line, the configuration and the environment.

use std::path::Path;
use std::{env, process};

use meshsynth_cli::commands::context::ClusterArgs;
use meshsynth_cli::deployment::{Deployment, absolute};
use meshsynth_cli::interrupt;
use meshsynth_deploy::aws::AwsAccess;
use meshsynth_deploy::clusters::ClusterAccess;
use meshsynth_deploy::session::Options;
use meshsynth_deploy::stack::Settings;
use meshsynth_deploy::time::now;
use meshsynth_deploy::watch::Watch;

/// Returns the options for an app. `role` is the role of the command line.
pub fn of<'a>(deployment: &Deployment, role: Option<&str>, settings: Settings, watch: &'a dyn Watch) -> Options<'a> {
    let role = role.map(str::to_owned).or_else(|| deployment.config.role.clone());
    Options {
        folder: deployment.folder.clone(),
        output: deployment.output.clone(),
        settings,
        aws: AwsAccess { role, external_id: deployment.config.external_id.clone(), ..AwsAccess::default() },
        bucket: deployment.config.bucket.clone(),
        clusters: ClusterAccess::default(),
        who: user_and_host(),
        refactors: false,
        breaks_lock: false,
        by_region: None,
        watch,
        is_interrupted: interrupt::happened,
    }
}

/// Converts the cluster arguments into cluster access. Relative paths start at `here`.
pub fn cluster_access(args: &ClusterArgs, here: &Path) -> ClusterAccess {
    ClusterAccess {
        kubeconfig: absolute(args.kubeconfig.as_ref(), here),
        context: args.context.clone(),
        ..ClusterAccess::default()
    }
}

/// Returns the user and the machine. The lock shows them to other users.
pub fn user_and_host() -> String {
    let name = |names: &[&str]| names.iter().find_map(|name| env::var(name).ok()).filter(|it| !it.is_empty());
    let user = name(&["USER", "LOGNAME", "USERNAME"]).unwrap_or_else(|| "somebody".to_owned());
    match name(&["HOSTNAME", "COMPUTERNAME"]) {
        Some(host) => format!("{user}@{host}"),
        None => user,
    }
}

/// Returns an identifier that is unique to this run.
pub fn run_id() -> String {
    format!("{:x}-{:x}", now(), process::id())
}
