//! Whole commands: a runtime, AWS, the lock, the journal, and the executor between them.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use serde_json::Value;

use crate::assembly::Assembly;
use crate::aws::{Access, Aws};
use crate::bindings;
use crate::bootstrap;
use crate::cloud::{Cloud, CloudError, Fault, Place, Secret};
use crate::clusters::{Real, Ways};
use crate::delivery::Delivery;
use crate::executor::{Executor, NoClusters, Outputs, Report};
use crate::failure::Failure;
use crate::guard::{block_on, bootstrapped, held, locked, places, shelves};
use crate::lock::{self, Holder, Pulse, Shelf};
use crate::plan::Plan;
use crate::reach::{self, Finding};
use crate::record::{self, Desk, Record};
use crate::render;
use crate::stack::{Remnants, Settings};
use crate::watch::{Answer, Question, Said, Stop, Watch};

/// How many stacks are at work at a time: more would only be throttled.
const SIDE_BY_SIDE: usize = 8;

/// What every command needs.
pub struct Call<'a> {
    /// The folder of the assembly.
    pub folder: PathBuf,
    /// The folder of all outputs: lock and journal lie below it.
    pub output: PathBuf,
    /// How stacks are deployed.
    pub settings: Settings,
    /// How AWS is reached.
    pub access: Access,
    /// A bucket for large templates, in every region; none for those of `meshsynth bootstrap`.
    pub bucket: Option<String>,
    /// How clusters are reached.
    pub ways: Ways,
    /// Who runs it, for whoever finds it locked.
    pub who: String,
    /// Whether the lock is taken from whoever holds it.
    pub breaks_lock: bool,
    /// Who is told and asked.
    pub watch: &'a dyn Watch,
    /// Whether somebody wishes to end.
    pub is_interrupted: fn() -> bool,
}

/// The plan for an assembly, its last deployment from here in mind.
pub fn plan(folder: &Path, output: &Path) -> Result<Plan> {
    let assembly = Assembly::read(folder)?;
    let last = Record::read(output, &assembly.manifest.app)?;
    Plan::new(&assembly, last.as_ref())
}

/// Deploys an assembly, by a saved plan if there is one.
pub fn deploy(mut call: Call<'_>, saved: Option<&Path>) -> Result<Report> {
    let assembly = Assembly::read(&call.folder)?;
    let plan = match saved {
        Some(path) => {
            let text = fs::read_to_string(path).with_context(|| format!("cannot read `{}`", path.display()))?;
            Plan::read(&text, &assembly).with_context(|| format!("cannot perform `{}`", path.display()))?
        }
        None => Plan::new(&assembly, Record::read(&call.output, &assembly.manifest.app)?.as_ref())?,
    };
    let desk = Desk::take(&call.output, &plan.app, &call.who)?;
    let notes = Notes::new(&call, &desk)?;
    let aws = Aws::new(call.access.clone());
    let stop = Stop::default();
    let report = block_on(&stop, call.is_interrupted, async {
        let buckets = bootstrapped(&aws, &plan).await?;
        let lock = locked(&call, &aws, &plan, &buckets, &desk, &notes).await?;
        call.settings.buckets = match &call.bucket {
            Some(bucket) => places(&plan).into_iter().map(|place| (place, bucket.clone())).collect(),
            None => buckets,
        };
        let clusters = Real {
            aws: &aws,
            assembly: &assembly,
            ways: &call.ways,
            watch: &notes,
            stop: &stop,
            folder: desk.folder().to_owned(),
        };
        let executor = Executor {
            cloud: &aws,
            clusters: &clusters,
            assembly: &assembly,
            plan: &plan,
            settings: &call.settings,
            watch: &notes,
            stop: &stop,
            side_by_side: SIDE_BY_SIDE,
        };
        let (mut report, lost) = held(&lock, &stop, &desk, executor.deploy()).await;
        report.lose(&plan.app, lost);
        Ok(report)
    })?;
    if report.is_fine() {
        desk.write(&Record::of(&plan))?;
    }
    Ok(report)
}

/// Deletes all stacks of an assembly; answers what stays in AWS, by stack.
pub fn destroy(call: &Call<'_>) -> Result<(Report, Remnants)> {
    let assembly = Assembly::read(&call.folder)?;
    let plan = Plan::new(&assembly, None)?;
    let desk = Desk::take(&call.output, &plan.app, &call.who)?;
    let notes = Notes::new(call, &desk)?;
    let aws = Aws::new(call.access.clone());
    let stop = Stop::default();
    let ended = block_on(&stop, call.is_interrupted, async {
        let buckets = bootstrapped(&aws, &plan).await?;
        let lock = locked(call, &aws, &plan, &buckets, &desk, &notes).await?;
        let clusters = Real {
            aws: &aws,
            assembly: &assembly,
            ways: &call.ways,
            watch: &notes,
            stop: &stop,
            folder: desk.folder().to_owned(),
        };
        let executor = Executor {
            cloud: &aws,
            clusters: &NoClusters,
            assembly: &assembly,
            plan: &plan,
            settings: &call.settings,
            watch: &notes,
            stop: &stop,
            side_by_side: SIDE_BY_SIDE,
        };
        let work = async {
            let outputs = if plan.clusters.is_empty() { Outputs::new() } else { live(&aws, &assembly).await? };
            // Clusters go first: what their controllers made in AWS would keep the stacks from going.
            let mut report = Report::default();
            for step in &plan.clusters {
                notes.say(&Said::Began { at: step.id.clone() });
                match clusters.destroy(step, &outputs).await {
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
            if !report.failed.is_empty() {
                report.skipped = plan.stacks.iter().map(|stack| stack.id.clone()).collect();
                return anyhow::Ok((report, Vec::new()));
            }
            let (stacks, remnants) = executor.destroy().await;
            report.done.extend(stacks.done);
            Ok((Report { done: report.done, ..stacks }, remnants))
        };
        let (ended, lost) = held(&lock, &stop, &desk, work).await;
        let (mut report, remnants): (Report, Remnants) = ended?;
        report.lose(&plan.app, lost);
        Ok((report, remnants))
    })?;
    if ended.0.is_fine() {
        desk.write(&Record::default())?;
    }
    Ok(ended)
}

/// How an app stands in AWS.
pub struct Standing {
    /// The id, the name and the state of each stack; no state for those that are not there.
    pub stacks: Vec<(String, String, Option<String>)>,
    /// Who is at work on it, as far as the locks say, and how long ago that was last heard.
    pub holders: Vec<(Holder, Duration)>,
}

/// The states of all stacks of an assembly, in AWS.
pub fn states(call: &Call<'_>) -> Result<Standing> {
    let assembly = Assembly::read(&call.folder)?;
    let plan = Plan::new(&assembly, None)?;
    let aws = Aws::new(call.access.clone());
    block_on(&Stop::default(), call.is_interrupted, async {
        let mut out = Vec::new();
        for stack in &assembly.manifest.stacks {
            let place = Place { account: stack.account.clone(), region: stack.region.clone() };
            let found = aws.stack(&place, &stack.name).await.map_err(unreadable)?;
            out.push((stack.id.clone(), stack.name.clone(), found.map(|found| found.status)));
        }
        // Whoever may not read the lock sees the states all the same.
        let mut holders: Vec<(Holder, Duration)> = Vec::new();
        let buckets = bootstrapped(&aws, &plan).await.unwrap_or_default();
        for Shelf { place, bucket } in shelves(&buckets, &plan, call.bucket.as_deref()) {
            let object = aws.object(&place, &bucket, &lock::key(&plan.app)).await.ok().flatten();
            let found = object.and_then(|object| Some((lock::holder(&object)?, object.age)));
            holders.extend(found.filter(|(holder, _)| holders.iter().all(|(it, _)| it.token != holder.token)));
        }
        Ok(Standing { stacks: out, holders })
    })
}

/// Writes the manifests as they would be applied, with given outputs or those of the stacks; answers how many.
pub fn render(call: &Call<'_>, given: Option<&Path>, delivery: Option<&Delivery>, folder: &Path) -> Result<usize> {
    let assembly = Assembly::read(&call.folder)?;
    let plan = Plan::new(&assembly, None)?;
    let aws = Aws::new(call.access.clone());
    let values = block_on(&Stop::default(), call.is_interrupted, async {
        let (outputs, known) = match given {
            Some(path) => {
                let text = fs::read_to_string(path).with_context(|| format!("cannot read `{}`", path.display()))?;
                render::outputs(&text).with_context(|| format!("`{}` is not readable", path.display()))?
            }
            None => (live(&aws, &assembly).await?, BTreeMap::new()),
        };
        let paths = assembly.files.iter().filter(|(path, _)| path.starts_with("k8s/") || path.starts_with("helm/"));
        let texts: Vec<&String> = paths.map(|(_, text)| text).collect();
        let is_in = |key: &&String| texts.iter().any(|text| text.contains(key.as_str()));
        let is_open = |key: &&String| !known.contains_key(*key);
        let wanted = assembly.bindings.keys().filter(is_in).filter(is_open).cloned().collect();
        let mut values = bindings::values(&aws, &assembly, &outputs, &wanted).await?;
        values.extend(known);
        Ok(values)
    })?;
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
    block_on(&stop, call.is_interrupted, async {
        let mut out = Vec::new();
        if of_aws {
            out.extend(reach::identities(&aws, &assembly, &plan, call.bucket.as_deref(), record::now()).await);
        }
        if of_clusters && !plan.clusters.is_empty() {
            // A kubeconfig names a cluster without asking AWS.
            let is_asked = call.ways.kubeconfig.is_none() && call.ways.context.is_none();
            let outputs = match is_asked {
                true => live(&aws, &assembly).await,
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
async fn live(aws: &Aws, assembly: &Assembly) -> Result<Outputs> {
    let mut out = Outputs::new();
    for stack in &assembly.manifest.stacks {
        let place = Place { account: stack.account.clone(), region: stack.region.clone() };
        if let Some(found) = aws.stack(&place, &stack.name).await.map_err(unreadable)? {
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
        let executor = Executor {
            cloud: &aws,
            clusters: &NoClusters,
            assembly: &assembly,
            plan: &plan,
            settings: &call.settings,
            watch: call.watch,
            stop: &stop,
            side_by_side: SIDE_BY_SIDE,
        };
        Ok(executor.deploy().await)
    })
}

pub(crate) fn unreadable(error: CloudError) -> anyhow::Error {
    let text = match error.fault {
        Fault::Credentials => "not signed in to AWS, so nothing was begun",
        _ => "AWS does not answer as it should, and nothing was begun",
    };
    Failure::call(text, &error).into()
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

/// Writes down what is said, and passes it on.
pub(crate) struct Notes<'a> {
    journal: RefCell<File>,
    run: String,
    inner: &'a dyn Watch,
    /// When the lock was last known to be ours.
    pub(crate) pulse: Pulse,
}

impl<'a> Notes<'a> {
    fn new(call: &Call<'a>, desk: &Desk) -> Result<Self> {
        let (journal, run) = (RefCell::new(desk.journal()?), call.settings.run.clone());
        Ok(Self { journal, run, inner: call.watch, pulse: Pulse::default() })
    }
}

impl Watch for Notes<'_> {
    fn say(&self, said: &Said) {
        // What it waits for is for the screen alone. A journal that cannot be written stops no deployment.
        if !matches!(said, Said::Doing { .. }) {
            let _ = self.journal.borrow_mut().write_all(record::line(&self.run, said).as_bytes());
        }
        self.inner.say(said);
    }

    fn ask(&self, question: &Question) -> Answer {
        match self.inner.ask(question) {
            Answer::Yes if self.pulse.is_late() => {
                let text = "the answer came so late that the lock may be another's by now: nothing is done by it";
                self.say(&Said::Note { at: question.at.clone(), text: text.to_owned() });
                Answer::No
            }
            answer => answer,
        }
    }
}
