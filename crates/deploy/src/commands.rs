//! Runs whole commands except `deploy` and `destroy`: session, plan and queries.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use serde_json::Value;

use crate::assembly::Assembly;
use crate::bindings;
use crate::bootstrap;
use crate::cloud::{AccountRegion, Cloud, Secret};
use crate::delivery::Delivery;
use crate::executor::{NoClusters, Outputs, Report};
use crate::failure::unreadable;
use crate::gate::Gate;
use crate::lock::{self, Holder, LockLocation};
use crate::orphans::{self, Orphans};
use crate::plan::Plan;
use crate::preflight::{self, Finding};
use crate::record::Record;
use crate::regions;
use crate::render;
use crate::retry::retry_throttled;
use crate::session::{Options, Session, lock_locations};
use crate::stop::Stop;
use crate::time::now;

pub use crate::deployment::deploy;

/// Creates the plan for an assembly. It considers the last deployment from this folder.
pub fn plan(folder: &Path, output: &Path) -> Result<Plan> {
    let assembly = Assembly::read(folder)?;
    let last = Record::read(output, &assembly.manifest.app)?;
    Plan::new(&assembly, last.as_ref())
}

/// Creates a plan that changes one region at a time, in the given order.
pub fn plan_by_region(folder: &Path, output: &Path, order: &[String]) -> Result<Plan> {
    let assembly = Assembly::read(folder)?;
    let plan = plan(folder, output)?;
    Ok(Plan { regions: regions::steps(&plan, &assembly, order)?, ..plan })
}

/// The state of an app in AWS.
pub struct Standing {
    /// The ID, name and state of each stack. The state is `None` if the stack does not exist.
    pub stacks: Vec<(String, String, Option<String>)>,
    /// The stacks that remain from earlier outputs.
    pub orphans: Orphans,
    /// The owners of the locks, and the time since their last sign of activity.
    pub holders: Vec<(Holder, Duration)>,
}

/// Returns the states of all stacks of an assembly.
pub fn states(options: &Options<'_>) -> Result<Standing> {
    let session = Session::open(options)?;
    let (Session { assembly, stop, .. }, aws) = (&session, session.aws());
    let last = session.last()?.unwrap_or_default();
    let plan = Plan::new(assembly, None)?;
    session.read(async {
        let mut out = Vec::new();
        for stack in &assembly.manifest.stacks {
            let place = AccountRegion { account: stack.account.clone(), region: stack.region.clone() };
            let found = retry_throttled(stop, async || aws.stack(&place, &stack.name).await).await;
            let state = found.map_err(unreadable)?.map(|found| found.status);
            out.push((stack.id.clone(), stack.name.clone(), state));
        }
        let orphans = orphans::find(aws, assembly, &last).await?;
        // Without permission to read the lock, the command still shows the states.
        let mut holders: Vec<(Holder, Duration)> = Vec::new();
        let buckets = session.buckets(&plan).await.unwrap_or_default();
        for LockLocation { place, bucket } in lock_locations(&buckets, &plan, options.bucket.as_deref()) {
            let object = aws.object(&place, &bucket, &lock::key(&plan.app)).await.ok().flatten();
            let found = object.and_then(|object| Some((lock::holder(&object)?, object.age)));
            holders.extend(found.filter(|(holder, _)| holders.iter().all(|(it, _)| it.token != holder.token)));
        }
        Ok(Standing { stacks: out, orphans, holders })
    })
}

/// Returns the stacks that the assembly no longer contains.
pub fn orphans(options: &Options<'_>) -> Result<Orphans> {
    let session = Session::open(options)?;
    let last = session.last()?.unwrap_or_default();
    session.read(orphans::read(session.aws(), &session.assembly, &last))
}

/// Writes the manifests as they would be applied, with the given outputs or the stack outputs.
/// Returns their number.
pub fn render(
    options: &Options<'_>,
    given: Option<&Path>,
    delivery: Option<&Delivery>,
    folder: &Path,
) -> Result<usize> {
    let session = Session::open(options)?;
    let (Session { assembly, stop, .. }, aws) = (&session, session.aws());
    let plan = Plan::new(assembly, None)?;
    let wanted = render::wanted(assembly);
    let values = match given {
        Some(path) => {
            let text = fs::read_to_string(path).with_context(|| format!("cannot read `{}`", path.display()))?;
            let given = render::given(&text).with_context(|| format!("`{}` cannot be parsed", path.display()))?;
            given.values(assembly, &wanted)?
        }
        None => session.read(async {
            let outputs = live(aws, assembly, stop).await?;
            Ok(bindings::values(aws, assembly, &outputs, &wanted).await?)
        })?,
    };
    let mut files = render::files(assembly, &values)?;
    if let Some(delivery) = delivery {
        files = delivery.files(assembly, &plan, files)?;
    }
    render::write(folder, &files)?;
    Ok(files.len())
}

/// Checks whether a deployment could start. Queries AWS, the clusters, or both.
pub fn preflight(options: &Options<'_>, of_aws: bool, of_clusters: bool) -> Result<Vec<Finding>> {
    let session = Session::open(options)?;
    let (Session { assembly, stop, .. }, aws) = (&session, session.aws());
    let plan = Plan::new(assembly, None)?;
    session.read(async {
        let mut out = Vec::new();
        if of_aws {
            out.extend(preflight::identities(aws, assembly, &plan, options.bucket.as_deref(), now()).await);
        }
        if of_clusters && !plan.clusters.is_empty() {
            let access = &options.clusters;
            // A kubeconfig identifies a cluster without AWS.
            let outputs = match access.is_of_eks() {
                true => live(aws, assembly, stop).await,
                false => Ok(Outputs::new()),
            };
            let outputs = match outputs {
                Ok(outputs) => outputs,
                Err(error) => {
                    // If AWS is checked too, its findings already report this error.
                    out.extend((!of_aws).then(|| preflight::unfound(&plan, &error)));
                    return Ok(out);
                }
            };
            let watch = options.watch;
            let clusters = preflight::ClusterChecks { aws, assembly, access, outputs: &outputs, watch, stop };
            out.extend(clusters.run(&plan).await);
        }
        Ok(out)
    })
}

/// Returns the outputs of all existing stacks.
pub(crate) async fn live(aws: &impl Cloud, assembly: &Assembly, stop: &Stop) -> Result<Outputs> {
    let mut out = Outputs::new();
    for stack in &assembly.manifest.stacks {
        let place = AccountRegion { account: stack.account.clone(), region: stack.region.clone() };
        let found = retry_throttled(stop, async || aws.stack(&place, &stack.name).await).await;
        if let Some(found) = found.map_err(unreadable)? {
            out.insert(stack.id.clone(), found.outputs);
        }
    }
    Ok(out)
}

/// Creates the bucket for large templates in some regions. Each bucket has its own stack.
pub fn bootstrap(options: &Options<'_>, regions: &[String]) -> Result<Report> {
    let session = Session::of(options, bootstrap::assembly(regions));
    let plan = Plan::new(&session.assembly, None)?;
    session.run(async {
        let gate = Gate::open();
        let executor = session.executor(&plan, &NoClusters, &options.settings, options.watch, &gate);
        let report = executor.deploy().await;
        Ok(Report { interrupted: session.stop.is_interrupted(), ..report })
    })
}

/// Parses the identifiers of resources to import: `{"<stack>": {"<resource>": {"<property>": "<value>"}}}`.
///
/// # Errors
///
/// If the text is not JSON of that form. The error names the stack, the resource and the property.
pub fn identifiers(text: &str) -> Result<BTreeMap<(String, String), BTreeMap<String, String>>> {
    const FORM: &str = "the file must have the form `{\"<stack>\": {\"<resource>\": {\"<property>\": \"<value>\"}}}`";
    let value: Value = serde_json::from_str(text).map_err(|error| anyhow!("{FORM}; it is not JSON: {error}"))?;
    let fields = |value: &Value, at: &str| {
        let fields = value.as_object().filter(|it| !it.is_empty()).cloned();
        fields.ok_or_else(|| anyhow!("{FORM}; {at} is {}", described(value)))
    };
    let mut out = BTreeMap::new();
    for (stack, resources) in fields(&value, "the file")? {
        for (resource, properties) in fields(&resources, &format!("`{stack}`"))? {
            let mut identifier = BTreeMap::new();
            for (property, value) in fields(&properties, &format!("`{resource}` of `{stack}`"))? {
                let Some(text) = value.as_str().filter(|text| !text.is_empty()) else {
                    bail!("`{property}` of `{resource}` of `{stack}` must be a string, but is {}", described(&value));
                };
                identifier.insert(property, text.to_owned());
            }
            out.insert((stack.clone(), resource), identifier);
        }
    }
    Ok(out)
}

/// Describes a value for messages. Short values are included.
fn described(value: &Value) -> String {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => format!("`{value}`"),
        Value::String(text) if text.is_empty() => "empty".to_owned(),
        Value::String(_) => "text".to_owned(),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(fields) if fields.is_empty() => "empty".to_owned(),
        Value::Object(_) => "an object".to_owned(),
    }
}

/// Parses parameter values: `{"<stack>": {"<name>": "<value>"}}`.
pub fn parameters(text: &str) -> Result<BTreeMap<(String, String), Secret>> {
    let wanted = || anyhow!("the file must have the form `{{\"<stack>\": {{\"<name>\": \"<value>\"}}}}`");
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
