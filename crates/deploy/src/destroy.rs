//! `destroy`: deletes a platform, first its clusters and then its stacks.

use std::rc::Rc;

use anyhow::Result;

use crate::assembly::Assembly;
use crate::backend::Backend;
use crate::commands::live;
use crate::event::Event;
use crate::executor::{NoClusters, Outputs, Report};
use crate::failure::Failure;
use crate::gate::Gate;
use crate::journal::Journal;
use crate::mask::Mask;
use crate::orphans::{self, Orphan};
use crate::plan::Plan;
use crate::record::Record;
use crate::session::{Options, Session};
use crate::stack::Remnants;
use crate::stop::Stop;
use crate::watch::Watch;

/// Deletes all stacks of an assembly. Returns the resources that remain in AWS, by stack.
pub fn destroy(options: &Options<'_>) -> Result<(Report, Remnants)> {
    let session = Session::open(options)?;
    session.run(Box::pin(destroyed(&session)))
}

/// Deletes all stacks through another implementation of AWS. The caller provides the runtime and interrupts the run.
pub async fn destroy_with<C: Backend>(options: &Options<'_>, aws: Rc<C>, stop: &Stop) -> Result<(Report, Remnants)> {
    let session = Session { options, assembly: Assembly::read(&options.folder)?, aws, stop: stop.clone() };
    destroyed(&session).await
}

async fn destroyed<C: Backend>(session: &Session<'_, C>) -> Result<(Report, Remnants)> {
    let (Session { options, assembly, stop, .. }, aws) = (session, session.aws());
    let plan = Plan::new(assembly, None)?;
    let state = session.state_dir()?;
    let last = session.last()?.unwrap_or_default();
    let journal = Journal::open(&state, &plan.app, &options.settings.run, Mask::default(), options.watch)?;
    let buckets = stop.unless(session.buckets(&plan)).await??;
    let lock = session.lock(&plan, &buckets, &state, &journal).await?;
    let gate = Gate::of(&lock);
    let clusters = session.clusters(&journal, &gate, state.folder());
    let executor = session.executor(&plan, &NoClusters, &options.settings, &journal, &gate);
    let work = async {
        let outputs = match plan.clusters.is_empty() {
            true => Outputs::new(),
            false => stop.unless(live(aws, assembly, stop)).await??,
        };
        // Clusters are first. AWS resources of their controllers would prevent the deletion of the stacks.
        let mut report = Report::default();
        for step in &plan.clusters {
            if report.failed.is_empty() && !stop.is_cancelled() {
                report.lose(&plan.app, gate.check().await.err());
            }
            if !report.failed.is_empty() || stop.is_cancelled() {
                executor.skip(&mut report, &step.id, None);
                continue;
            }
            journal.say(&Event::Began { at: step.id.clone() });
            let interrupted = || Failure::interrupted(format!("interrupted: cluster `{}` is partly deleted", step.id));
            match executor.bounded(clusters.destroy(step, &outputs), interrupted).await {
                Ok(text) => {
                    journal.say(&Event::Done { at: step.id.clone(), text });
                    report.done.push(step.id.clone());
                }
                Err(failure) => {
                    journal.say(&Event::Failed { at: step.id.clone(), failure: failure.clone() });
                    report.failed.push((step.id.clone(), failure));
                }
            }
        }
        if !report.is_fine() || stop.is_cancelled() {
            plan.order.iter().rev().flatten().for_each(|id| executor.skip(&mut report, id, None));
            return anyhow::Ok((report, Vec::new()));
        }
        let (stacks, remnants) = executor.destroy().await;
        report.done.extend(stacks.done);
        Ok((Report { done: report.done, ..stacks }, remnants))
    };
    let (ended, lost) = session.hold(&lock, &state, work).await;
    let (mut report, remnants): (Report, Remnants) = ended?;
    report.lose(&plan.app, lost);
    // After an interruption, the command does not wait for the survey.
    let record = match stop.unless(orphans::survey(aws, assembly, &last, stop)).await {
        Ok(survey) => orphans::tell(&survey, assembly, &last, Record::default(), &journal),
        Err(_) => last,
    };
    report.interrupted = stop.is_interrupted();
    if report.is_fine() {
        report.remember(&plan.app, record.write(&state));
    }
    Ok((report, remnants))
}

/// Deletes stacks that an assembly no longer contains. Returns the resources that remain in AWS, by stack.
pub fn orphans(options: &Options<'_>, mut orphans: Vec<Orphan>) -> Result<(Report, Remnants)> {
    let session = Session::open(options)?;
    let stop = &session.stop;
    let whole = Plan::new(&session.assembly, None)?;
    let state = session.state_dir()?;
    let last = session.last()?;
    let journal = Journal::open(&state, &whole.app, &options.settings.run, Mask::default(), options.watch)?;
    let mut ended = session.run(async {
        stop.unless(orphans::read_templates(session.aws(), &mut orphans)).await??;
        let plan = orphans::plan(&whole.app, &orphans)?;
        let buckets = stop.unless(session.buckets(&whole)).await??;
        let lock = session.lock(&whole, &buckets, &state, &journal).await?;
        let gate = Gate::of(&lock);
        let executor = session.executor(&plan, &NoClusters, &options.settings, &journal, &gate);
        let ((mut report, remnants), lost) = session.hold(&lock, &state, executor.destroy()).await;
        report.lose(&plan.app, lost);
        report.interrupted = stop.is_interrupted();
        Ok((report, remnants))
    })?;
    if let Some(mut record) = last.filter(|_| ended.0.is_fine()) {
        record.stacks.retain(|name| orphans.iter().all(|orphan| orphan.stack.name != *name));
        record.places = whole.places();
        ended.0.remember(&whole.app, record.write(&state));
    }
    Ok(ended)
}
