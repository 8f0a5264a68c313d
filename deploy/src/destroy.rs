//! Taking a platform away: clusters, then stacks.

use anyhow::Result;

use crate::assembly::Assembly;
use crate::aws::Aws;
use crate::call::{Call, Notes};
use crate::executor::{NoClusters, Outputs, Report};
use crate::failure::Failure;
use crate::gate::Gate;
use crate::guard::{Site, block_on, bootstrapped, held, locked};
use crate::mask::Mask;
use crate::orphans::{self, Orphan};
use crate::plan::Plan;
use crate::record::{Desk, Record};
use crate::run::live;
use crate::stack::Remnants;
use crate::watch::{Said, Stop, Watch};

/// Deletes all stacks of an assembly; answers what stays in AWS, by stack.
pub fn destroy(call: &Call<'_>) -> Result<(Report, Remnants)> {
    let assembly = Assembly::read(&call.folder)?;
    let plan = Plan::new(&assembly, None)?;
    let desk = Desk::take(&call.output, &plan.app, &call.who)?;
    let last = Record::read(&call.output, &plan.app)?.unwrap_or_default();
    let notes = Notes::new(call, &plan.app, Mask::default(), &desk)?;
    let aws = Aws::new(call.access.clone());
    let stop = Stop::default();
    let ended = block_on(&stop, call.is_interrupted, async {
        let buckets = stop.unless(bootstrapped(&aws, &plan, &stop)).await??;
        let lock = locked(call, &aws, &plan, &buckets, &desk, &notes, &stop).await?;
        let gate = Gate::of(&lock);
        let site = Site { call, aws: &aws, assembly: &assembly, watch: &notes, stop: &stop, gate: &gate };
        let clusters = site.clusters(desk.folder());
        let executor = site.executor(&plan, &NoClusters);
        let work = async {
            let outputs = match plan.clusters.is_empty() {
                true => Outputs::new(),
                false => stop.unless(live(&aws, &assembly, &stop)).await??,
            };
            // Clusters go first: what their controllers made in AWS would keep the stacks from going.
            let mut report = Report::default();
            for step in &plan.clusters {
                if report.failed.is_empty() && !stop.is_wished() {
                    report.lose(&plan.app, gate.check().await.err());
                }
                if !report.failed.is_empty() || stop.is_wished() {
                    executor.skip(&mut report, &step.id, None);
                    continue;
                }
                notes.say(&Said::Began { at: step.id.clone() });
                let interrupted =
                    || Failure::interrupted(format!("interrupted: cluster `{}` is cleared in part", step.id));
                match executor.bounded(clusters.destroy(step, &outputs), interrupted).await {
                    Ok(text) => {
                        notes.say(&Said::Done { at: step.id.clone(), text });
                        report.done.push(step.id.clone());
                    }
                    Err(failure) => {
                        notes.say(&Said::Failed { at: step.id.clone(), failure: failure.clone() });
                        report.failed.push((step.id.clone(), failure));
                    }
                }
            }
            if !report.is_fine() || stop.is_wished() {
                plan.order.iter().rev().flatten().for_each(|id| executor.skip(&mut report, id, None));
                return anyhow::Ok((report, Vec::new()));
            }
            let (stacks, remnants) = executor.destroy().await;
            report.done.extend(stacks.done);
            Ok((Report { done: report.done, ..stacks }, remnants))
        };
        let (ended, lost) = held(&lock, &stop, &desk, work).await;
        let (mut report, remnants): (Report, Remnants) = ended?;
        report.lose(&plan.app, lost);
        // Whoever ended it waits for nothing more.
        let record = match stop.unless(orphans::survey(&aws, &assembly, &last, &stop)).await {
            Ok(survey) => orphans::tell(&survey, &assembly, &last, Record::default(), &notes),
            Err(_) => last,
        };
        report.interrupted = stop.is_interrupted();
        Ok((report, remnants, record))
    })?;
    let (mut report, remnants, record) = ended;
    if report.is_fine() {
        report.remember(&plan.app, desk.write(&record));
    }
    Ok((report, remnants))
}

/// Deletes stacks that an assembly no longer has; answers what stays in AWS, by stack.
pub fn orphans(call: &Call<'_>, mut orphans: Vec<Orphan>) -> Result<(Report, Remnants)> {
    let assembly = Assembly::read(&call.folder)?;
    let whole = Plan::new(&assembly, None)?;
    let desk = Desk::take(&call.output, &whole.app, &call.who)?;
    let last = Record::read(&call.output, &whole.app)?;
    let notes = Notes::new(call, &whole.app, Mask::default(), &desk)?;
    let aws = Aws::new(call.access.clone());
    let stop = Stop::default();
    let mut ended = block_on(&stop, call.is_interrupted, async {
        stop.unless(orphans::read_templates(&aws, &mut orphans)).await??;
        let plan = orphans::plan(&whole.app, &orphans)?;
        let buckets = stop.unless(bootstrapped(&aws, &whole, &stop)).await??;
        let lock = locked(call, &aws, &whole, &buckets, &desk, &notes, &stop).await?;
        let gate = Gate::of(&lock);
        let site = Site { call, aws: &aws, assembly: &assembly, watch: &notes, stop: &stop, gate: &gate };
        let executor = site.executor(&plan, &NoClusters);
        let ((mut report, remnants), lost) = held(&lock, &stop, &desk, executor.destroy()).await;
        report.lose(&plan.app, lost);
        report.interrupted = stop.is_interrupted();
        Ok((report, remnants))
    })?;
    if let Some(mut record) = last.filter(|_| ended.0.is_fine()) {
        record.stacks.retain(|name| orphans.iter().all(|orphan| orphan.stack.name != *name));
        record.places = whole.places();
        ended.0.remember(&whole.app, desk.write(&record));
    }
    Ok(ended)
}
