//! Checks of credentials, regions and clusters before a deployment. They run only if a flag requests them.

use std::time::Duration;

use meshsynth_cli::config::{Config, Target};
use meshsynth_cli::deployer::Reach;
use meshsynth_cli::deployment::{Deployment, absolute};
use meshsynth_cli::doctor::finding::{Finding, State};
use meshsynth_cli::shell::Shell;
use meshsynth_deploy::aws::AwsAccess;
use meshsynth_deploy::clusters::ClusterAccess;
use meshsynth_deploy::event::Event;
use meshsynth_deploy::preflight::{Finding as Found, State as Is};
use meshsynth_deploy::stack::Settings;
use meshsynth_deploy::watch::{Answer, Question, Watch};
use meshsynth_deploy::{commands, preflight};

use crate::options;

/// The time limit for an answer. It is short because the user waits for it.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(15);

/// A progress display without output.
struct Nobody;

impl Watch for Nobody {
    fn say(&self, _: &Event) {}

    fn ask(&self, _: &Question) -> Answer {
        Answer::Nobody
    }
}

/// Queries AWS and the clusters with the same access as a deployment of this app.
pub fn check(shell: &Shell, config: &Config, target: Target<'_>, asked: &Reach) -> Vec<Finding> {
    let name = target.name();
    let folder = config.output.join(&name);
    if !folder.join("manifest.json").exists() {
        // The check `output` of `meshsynth doctor` already reports a missing output as an error.
        let about = if asked.aws { "aws" } else { "cluster" };
        let text = format!("`{name}` is not synthesized, so its regions and clusters are unknown");
        return vec![Finding::doubtful(about, text, format!("run `meshsynth synth {}`", target.app.name))];
    }
    let here = std::env::current_dir().unwrap_or_default();
    let deployment = Deployment::at(config, &name, folder);
    let mut options = options::of(&deployment, asked.role.as_deref(), Settings::default(), &Nobody);
    options.aws = AwsAccess { timeout: ANSWER_TIMEOUT, attempts: 2, ..options.aws };
    options.clusters = ClusterAccess {
        kubeconfig: absolute(asked.kubeconfig.as_ref(), &here),
        context: asked.context.clone(),
        ..ClusterAccess::default()
    };
    let progress = shell.progress(&format!("querying AWS and clusters for {name}"));
    let found = commands::preflight(&options, asked.aws, asked.clusters);
    drop(progress);
    match found {
        Ok(found) => found.into_iter().map(finding).collect(),
        Err(error) => vec![Finding::of_error("aws", &error)],
    }
}

fn finding(found: preflight::Finding) -> Finding {
    let Found { about, state, text, help } = found;
    let state = match state {
        Is::Good => State::Good,
        Is::Doubtful => State::Doubtful,
        Is::Wrong => State::Wrong,
    };
    Finding { about, state, text, help: Some(help).filter(|help| !help.is_empty()) }
}
