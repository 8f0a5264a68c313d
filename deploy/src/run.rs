//! Whole commands: a runtime, AWS, the lock, the journal, and the executor between them.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use serde_json::Value;

use crate::assembly::Assembly;
use crate::aws::Aws;
use crate::bindings;
use crate::bootstrap;
use crate::call::{Call, Notes, unreadable};
use crate::cloud::{Cloud, Fault, Place, Secret, Stack};
use crate::clusters;
use crate::delivery::Delivery;
use crate::executor::{NoClusters, Outputs, Report};
use crate::gate::Gate;
use crate::guard::{Site, block_on, block_on_reads, bootstrapped, held, locked, shelves};
use crate::inputs::{Inputs, gather};
use crate::lock::{self, Holder, Shelf};
use crate::mask::Mask;
use crate::orphans::{self, Orphans, Survey};
use crate::plan::Plan;
use crate::reach::{self, Finding};
use crate::record::{self, Desk, Record};
use crate::render;
use crate::retry::patiently;
use crate::watch::{Said, Stop, Watch};

/// The plan for an assembly, its last deployment from here in mind.
pub fn plan(folder: &Path, output: &Path) -> Result<Plan> {
    let assembly = Assembly::read(folder)?;
    let last = Record::read(output, &assembly.manifest.app)?;
    Plan::new(&assembly, last.as_ref())
}

/// Deploys an assembly, by a saved plan if there is one.
pub fn deploy(call: Call<'_>, saved: Option<&Path>) -> Result<Report> {
    let assembly = Assembly::read(&call.folder)?;
    let mask = Mask::new(&assembly, &call.settings.parameters);
    let report = deploy_masked(call, &assembly, &mask, saved).map_err(|error| mask.error(error))?;
    let failed = report.failed.iter().map(|(id, failure)| (id.clone(), mask.failure(failure))).collect();
    Ok(Report { failed, ..report })
}

fn deploy_masked(mut call: Call<'_>, assembly: &Assembly, mask: &Mask, saved: Option<&Path>) -> Result<Report> {
    let last = Record::read(&call.output, &assembly.manifest.app)?.unwrap_or_default();
    let plan = match saved {
        Some(path) => {
            let text = fs::read_to_string(path).with_context(|| format!("cannot read `{}`", path.display()))?;
            Plan::read(&text, assembly).with_context(|| format!("cannot perform `{}`", path.display()))?
        }
        None => Plan::new(assembly, Some(&last))?,
    };
    let desk = Desk::take(&call.output, &plan.app, &call.who)?;
    let notes = Notes::new(&call, &plan.app, mask.clone(), &desk)?;
    let aws = Aws::new(call.access.clone());
    let stop = Stop::default();
    let (mut report, record) = block_on(&stop, call.is_interrupted, async {
        let survey = stop.unless(orphans::survey(&aws, assembly, &last, &stop)).await?;
        let found = stop.unless(found(&aws, &plan, &survey, &stop)).await??;
        call.settings.buckets = match &call.bucket {
            Some(bucket) => plan.places().into_iter().map(|place| (place, bucket.clone())).collect(),
            None => found.buckets.clone(),
        };
        let inputs = Inputs { cloud: &aws, assembly, plan: &plan, settings: &call.settings, there: &found.there };
        let mut wrong = inputs.check();
        wrong.extend(clusters::unready(&plan, &call.ways).await);
        gather(&plan.app, wrong)?;
        let lock = locked(&call, &aws, &plan, &found.buckets, &desk, &notes, &stop).await?;
        let gate = Gate::of(&lock);
        let site = Site { call: &call, aws: &aws, assembly, watch: &notes, stop: &stop, gate: &gate };
        let clusters = site.clusters(desk.folder());
        let executor = site.executor(&plan, &clusters);
        let (mut report, lost) = held(&lock, &stop, &desk, executor.deploy()).await;
        report.lose(&plan.app, lost);
        report.interrupted = stop.is_interrupted();
        if !report.is_fine() {
            return Ok((report, None));
        }
        for (cluster, name) in plan.gone.releases.iter().flat_map(|(id, names)| names.iter().map(move |it| (id, it))) {
            let text = format!(
                "Helm release `{name}` is no longer in the output, and stays: `helm uninstall {name}` removes it"
            );
            notes.say(&Said::Note { at: cluster.clone(), text });
        }
        let record = orphans::tell(&survey, assembly, &last, plan.record(), &notes);
        Ok((report, Some(record)))
    })?;
    if let Some(record) = record {
        report.remember(&plan.app, desk.write(&record));
    }
    Ok(report)
}

/// What is there before a deployment begins.
struct Found {
    /// The stacks of the plan, by id.
    there: BTreeMap<String, Stack>,
    /// The buckets of `meshsynth bootstrap`.
    buckets: BTreeMap<Place, String>,
}

/// Finds the stacks of a plan and the buckets. Where stacks may not be listed, each is asked for that must be known.
async fn found(aws: &Aws, plan: &Plan, survey: &Survey, stop: &Stop) -> Result<Found> {
    let mut found = Found { there: BTreeMap::new(), buckets: BTreeMap::new() };
    for place in plan.places() {
        let listed = match survey.get(&place) {
            Some(Ok(all)) => Some(all),
            Some(Err(error)) if error.fault != Fault::Denied => return Err(unreadable(error.clone())),
            _ => None,
        };
        let one = async |name: &str| match listed {
            Some(all) => Ok(all.iter().find(|stack| stack.name == name).cloned()),
            None => patiently(stop, async || aws.stack(&place, name).await).await.map_err(unreadable),
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

/// How an app stands in AWS.
pub struct Standing {
    /// The id, the name and the state of each stack; no state for those that are not there.
    pub stacks: Vec<(String, String, Option<String>)>,
    /// What is left of earlier outputs.
    pub orphans: Orphans,
    /// Who is at work on it, as far as the locks say, and how long ago that was last heard.
    pub holders: Vec<(Holder, Duration)>,
}

/// The states of all stacks of an assembly, in AWS.
pub fn states(call: &Call<'_>) -> Result<Standing> {
    let assembly = Assembly::read(&call.folder)?;
    let last = Record::read(&call.output, &assembly.manifest.app)?.unwrap_or_default();
    let plan = Plan::new(&assembly, None)?;
    let aws = Aws::new(call.access.clone());
    let stop = Stop::default();
    block_on_reads(call, &stop, async {
        let mut out = Vec::new();
        for stack in &assembly.manifest.stacks {
            let place = Place { account: stack.account.clone(), region: stack.region.clone() };
            let found = patiently(&stop, async || aws.stack(&place, &stack.name).await).await.map_err(unreadable)?;
            out.push((stack.id.clone(), stack.name.clone(), found.map(|found| found.status)));
        }
        let orphans = orphans::find(&aws, &assembly, &last).await?;
        // Whoever may not read the lock sees the states all the same.
        let mut holders: Vec<(Holder, Duration)> = Vec::new();
        let buckets = bootstrapped(&aws, &plan, &stop).await.unwrap_or_default();
        for Shelf { place, bucket } in shelves(&buckets, &plan, call.bucket.as_deref()) {
            let object = aws.object(&place, &bucket, &lock::key(&plan.app)).await.ok().flatten();
            let found = object.and_then(|object| Some((lock::holder(&object)?, object.age)));
            holders.extend(found.filter(|(holder, _)| holders.iter().all(|(it, _)| it.token != holder.token)));
        }
        Ok(Standing { stacks: out, orphans, holders })
    })
}

/// The stacks that the assembly no longer has.
pub fn orphans(call: &Call<'_>) -> Result<Orphans> {
    let assembly = Assembly::read(&call.folder)?;
    let last = Record::read(&call.output, &assembly.manifest.app)?.unwrap_or_default();
    let aws = Aws::new(call.access.clone());
    block_on_reads(call, &Stop::default(), orphans::read(&aws, &assembly, &last))
}

/// Writes the manifests as they would be applied, with given outputs or those of the stacks; answers how many.
pub fn render(call: &Call<'_>, given: Option<&Path>, delivery: Option<&Delivery>, folder: &Path) -> Result<usize> {
    let assembly = Assembly::read(&call.folder)?;
    let plan = Plan::new(&assembly, None)?;
    let wanted = render::wanted(&assembly);
    let values = match given {
        Some(path) => {
            let text = fs::read_to_string(path).with_context(|| format!("cannot read `{}`", path.display()))?;
            let given = render::given(&text).with_context(|| format!("`{}` is not readable", path.display()))?;
            given.values(&assembly, &wanted)?
        }
        None => {
            let (aws, stop) = (Aws::new(call.access.clone()), Stop::default());
            block_on_reads(call, &stop, async {
                let outputs = live(&aws, &assembly, &stop).await?;
                Ok(bindings::values(&aws, &assembly, &outputs, &wanted).await?)
            })?
        }
    };
    let mut files = render::files(&assembly, &values)?;
    if let Some(delivery) = delivery {
        files = delivery.files(&assembly, &plan, files)?;
    }
    render::write(folder, &files)?;
    Ok(files.len())
}

/// Looks whether a deployment could begin: at AWS, at the clusters, or at both.
pub fn reach(call: &Call<'_>, of_aws: bool, of_clusters: bool) -> Result<Vec<Finding>> {
    let assembly = Assembly::read(&call.folder)?;
    let plan = Plan::new(&assembly, None)?;
    let aws = Aws::new(call.access.clone());
    let stop = Stop::default();
    block_on_reads(call, &stop, async {
        let mut out = Vec::new();
        if of_aws {
            out.extend(reach::identities(&aws, &assembly, &plan, call.bucket.as_deref(), record::now()).await);
        }
        if of_clusters && !plan.clusters.is_empty() {
            // A kubeconfig names a cluster without asking AWS.
            let is_asked = call.ways.kubeconfig.is_none() && call.ways.context.is_none();
            let outputs = match is_asked {
                true => live(&aws, &assembly, &stop).await,
                false => Ok(Outputs::new()),
            };
            let outputs = match outputs {
                Ok(outputs) => outputs,
                Err(error) => {
                    // Whoever asked AWS as well knows already.
                    out.extend((!of_aws).then(|| reach::unfound(&plan, &error)));
                    return Ok(out);
                }
            };
            let (ways, watch) = (&call.ways, call.watch);
            let clusters =
                reach::Clusters { aws: &aws, assembly: &assembly, ways, outputs: &outputs, watch, stop: &stop };
            out.extend(clusters.look(&plan).await);
        }
        Ok(out)
    })
}

/// The outputs of all stacks that are there.
pub(crate) async fn live(aws: &Aws, assembly: &Assembly, stop: &Stop) -> Result<Outputs> {
    let mut out = Outputs::new();
    for stack in &assembly.manifest.stacks {
        let place = Place { account: stack.account.clone(), region: stack.region.clone() };
        let found = patiently(stop, async || aws.stack(&place, &stack.name).await).await;
        if let Some(found) = found.map_err(unreadable)? {
            out.insert(stack.id.clone(), found.outputs);
        }
    }
    Ok(out)
}

/// Makes what large templates need, in some regions: a bucket of its own stack.
pub fn bootstrap(call: &Call<'_>, regions: &[String]) -> Result<Report> {
    let assembly = bootstrap::assembly(regions);
    let plan = Plan::new(&assembly, None)?;
    let aws = Aws::new(call.access.clone());
    let stop = Stop::default();
    block_on(&stop, call.is_interrupted, async {
        let gate = Gate::open();
        let site = Site { call, aws: &aws, assembly: &assembly, watch: call.watch, stop: &stop, gate: &gate };
        let executor = site.executor(&plan, &NoClusters);
        let report = executor.deploy().await;
        Ok(Report { interrupted: stop.is_interrupted(), ..report })
    })
}

/// Reads values of parameters: `{"<stack>": {"<name>": "<value>"}}`.
pub fn parameters(text: &str) -> Result<BTreeMap<(String, String), Secret>> {
    let wanted = || anyhow!("the file must read `{{\"<stack>\": {{\"<name>\": \"<value>\"}}}}`");
    let value: Value = serde_json::from_str(text).map_err(|_| wanted())?;
    let mut out = BTreeMap::new();
    for (stack, names) in value.as_object().ok_or_else(wanted)? {
        for (name, value) in names.as_object().ok_or_else(wanted)? {
            let value = value.as_str().ok_or_else(wanted)?;
            out.insert((stack.clone(), name.clone()), Secret(value.to_owned()));
        }
    }
    Ok(out)
}
