//! What a deployment would meet: credentials, regions, clusters. Asked for by flags alone.

use std::path::PathBuf;
use std::time::Duration;

use meshsynth_deploy::aws::Access;
use meshsynth_deploy::call::Call;
use meshsynth_deploy::clusters::Ways;
use meshsynth_deploy::reach::{Finding as Found, State as Is};
use meshsynth_deploy::stack::Settings;
use meshsynth_deploy::watch::{Answer, Question, Said, Watch};
use meshsynth_deploy::{reach, run};

use super::{Finding, State};
use crate::cli::Doctor;
use crate::config::{Config, Target};
use crate::interrupt;
use crate::shell::Shell;

/// How long an answer is waited for: whoever looks, waits.
const PATIENCE: Duration = Duration::from_secs(15);

/// Who is told nothing while we look.
struct Nobody;

impl Watch for Nobody {
    fn say(&self, _: &Said) {}

    fn ask(&self, _: &Question) -> Answer {
        Answer::Nobody
    }
}

/// Asks AWS and the clusters, as a deployment of this app would reach them.
pub fn look(shell: &Shell, config: &Config, target: Target<'_>, args: &Doctor) -> Vec<Finding> {
    let name = target.name();
    let folder = config.output.join(&name);
    if !folder.join("manifest.json").exists() {
        // `output` has a finding of its own.
        let about = if args.aws { "aws" } else { "cluster" };
        let text = format!("`{name}` is not synthesized, so nobody knows its regions and clusters");
        return vec![Finding::doubtful(about, text, format!("run `meshsynth synth {}`", target.app.name))];
    }
    let deploy = config.deploy.get(&name).cloned().unwrap_or_default();
    let here = std::env::current_dir().unwrap_or_default();
    let access = Access {
        role: args.role.clone().or(deploy.role),
        external_id: deploy.external_id,
        timeout: PATIENCE,
        attempts: 2,
        ..Access::default()
    };
    let call = Call {
        folder,
        output: config.output.clone(),
        settings: Settings::default(),
        access,
        bucket: deploy.bucket,
        ways: Ways {
            kubeconfig: args.kubeconfig.as_ref().map(|path: &PathBuf| here.join(path)),
            context: args.context.clone(),
            ..Ways::default()
        },
        breaks_lock: false,
        who: String::new(),
        watch: &Nobody,
        is_interrupted: interrupt::happened,
    };
    let progress = shell.progress(&format!("asking AWS and clusters about {name}"));
    let found = run::reach(&call, args.aws, args.clusters);
    drop(progress);
    match found {
        Ok(found) => found.into_iter().map(finding).collect(),
        Err(error) => vec![Finding::of_error("aws", &error)],
    }
}

fn finding(found: reach::Finding) -> Finding {
    let Found { about, state, text, help } = found;
    let state = match state {
        Is::Good => State::Good,
        Is::Doubtful => State::Doubtful,
        Is::Wrong => State::Wrong,
    };
    Finding { about, state, text, help: Some(help).filter(|help| !help.is_empty()) }
}
