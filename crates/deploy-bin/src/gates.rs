//! Deployment gates: evaluates the change in the same manner as `diff`, before the deployment changes anything.

use anyhow::Result;
use meshsynth_cli::commands::context::{Project, today};
use meshsynth_cli::commands::deploy::Args;
use meshsynth_cli::commands::diff::tell;
use meshsynth_cli::deployer::Reach;
use meshsynth_cli::deployment::Deployment;
use meshsynth_cli::exceptions;
use meshsynth_cli::shell::Shell;
use meshsynth_diff::Diff;
use meshsynth_diff::gates::{self, Gate, Policy};
use meshsynth_diff::side::{Side, is_same_stack, unreadable};
use meshsynth_diff::texts::Texts;

use crate::deployed;

/// Prints the gates that the change violates. Returns whether the deployment may start.
pub fn are_open(shell: &Shell, project: &Project, deployment: &Deployment, args: &Args) -> Result<bool> {
    let today = today(None)?;
    let ended = exceptions::errors_in(&deployment.folder, today);
    if !ended.is_empty() {
        shell.diagnostics(&ended);
        let text = format!(
            "`{}` is not deployed, because an exception has expired; no stack or cluster was changed",
            deployment.name
        );
        shell.failed(&text);
        return Ok(false);
    }
    let denied = project.denied(deployment, today)?;
    if !denied.is_empty() {
        shell.diagnostics(&denied);
        shell.failed(&format!(
            "`{}` is not deployed, because policies deny the change; no stack or cluster was changed",
            deployment.name
        ));
        return Ok(false);
    }
    let policy = policy(project, deployment, args);
    if policy.deny.is_empty() {
        return Ok(true);
    }
    let diff = diff(shell, project, deployment, args)?;
    let gates = gates::check(&diff, &[], &policy, today);
    let is_denied = tell(shell, &diff.app, &gates);
    if is_denied {
        shell.failed(&format!("`{}` is not deployed; no stack or cluster was changed", deployment.name));
    }
    Ok(!is_denied)
}

/// Returns the gates of the deployment and the command line.
fn policy(project: &Project, deployment: &Deployment, args: &Args) -> Policy {
    let configured = &project.config.policy;
    let mut deny = deployment.config.deny.clone().unwrap_or_else(|| configured.deny.clone());
    deny.extend(args.deny.iter().cloned());
    // With `--by-region`, the deployment changes only one region at a time.
    deny.retain(|gate| !args.by_region || !matches!(gate, Gate::RegionsAtOnce(_)));
    Policy { deny, allow: configured.allow.clone() }
}

fn diff(shell: &Shell, project: &Project, deployment: &Deployment, args: &Args) -> Result<Diff> {
    let label = format!("`{}`", project.shown(&deployment.folder));
    let head = Texts::read(&deployment.folder, label.clone(), None).and_then(Side::new);
    let mut head = head.map_err(|error| unreadable(&label, &error))?;
    let reach = Reach {
        aws: true,
        clusters: !args.stacks_only,
        role: args.at.role.clone(),
        kubeconfig: args.cluster.kubeconfig.clone(),
        context: args.cluster.context.clone(),
        helm: args.helm.clone(),
    };
    shell.note(&format!("reading the deployed state of `{}` for its gates", deployment.name));
    let mut base = deployed::read(shell, deployment, &reach, &mut head)?;
    // A deployment does not change stacks that the output no longer contains.
    base.manifest.stacks.retain(|stack| head.stack(&stack.id).is_some_and(|new| is_same_stack(stack, new)));
    Diff::new(&base, &head)
}
