//! The first deployment of an app: one question for all stacks and clusters, instead of one for each of them.

use meshsynth_diff::{cluster, stack};

use crate::approval::Approval;
use crate::assembly::Assembly;
use crate::cloud::ChangeSet;
use crate::event::Event;
use crate::failure::Failure;
use crate::judgement::Judgement;
use crate::kube::objects;
use crate::orphans::Survey;
use crate::plan::Plan;
use crate::stack::APP_TAG;
use crate::watch::{Answer, Question, Watch};

/// Whether no stack of the app or of the plan exists. It is unknown if stacks cannot be listed, which counts as no.
pub(crate) fn is_first(survey: &Survey, plan: &Plan) -> bool {
    let is_of_app = |stack: &crate::cloud::Stack| {
        let is_planned = plan.stacks.iter().any(|step| step.name == stack.name);
        stack.is_there() && (is_planned || stack.tags.get(APP_TAG) == Some(&plan.app))
    };
    !plan.stacks.is_empty() && survey.values().all(|all| all.as_ref().is_ok_and(|all| !all.iter().any(is_of_app)))
}

/// Reports the access of the whole platform, and prompts the user if an approval is required.
pub(crate) fn approve(assembly: &Assembly, plan: &Plan, approval: Approval, watch: &dyn Watch) -> Result<(), Failure> {
    if approval == Approval::Never {
        return Ok(());
    }
    let judgement = judgement(assembly, plan).map_err(|error| {
        let text = format!("`{}` was not deployed: the changes cannot be evaluated: {error:#}", plan.app);
        Failure::new(text, "check the templates and manifests, synthesize, and run the command again")
    })?;
    let Some(why) = approval.why(&judgement) else { return Ok(()) };
    let (ways, access) = (judgement.ways.clone(), judgement.access.clone());
    watch.say(&Event::Changes { at: plan.app.clone(), changes: Vec::new(), ways, access });
    match watch.ask(&Question { at: plan.app.clone(), judgement, why: why.clone() }) {
        Answer::Yes => Ok(()),
        Answer::Interrupted => Err(Failure::interrupted(format!("interrupted: `{}` was not deployed", plan.app))),
        Answer::No => Err(Failure::new(
            format!("`{}` was not deployed: the first deployment was not approved", plan.app),
            "run the command again to approve the deployment",
        )),
        Answer::Nobody => Err(Failure::new(
            format!(
                "the first deployment of `{}` requires an approval ({why}), but stdin or stderr is not a terminal",
                plan.app
            ),
            "check the access above, then pass `--require-approval never`; or deploy from a terminal",
        )),
    }
}

/// Evaluates the creation of all stacks and objects.
fn judgement(assembly: &Assembly, plan: &Plan) -> anyhow::Result<Judgement> {
    let bindings = assembly.bindings_value();
    let mut out = Judgement::default();
    let mut add = |part: Judgement| {
        out.changes.extend(part.changes);
        // A path between two parts occurs in the evaluation of both parts.
        for way in part.ways {
            if !out.ways.contains(&way) {
                out.ways.push(way);
            }
        }
        for access in part.access {
            if !out.access.contains(&access) {
                out.access.push(access);
            }
        }
    };
    for step in &plan.stacks {
        let diff = stack::compare(assembly.rest(&bindings), &step.id, None)?;
        add(Judgement::of_stack(&step.id, diff, &ChangeSet::default(), str::to_owned, |_| false));
    }
    for step in &plan.clusters {
        // The values of placeholders are unknown before the stacks exist.
        let objects = objects(assembly, step, &Default::default())?;
        let pairings = objects.into_iter().map(|object| (None, Some(object.body))).collect();
        add(Judgement::of_cluster(cluster::compare(&plan.app, &step.id, pairings, Some(assembly.rest(&bindings)))?));
    }
    Ok(out)
}
