//! `deploy`: plans, checks all inputs, takes the lock, moves resources, deploys, and writes the record.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::rc::Rc;

use anyhow::{Context, Result, bail};

use crate::approval::Approval;
use crate::assembly::Assembly;
use crate::backend::Backend;
use crate::bootstrap;
use crate::by_region;
use crate::cloud::{AccountRegion, Fault, Stack};
use crate::clusters::{self, LiveClusters};
use crate::event::Event;
use crate::executor::Report;
use crate::failure::unreadable;
use crate::first;
use crate::gate::Gate;
use crate::imported;
use crate::inputs::{Inputs, gather};
use crate::journal::Journal;
use crate::mask::Mask;
use crate::orphans::{self, Survey};
use crate::plan::Plan;
use crate::record::Record;
use crate::refactor::{Refactored, Refactorer};
use crate::regions;
use crate::retry::retry_throttled;
use crate::session::{Options, Session};
use crate::smoke;
use crate::stack::{APP_TAG, Settings};
use crate::stop::Stop;
use crate::watch::Watch;

/// Deploys an assembly, with the saved plan if there is one.
pub fn deploy(options: &Options<'_>, saved: Option<&Path>) -> Result<Report> {
    let session = Session::open(options)?;
    session.run(masked(&session, saved))
}

/// Deploys an assembly through another implementation of AWS. The caller provides the runtime and interrupts the run.
pub async fn deploy_with<C: Backend>(
    options: &Options<'_>,
    aws: Rc<C>,
    stop: &Stop,
    saved: Option<&Path>,
) -> Result<Report> {
    let session = Session { options, assembly: Assembly::read(&options.folder)?, aws, stop: stop.clone() };
    masked(&session, saved).await
}

/// Deploys, and masks secrets in the result.
async fn masked<C: Backend>(session: &Session<'_, C>, saved: Option<&Path>) -> Result<Report> {
    let mask = Mask::new(&session.assembly, &session.options.settings.parameters);
    let report = Box::pin(deploy_masked(session, &mask, saved)).await.map_err(|error| mask.error(error))?;
    let failed = report.failed.iter().map(|(id, failure)| (id.clone(), mask.failure(failure))).collect();
    Ok(Report { failed, ..report })
}

/// Returns the saved plan or a new plan, with the order of the regions.
fn planned(session: &Session<'_, impl Backend>, last: &Record, saved: Option<&Path>) -> Result<Plan> {
    let assembly = &session.assembly;
    let mut plan = match saved {
        Some(path) => {
            let text = fs::read_to_string(path).with_context(|| format!("cannot read `{}`", path.display()))?;
            Plan::read(&text, assembly).with_context(|| format!("cannot perform `{}`", path.display()))?
        }
        None => Plan::new(assembly, Some(last))?,
    };
    let order: Option<Vec<String>> = match plan.regions.as_slice() {
        [] => session.options.by_region.clone(),
        steps => Some(steps.iter().map(|step| step.region.clone()).filter(|region| !region.is_empty()).collect()),
    };
    if let Some(order) = order {
        let steps = regions::steps(&plan, assembly, &order)?;
        if !plan.regions.is_empty() && plan.regions != steps {
            bail!("the plan was edited after its creation: create a new plan");
        }
        plan.regions = steps;
    }
    Ok(plan)
}

async fn deploy_masked<C: Backend>(session: &Session<'_, C>, mask: &Mask, saved: Option<&Path>) -> Result<Report> {
    let (Session { options, assembly, stop, .. }, aws) = (session, session.aws());
    let last = session.last()?.unwrap_or_default();
    let plan = planned(session, &last, saved)?;
    let state = session.state_dir()?;
    let journal = Journal::open(&state, &plan.app, &options.settings.run, mask.clone(), options.watch)?;
    let mut survey = stop.unless(orphans::survey(aws, assembly, &last, stop)).await?;
    let found = stop.unless(found(aws, &plan, &survey, stop)).await??;
    let buckets = match &options.bucket {
        Some(bucket) => plan.places().into_iter().map(|place| (place, bucket.clone())).collect(),
        None => found.buckets.clone(),
    };
    let keep = Some(state.folder().join("taken-over"));
    let settings = Settings { buckets, keep, ..options.settings.clone() };
    let settings = Settings { made: made(session, &plan, &settings, &journal, &found).await?, ..settings };
    let inputs = Inputs { cloud: aws, assembly, plan: &plan, settings: &settings, there: &found.there };
    let mut wrong = inputs.check();
    wrong.extend(imported::missing(assembly, &plan, &survey));
    wrong.extend(clusters::unready(&plan, &options.clusters).await);
    wrong.extend(smoke::unready(assembly, &plan.regions, &options.clusters).await);
    gather(&plan.app, wrong)?;
    let mut access = options.clusters.clone();
    let mut settings = settings;
    if first::is_first(&survey, &plan) {
        first::approve(assembly, &plan, settings.approval, &journal)?;
        settings.is_approved = true;
        if access.approval != Approval::Never {
            access.approval = Approval::Foreign;
        }
    }
    let lock = session.lock(&plan, &found.buckets, &state, &journal).await?;
    let gate = Gate::of(&lock);
    let clusters = LiveClusters { access: &access, ..session.clusters(&journal, &gate, state.folder()) };
    let work = async {
        let moved = match options.refactors {
            true => {
                let (cloud, plan, settings, watch) = (aws, &plan, &settings, &journal);
                Refactorer { cloud, assembly, plan, settings, watch, stop }.run().await
            }
            false => Ok(Refactored { made: settings.made.clone(), ..Refactored::default() }),
        };
        let (settings, deleted) = match moved {
            Ok(Refactored { made, deleted }) => (Settings { made, ..settings.clone() }, deleted),
            Err(failure) => return (Report::unbegun(&plan, &journal, failure), BTreeSet::new()),
        };
        let executor = session.executor(&plan, &clusters, &settings, &journal, &gate);
        by_region::announce(&executor, &plan.regions);
        let report = match plan.regions.as_slice() {
            [] => executor.deploy().await,
            regions => by_region::deploy(&executor, regions, &clusters).await,
        };
        (report, deleted)
    };
    let ((mut report, deleted), lost) = session.hold(&lock, &state, work).await;
    report.lose(&plan.app, lost);
    report.interrupted = stop.is_interrupted();
    if !report.is_fine() {
        return Ok(report);
    }
    for (cluster, name) in plan.gone.releases.iter().flat_map(|(id, names)| names.iter().map(move |it| (id, it))) {
        let text = format!(
            "Helm release `{name}` is no longer in the output, but is not deleted: run `helm uninstall {name}` to \
             remove it"
        );
        journal.say(&Event::Note { at: cluster.clone(), text });
    }
    for all in survey.values_mut().flatten() {
        all.retain(|stack| !deleted.contains(&stack.id));
    }
    let record = orphans::tell(&survey, assembly, &last, plan.record(), &journal);
    report.remember(&plan.app, record.write(&state));
    Ok(report)
}

/// Returns the IDs of the stacks that refactors of this app created. An interrupted refactor leaves such a stack
/// without tags, so its owner is known only from the refactor.
async fn made<C: Backend>(
    session: &Session<'_, C>,
    plan: &Plan,
    settings: &Settings,
    watch: &dyn Watch,
    found: &Found,
) -> Result<BTreeSet<String>> {
    let (Session { options, assembly, stop, .. }, cloud) = (session, session.aws());
    let is_untagged = |stack: &Stack| stack.is_there() && !stack.tags.contains_key(APP_TAG);
    if !options.refactors && !found.there.values().any(is_untagged) {
        return Ok(BTreeSet::new());
    }
    match (Refactorer { cloud, assembly, plan, settings, watch, stop }.finished().await, options.refactors) {
        (Ok(made), _) => Ok(made),
        (Err(failure), true) => Err(failure.into()),
        // Without these IDs, a stack without tags belongs to another owner.
        (Err(_), false) => Ok(BTreeSet::new()),
    }
}

/// The existing resources before a deployment.
struct Found {
    /// The existing stacks of the plan, by ID.
    there: BTreeMap<String, Stack>,
    /// The buckets of `meshsynth bootstrap`.
    buckets: BTreeMap<AccountRegion, String>,
}

/// Finds the stacks of a plan and the buckets. Without permission to list stacks, it queries each required stack.
async fn found(aws: &impl Backend, plan: &Plan, survey: &Survey, stop: &Stop) -> Result<Found> {
    let mut found = Found { there: BTreeMap::new(), buckets: BTreeMap::new() };
    for place in plan.places() {
        let listed = match survey.get(&place) {
            Some(Ok(all)) => Some(all),
            Some(Err(error)) if error.fault != Fault::Denied => return Err(unreadable(error.clone())),
            _ => None,
        };
        let one = async |name: &str| match listed {
            Some(all) => Ok(all.iter().find(|stack| stack.name == name).cloned()),
            None => retry_throttled(stop, async || aws.stack(&place, name).await).await.map_err(unreadable),
        };
        let bucket = one(bootstrap::STACK).await?.and_then(|stack| stack.outputs.get(bootstrap::OUTPUT).cloned());
        found.buckets.extend(bucket.map(|bucket| (place.clone(), bucket)));
        for step in plan.stacks.iter().filter(|step| step.region == place.region && step.account == place.account) {
            let is_cheap = listed.is_some() || step.parameters.values().any(|is_wanted| *is_wanted);
            if let Some(stack) = if is_cheap { one(&step.name).await? } else { None } {
                found.there.insert(step.id.clone(), stack);
            }
        }
    }
    Ok(found)
}
